/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "oauth-error.h"
#include "outlook-handover.h"

/* A person who consents at once; the page answers to the listener. */
static gpointer
browse(gpointer data)
{
	g_autofree char *uri = data;
	g_autofree char *program = g_test_build_filename(G_TEST_DIST, "..", "e2e", "driver", "browser.py", NULL);
	g_autofree char *settings = g_build_filename(g_get_user_data_dir(), "browser.json", NULL);
	g_autofree char *log = g_build_filename(g_get_user_data_dir(), "browser.log", NULL);
	g_autofree char *text =
		g_strdup_printf("{\"user\": \"" SIMULATOR_USER "\", \"answer\": \"allow\", \"log\": \"%s\"}", log);
	const char *argv[] = {"/usr/bin/python3", "-B", program, settings, uri, NULL};
	g_autoptr(GError) error = NULL;

	g_mkdir_with_parents(g_get_user_data_dir(), 0700);
	g_file_set_contents(settings, text, -1, &error);
	g_assert_no_error(error);
	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, NULL, &error);
	g_assert_no_error(error);
	return NULL;
}

gboolean
fixture_open_uri(const char *uri, gpointer data, GError **error)
{
	AccountFixture *fixture = data;

	fixture->n_opened++;
	if (fixture->deny) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION, "There is no browser");
		return FALSE;
	}
	fixture->browser = g_thread_new("browser", browse, g_strdup(uri));
	return TRUE;
}

static void
on_state_changed(OutlookAccount *account, AccountFixture *fixture)
{
	fixture->n_states++;
}

void
fixture_on_folders_changed(OutlookAccount *account, AccountFixture *fixture)
{
	fixture->n_folders++;
}

static void
on_folder_changed(OutlookAccount *account, gint64 folder, guint arrived, AccountFixture *fixture)
{
	g_hash_table_insert(fixture->changed, g_memdup2(&folder, sizeof folder), GUINT_TO_POINTER(arrived));
}

void
fixture_on_report(OutlookAccount *account, gint severity, const char *text, AccountFixture *fixture)
{
	g_ptr_array_add(fixture->reports, g_strdup(text));
}

void
fixture_open(AccountFixture *fixture)
{
	fixture->account =
		outlook_account_new_full(1, "Outlook", fixture->settings, fixture->keyring, fixture->secret_file);
	outlook_account_set_browser(fixture->account, fixture_open_uri, fixture);
	g_signal_connect(fixture->account, "state-changed", G_CALLBACK(on_state_changed), fixture);
	g_signal_connect(fixture->account, "folders-changed", G_CALLBACK(fixture_on_folders_changed), fixture);
	g_signal_connect(fixture->account, "folder-changed", G_CALLBACK(on_folder_changed), fixture);
	g_signal_connect(fixture->account, "report", G_CALLBACK(fixture_on_report), fixture);
}

void
fixture_close_account(OutlookAccount **account, gboolean forget)
{
	outlook_account_close(*account, forget);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_finalize_object(*account);
	*account = NULL;
}

void
fixture_close(AccountFixture *fixture, gboolean forget)
{
	fixture_close_account(&fixture->account, forget);
}

Simulator *
fixture_start_simulator(const char *secret)
{
	Simulator *simulator = simulator_new();
	g_autoptr(GError) error = NULL;

	simulator_add_client(simulator, SIMULATOR_CLIENT_ID, secret);
	simulator_add_mailbox(simulator, SIMULATOR_USER, "", &error);
	g_assert_no_error(error);
	g_assert_true(simulator_start(simulator, 0, NULL, &error));
	g_assert_no_error(error);
	return simulator;
}

OutlookSettings *
fixture_make_settings(Simulator *simulator)
{
	OutlookSettings *settings = outlook_settings_new();

	outlook_settings_set(&settings->config->client_id, SIMULATOR_CLIENT_ID);
	outlook_settings_set(&settings->cloud, "custom");
	outlook_settings_set(&settings->config->identity_origin, simulator_get_origin(simulator));
	outlook_settings_set(&settings->config->graph_origin, simulator_get_origin(simulator));
	return settings;
}

void
fixture_set_up(AccountFixture *fixture, gconstpointer data)
{
	fixture->simulator = fixture_start_simulator(data);
	fixture->settings = fixture_make_settings(fixture->simulator);
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->changed = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	fixture->reports = g_ptr_array_new_with_free_func(g_free);
}

void
fixture_tear_down(AccountFixture *fixture, gconstpointer data)
{
	if (fixture->account != NULL)
		fixture_close(fixture, FALSE);
	if (fixture->browser != NULL)
		g_thread_join(fixture->browser);
	outlook_settings_free(fixture->settings);
	g_assert_finalize_object(fixture->keyring);
	g_hash_table_unref(fixture->changed);
	g_ptr_array_unref(fixture->reports);
	g_free(fixture->secret_file);
	simulator_stop(fixture->simulator);
	g_assert_finalize_object(fixture->simulator);
}

