/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-probe.h"

#include <glib/gi18n-lib.h>

#include "graph-folder.h"
#include "graph-user.h"
#include "oauth-error.h"

typedef struct {
	OauthSession *session;
	GraphClient *client;
	GCancellable *cancellable;
} Walk;

/* Yields what was found, translated, or %NULL with an error */
typedef char *(*Try)(Walk *walk, GError **error);

static char *
try_identity(Walk *walk, GError **error)
{
	g_autoptr(OauthIdentity) identity = NULL;
	g_autofree char *reason = NULL;

	if (!oauth_session_load(walk->session, walk->cancellable, error))
		return NULL;
	if (oauth_session_get_state(walk->session) != OAUTH_STATE_SIGNED_IN) {
		reason = oauth_session_get_last_error(walk->session);
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED,
				    reason != NULL ? reason : _("Nobody is signed in."));
		return NULL;
	}
	identity = oauth_session_get_identity(walk->session);
	return g_strdup(identity != NULL && identity->username != NULL ? identity->username : "");
}

static char *
try_token(Walk *walk, GError **error)
{
	return oauth_session_renew(walk->session, walk->cancellable, error) ? g_strdup("") : NULL;
}

static char *
try_profile(Walk *walk, GError **error)
{
	g_autoptr(GraphUser) user = graph_user_get_me(walk->client, walk->cancellable, error);

	if (user == NULL)
		return NULL;
	return g_strdup(user->mail != NULL ? user->mail : user->principal_name != NULL ? user->principal_name : "");
}

static char *
try_mailbox(Walk *walk, GError **error)
{
	g_autoptr(GraphFolder) inbox = graph_folder_get(walk->client, "inbox", walk->cancellable, error);

	if (inbox == NULL)
		return NULL;
	return g_strdup_printf(ngettext("%u message in the Inbox", "%u messages in the Inbox", inbox->total),
			       inbox->total);
}

static char *
try_folders(Walk *walk, GError **error)
{
	g_autoptr(GPtrArray) folders = graph_folder_list(walk->client, walk->cancellable, error);

	if (folders == NULL)
		return NULL;
	return g_strdup_printf(ngettext("%u folder", "%u folders", folders->len), folders->len);
}

static char *
try_send(Walk *walk, GError **error)
{
	return g_strdup(_("allowed; nothing was sent"));
}

static char *
try_contacts(Walk *walk, GError **error)
{
	g_autoptr(JsonObject) answer =
		graph_client_get(walk->client, "/contacts?$top=1&$select=id", 0, walk->cancellable, error);

	return answer != NULL ? g_strdup("") : NULL;
}

static char *
try_settings(Walk *walk, GError **error)
{
	g_autoptr(JsonObject) answer = graph_client_get(walk->client, "/mailboxSettings", 0, walk->cancellable, error);

	return answer != NULL ? g_strdup("") : NULL;
}

/* @scope: (nullable): without it there is nothing to try. @vital: nothing that follows can work without it. */
static const struct {
	const char *name;
	Try try;
	const char *scope;
	gboolean vital;
} probes[STORE_N_PROBES] = {
	[STORE_PROBE_IDENTITY] = {N_("Signed in"), try_identity, NULL, TRUE},
	[STORE_PROBE_TOKEN] = {N_("Access renewed"), try_token, NULL, TRUE},
	[STORE_PROBE_PROFILE] = {N_("Profile"), try_profile, "User.Read", FALSE},
	[STORE_PROBE_MAILBOX] = {N_("Mailbox"), try_mailbox, NULL, FALSE},
	[STORE_PROBE_FOLDERS] = {N_("Folders"), try_folders, NULL, FALSE},
	[STORE_PROBE_SEND] = {N_("Right to send"), try_send, "Mail.Send", FALSE},
	[STORE_PROBE_CONTACTS] = {N_("Contacts"), try_contacts, "Contacts.Read", FALSE},
	[STORE_PROBE_SETTINGS] = {N_("Mailbox settings"), try_settings, "MailboxSettings.Read", FALSE},
};

const char *
store_probe_get_name(StoreProbe probe)
{
	g_return_val_if_fail(probe < STORE_N_PROBES, NULL);

	return _(probes[probe].name);
}

gboolean
store_probe_run(OauthSession *session, GraphClient *client, StoreProbeTold told, gpointer user_data,
		GCancellable *cancellable, GError **error)
{
	Walk walk = {session, client, cancellable};
	gboolean lost = FALSE;

	for (guint i = 0; i < STORE_N_PROBES; i++) {
		g_autoptr(GError) failure = NULL;
		g_autofree char *detail = NULL;

		if (lost) {
			told(i, STORE_PROBE_NOT_REACHED, NULL, NULL, user_data);
			continue;
		}
		if (probes[i].scope != NULL && !oauth_session_has_scope(session, probes[i].scope)) {
			told(i, STORE_PROBE_NOT_ALLOWED, NULL, NULL, user_data);
			continue;
		}
		told(i, STORE_PROBE_STARTED, NULL, NULL, user_data);
		detail = probes[i].try(&walk, &failure);
		if (detail != NULL) {
			told(i, STORE_PROBE_GOOD, *detail != '\0' ? detail : NULL, NULL, user_data);
		} else {
			told(i, STORE_PROBE_FAILED, NULL, failure, user_data);
			lost = probes[i].vital;
		}
		lost = lost || g_cancellable_is_cancelled(cancellable);
	}
	return !g_cancellable_set_error_if_cancelled(cancellable, error);
}
