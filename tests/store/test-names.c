/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "agreement.h"

/* What people call things, and what programs make of it: from the service's JSON to what a host is shown. */

#define NAMELESS "   "

static const char *const names[] = {
	"2024/2025",
	"/",
	"..",
	".",
	".hidden",
	"../../../etc/passwd",
	"Ünïcödé 📨👩‍👩‍👧",
	"عربي",
	NAMELESS,
	"C:\\Temp\\*?<>|\"",
	"%s%n%d",
	"'; DROP TABLE folders; --",
	"#outlook/Outlook/Inbox",
};

static void
create(Home *home, const char *name)
{
	g_autoptr(GError) error = NULL;

	g_free(simulator_create_folder(home->simulator, SIMULATOR_USER, "Inbox", name, &error));
	g_assert_no_error(error);
}

static const StoreFolder *
find(GPtrArray *folders, const char *name)
{
	const StoreFolder *found = NULL;

	for (guint i = 0; i < folders->len; i++) {
		const StoreFolder *folder = g_ptr_array_index(folders, i);

		if (!g_str_equal(folder->name, name))
			continue;
		g_assert_null(found);
		found = folder;
	}
	return found;
}

static void
assert_agreed(Home *home)
{
	g_autoptr(GHashTable) counted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *difference = NULL;

	home_check(home);
	g_assert_cmpuint(home->refused->len, ==, 0);
	g_assert_cmpuint(store_account_count_waiting(home->account), ==, 0);
	difference = agreement_find_difference(home, counted);
	g_assert_cmpstr(difference, ==, NULL);
}

static void
test_folders_keep_their_names(Home *home, gconstpointer data)
{
	g_autoptr(GPtrArray) folders = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		create(home, names[i]);
	home_check(home);
	folders = store_account_list_folders(home->account, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		const StoreFolder *folder = find(folders, names[i]);

		g_test_message("%s", names[i]);
		g_assert_nonnull(folder);
		g_assert_cmpint(folder->parent, ==, store_account_find_role(home->account, STORE_ROLE_INBOX));
	}
	assert_agreed(home);
}

/* The same names the other way, with a mail in each: nothing of a name gets into a path. Only blanks are no name. */
static void
test_folders_are_made_with_any_name(Home *home, gconstpointer data)
{
	g_autoptr(GPtrArray) folders = NULL;

	home_check(home);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GError) error = NULL;
		gint64 inbox = store_account_find_role(home->account, STORE_ROLE_INBOX);
		gint64 made = store_account_create_folder(home->account, inbox, names[i], &error);

		g_test_message("%s", names[i]);
		if (g_str_equal(names[i], NAMELESS)) {
			g_assert_cmpint(made, ==, 0);
			g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
			continue;
		}
		g_assert_no_error(error);
		g_assert_cmpint(made, !=, 0);
		home_append(home, made, "Mail", STORE_FLAG_READ);
	}
	assert_agreed(home);
	folders = store_account_list_folders(home->account, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		const StoreFolder *folder = find(folders, names[i]);
		g_autoptr(GPtrArray) mails = NULL;

		if (g_str_equal(names[i], NAMELESS)) {
			g_assert_null(folder);
			continue;
		}
		g_assert_nonnull(folder);
		mails = store_account_list_messages(home->account, folder->key, NULL, NULL);
		g_assert_cmpuint(mails->len, ==, 1);
	}
}

static void
test_a_long_name_is_one(Home *home, gconstpointer data)
{
	g_autoptr(GString) longest = g_string_new(NULL);
	g_autoptr(GPtrArray) folders = NULL;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < 255; i++)
		g_string_append(longest, "ü");
	create(home, longest->str);
	home_check(home);
	folders = store_account_list_folders(home->account, NULL);
	g_assert_nonnull(find(folders, longest->str));
	g_string_append(longest, "ü");
	g_assert_cmpint(store_account_create_folder(home->account, 0, longest->str, &error), ==, 0);
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
}

/* The service has no two of them; one that a host makes it hears of at once. */
static void
test_names_that_differ_in_case_are_one(Home *home, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	gint64 inbox;

	create(home, "Work");
	home_check(home);
	inbox = store_account_find_role(home->account, STORE_ROLE_INBOX);
	g_assert_cmpint(store_account_create_folder(home->account, inbox, "WORK", &error), ==, 0);
	g_assert_error(error, STORE_ERROR, STORE_ERROR_REFUSED);
}

