/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-permission.h"

#include <glib/gi18n-lib.h>

/* SCOPES.md 2 */
static const OauthPermission permissions[] = {
	{"User.Read", N_("Signs you in and reads your own name and address."),
	 N_("It is always needed, to know whose mailbox it is."), TRUE, FALSE, TRUE},
	{"Mail.Read", N_("Reads your folders and messages."), N_("It is needed to show mail; nothing can be changed."),
	 TRUE, FALSE, TRUE},
	{"Mail.ReadWrite", N_("Reads, changes, moves and deletes your messages and folders, and keeps drafts."),
	 N_("It is needed to mark mail as read, to file and delete it, and to send large mail."), TRUE, FALSE, TRUE},
	{"Mail.Send", N_("Sends mail as you."), N_("It is needed to send."), TRUE, FALSE, TRUE},
	{"Mail.Read.Shared", N_("Reads your mail and the mail of mailboxes that are shared with you."),
	 N_("It is needed to show shared mailboxes."), TRUE, TRUE, TRUE},
	{"Mail.ReadWrite.Shared",
	 N_("Reads, changes, moves and deletes your mail and the mail of mailboxes that are shared with you."),
	 N_("It is needed to work in shared mailboxes."), TRUE, TRUE, TRUE},
	{"Mail.Send.Shared", N_("Sends mail as you, and for others who allow it."),
	 N_("It is needed to send from a shared mailbox."), TRUE, TRUE, TRUE},
	{"MailboxSettings.Read", N_("Reads your automatic reply, time zone, categories and rules."),
	 N_("It is needed to show the automatic reply and the colours of categories."), TRUE, FALSE, FALSE},
	{"MailboxSettings.ReadWrite", N_("Reads and changes your automatic reply, time zone, categories and rules."),
	 N_("It is needed to set the automatic reply and the categories; some organizations let only an administrator "
	    "agree to it."),
	 TRUE, FALSE, FALSE},
	{"MailFolders.Read", N_("Microsoft has no such permission, although some guides name it."),
	 N_("It is never asked for: Mail.Read opens the folders, too."), FALSE, FALSE, FALSE},
	{"MailFolders.ReadWrite", N_("Microsoft has no such permission, although some guides name it."),
	 N_("It is never asked for: Mail.ReadWrite makes, moves and deletes folders, too."), FALSE, FALSE, FALSE},
	{"Contacts.Read", N_("Reads your contacts."), N_("It is needed to look up addresses among your contacts."),
	 TRUE, FALSE, FALSE},
	{"Contacts.ReadWrite", N_("Reads and changes your contacts."),
	 N_("It is needed to change contacts in the address book."), TRUE, FALSE, FALSE},
	{"Contacts.Read.Shared", N_("Reads your contacts and those that others share with you."),
	 N_("It is needed to look up addresses among shared contacts."), TRUE, TRUE, FALSE},
	{"Contacts.ReadWrite.Shared", N_("Reads and changes your contacts and those that others share with you."),
	 N_("It is needed to change shared contacts in the address book."), TRUE, TRUE, FALSE},
	{"User.ReadBasic.All", N_("Reads the names and addresses of the people of your organization."),
	 N_("It is needed to complete addresses from the organization's directory."), TRUE, TRUE, FALSE},
	{NULL, NULL, NULL, FALSE, FALSE, FALSE},
};

/* SCOPES.md 4: the smallest useful sets */
static const char *const read_only[] = {"User.Read", "Mail.Read", NULL};
static const char *const mail[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", NULL};
static const char *const mail_and_contacts[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", "Contacts.ReadWrite", NULL};
static const char *const everything_at_work[] = {"User.Read",
						 "Mail.ReadWrite.Shared",
						 "Mail.Send.Shared",
						 "MailboxSettings.ReadWrite",
						 "Contacts.ReadWrite.Shared",
						 "User.ReadBasic.All",
						 NULL};
static const char *const everything_personal[] = {
	"User.Read", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.ReadWrite", "Contacts.ReadWrite", NULL};

static const OauthPermissionSet sets[] = {
	{"read-only", N_("Read mail only"), read_only, read_only},
	{"mail", N_("Mail"), mail, mail},
	{"mail-and-contacts", N_("Mail and contacts"), mail_and_contacts, mail_and_contacts},
	{"everything", N_("Everything"), everything_at_work, everything_personal},
	{NULL, NULL, NULL, NULL},
};

const OauthPermission *
oauth_permission_list(void)
{
	return permissions;
}

const OauthPermission *
oauth_permission_find(const char *name)
{
	for (const OauthPermission *one = permissions; name != NULL && one->name != NULL; one++) {
		if (g_ascii_strcasecmp(one->name, name) == 0)
			return one;
	}
	return NULL;
}

const OauthPermissionSet *
oauth_permission_list_sets(void)
{
	return sets;
}

const char *const *
oauth_permission_find_set(const char *id, OauthAudience audience)
{
	for (const OauthPermissionSet *set = sets; set->id != NULL; set++) {
		if (g_strcmp0(set->id, id) == 0)
			return audience == OAUTH_AUDIENCE_PERSONAL ? set->personal : set->work;
	}
	return NULL;
}