OauthState
fixture_get_state(AccountFixture *fixture)
{
	return oauth_session_get_state(outlook_account_get_session(fixture->account));
}

gboolean
fixture_inbox_has(AccountFixture *fixture, guint count)
{
	StoreAccount *store = outlook_account_get_store(fixture->account);
	gint64 inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	g_autoptr(GArray) numbers = inbox != 0 ? store_account_list_numbers(store, inbox, NULL) : NULL;

	return numbers != NULL && numbers->len == count;
}

void
fixture_deliver(AccountFixture *fixture)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *id = simulator_deliver(fixture->simulator, SIMULATOR_USER, "inbox", FIXTURE_MAIL, -1, &error);

	g_assert_no_error(error);
	g_assert_nonnull(id);
}

guint32
fixture_append(StoreAccount *store, gint64 folder)
{
	g_autofree char *path = g_build_filename(g_get_user_data_dir(), "append.eml", NULL);
	g_autoptr(GError) error = NULL;
	guint32 number;

	g_file_set_contents(path, FIXTURE_MAIL, -1, &error);
	g_assert_no_error(error);
	number = store_account_append_message(store, folder, path, STORE_FLAG_READ, &error);
	g_assert_no_error(error);
	g_unlink(path);
	return number;
}

gboolean
fixture_is_leaving(OutlookAccount *account, gint64 folder, guint32 number)
{
	g_autoptr(GHashTable) leaving = outlook_handover_list(account, folder);

	return g_hash_table_contains(leaving, GUINT_TO_POINTER(number));
}

void
fixture_save_draft(AccountFixture *fixture)
{
	StoreAccount *store = outlook_account_get_store(fixture->account);

	fixture_append(store, store_account_find_role(store, STORE_ROLE_DRAFTS));
}

/* An account whose first check brought a mail, and is over. */
StoreAccount *
fixture_open_with_a_mail(AccountFixture *fixture)
{
	StoreAccount *store;

	fixture_deliver(fixture);
	fixture_open(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	store = outlook_account_get_store(fixture->account);
	iterate_until(fixture_inbox_has(fixture, 1) && store_account_get_last_check(store) > 0);
	return store;
}

void
fixture_sign_in(AccountFixture *fixture)
{
	if (fixture->browser != NULL)
		g_thread_join(g_steal_pointer(&fixture->browser));
	outlook_account_sign_in(fixture->account, NULL, NULL);
	iterate_until(fixture_get_state(fixture) == OAUTH_STATE_SIGNED_IN &&
		      !outlook_account_is_signing_in(fixture->account));
}

void
fixture_sign_out(AccountFixture *fixture)
{
	outlook_account_sign_out(fixture->account, NULL, NULL);
	iterate_until(fixture_get_state(fixture) != OAUTH_STATE_SIGNED_IN);
}

/* The person at the other device is quick. */
void
fixture_on_code(OutlookAccount *account, const OauthDeviceCode *code, gpointer data)
{
	FixtureDevice *device = data;

	g_assert_true(g_main_context_is_owner(g_main_context_default()));
	device->n_shown++;
	if (device->person != NULL)
		simulator_enter_code(device->simulator, code->user_code, device->person, TRUE);
	else
		outlook_account_cancel_sign_in(account);
}

void
fixture_on_signed_in(OutlookAccount *account, const GError *error, gpointer data)
{
	FixtureDevice *device = data;

	device->done = TRUE;
	device->error = error != NULL ? g_error_copy(error) : NULL;
}

GArray *
fixture_list_inbox(OutlookAccount *account, gint64 *inbox)
{
	StoreAccount *store = outlook_account_get_store(account);
	g_autoptr(GError) error = NULL;
	GArray *numbers;

	*inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	numbers = store_account_list_numbers(store, *inbox, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(numbers->len, >, 0);
	return numbers;
}

void
fixture_fault(AccountFixture *fixture, const char *json)
{
	g_autoptr(GError) error = NULL;

	simulator_add_fault(fixture->simulator, json, &error);
	g_assert_no_error(error);
}

guint
fixture_count_reports(AccountFixture *fixture, const char *word)
{
	guint n = 0;

	for (guint i = 0; i < fixture->reports->len; i++)
		n += strstr(g_ptr_array_index(fixture->reports, i), word) != NULL;
	return n;
}

guint
fixture_count_drafts(AccountFixture *fixture)
{
	return simulator_count(fixture->simulator, SIMULATOR_USER, "drafts", NULL);
}

void
fixture_note_done(OutlookAccount *account, const GError *error, gpointer data)
{
	g_assert_no_error(error);
	*(gboolean *)data = TRUE;
}

char *
fixture_begin(int *argc, char ***argv)
{
	char *home = g_dir_make_tmp("outlook-account-XXXXXX", NULL);

	g_assert_nonnull(home);
	g_setenv("XDG_DATA_HOME", home, TRUE);
	g_test_init(argc, argv, NULL);
	return home;
}

int
fixture_run(const char *home)
{
	int status = g_test_run();

	store_account_remove(home, NULL);
	return status;
}