/* A service that has them all the same. */
static void
test_names_that_differ_in_case_are_two_folders(Home *home, gconstpointer data)
{
	static const char list[] =
		"{\"path\": \"/mailFolders\", \"method\": \"GET\", \"count\": 1, \"status\": 200, \"body\": "
		"{\"value\": ["
		"{\"id\": \"a\", \"displayName\": \"Work\", \"parentFolderId\": \"r\", \"childFolderCount\": 0,"
		" \"unreadItemCount\": 0, \"totalItemCount\": 0, \"isHidden\": false},"
		"{\"id\": \"b\", \"displayName\": \"WORK\", \"parentFolderId\": \"r\", \"childFolderCount\": 0,"
		" \"unreadItemCount\": 0, \"totalItemCount\": 0, \"isHidden\": false},"
		"{\"id\": \"c\", \"displayName\": \"two\\nlines\\u0000and more\", \"parentFolderId\": \"r\","
		" \"childFolderCount\": 0, \"unreadItemCount\": 0, \"totalItemCount\": 0, \"isHidden\": false}]}}";
	g_autoptr(GPtrArray) folders = NULL;
	g_autoptr(GError) error = NULL;

	simulator_add_fault(home->simulator, list, &error);
	g_assert_no_error(error);
	store_account_check(home->account, 0, FALSE, NULL, NULL);
	folders = store_account_list_folders(home->account, NULL);
	g_assert_nonnull(find(folders, "Work"));
	g_assert_nonnull(find(folders, "WORK"));
	g_assert_cmpuint(folders->len, ==, 3);
	for (guint i = 0; i < folders->len; i++) {
		const char *name = ((StoreFolder *)g_ptr_array_index(folders, i))->name;

		g_assert_null(strpbrk(name, "\r\n"));
	}
}

static gboolean
is_clean(const char *text)
{
	if (text == NULL)
		return TRUE;
	if (!g_utf8_validate(text, -1, NULL))
		return FALSE;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (g_unichar_iscntrl(g_utf8_get_char(p)))
			return FALSE;
	}
	return TRUE;
}

static void
test_oddities_in_an_envelope_are_shown_as_text(Home *home, gconstpointer data)
{
	static const char page[] =
		"{\"path\": \"/messages/delta\", \"count\": 1, \"status\": 200, \"body\": {\"@odata.deltaLink\":"
		" \"%s/v1.0/me/mailFolders/x/messages/delta?$deltatoken=x\", \"value\": ["
		"{\"id\": \"one\", \"subject\": \"one\\ntwo\\r\\nthree\\u0000four\\u0007\", \"isRead\": false,"
		" \"isDraft\": false, \"receivedDateTime\": \"2026-03-03T09:00:00Z\","
		" \"from\": {\"emailAddress\": {\"name\": \"No\\nAddress\"}},"
		" \"toRecipients\": [{\"emailAddress\": {}}, {}, {\"emailAddress\": {\"address\": \"\", \"name\": "
		"\"\"}},"
		" {\"emailAddress\": {\"address\": \"a@b\\u0000.example\\r\\nBcc: x@y\", \"name\": null}},"
		" {\"emailAddress\": null}], \"ccRecipients\": [], \"replyTo\": null,"
		" \"internetMessageId\": \"<a\\n@b>\", \"categories\": [\"x\\ny\", \"\"]},"
		"{\"id\": \"two\", \"subject\": null, \"from\": null, \"sender\": null, \"toRecipients\": null,"
		" \"isRead\": true, \"isDraft\": false, \"receivedDateTime\": \"2026-03-03T09:00:00Z\"}]}}";
	g_autofree char *fault = g_strdup_printf(page, simulator_get_origin(home->simulator));
	g_autoptr(GPtrArray) messages = NULL;
	g_autoptr(GError) error = NULL;
	gint64 inbox;

	simulator_add_fault(home->simulator, fault, &error);
	g_assert_no_error(error);
	store_account_check(home->account, 0, FALSE, NULL, NULL);
	inbox = store_account_find_role(home->account, STORE_ROLE_INBOX);
	messages = store_account_list_messages(home->account, inbox, NULL, NULL);
	g_assert_cmpuint(messages->len, ==, 2);
	for (guint i = 0; i < messages->len; i++) {
		const StoreMessage *message = g_ptr_array_index(messages, i);

		g_test_message("%s|%s|%s|%s", message->subject, message->from, message->to, message->message_id);
		g_assert_true(is_clean(message->subject));
		g_assert_true(is_clean(message->from));
		g_assert_true(is_clean(message->to));
		g_assert_true(is_clean(message->cc));
		g_assert_true(is_clean(message->reply_to));
		g_assert_true(is_clean(message->message_id));
		for (guint j = 0; message->categories[j] != NULL; j++)
			g_assert_true(is_clean(message->categories[j]));
	}
	g_assert_true(g_str_has_prefix(((StoreMessage *)g_ptr_array_index(messages, 0))->subject, "one two"));
	g_assert_nonnull(strstr(((StoreMessage *)g_ptr_array_index(messages, 0))->from, "No Address"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add("/store/names/" name, Home, NULL, home_set_up, test, home_tear_down)
	ADD("folders keep their names", test_folders_keep_their_names);
	ADD("folders are made with any name", test_folders_are_made_with_any_name);
	ADD("a name of 255 characters is one, a longer one is not", test_a_long_name_is_one);
	ADD("names that differ in case are one for who makes them", test_names_that_differ_in_case_are_one);
	ADD("names that differ in case are two folders where the service has them",
	    test_names_that_differ_in_case_are_two_folders);
	ADD("oddities in an envelope are shown as text", test_oddities_in_an_envelope_are_shown_as_text);
	return g_test_run();
}
