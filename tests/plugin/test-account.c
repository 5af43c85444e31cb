/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account.h"

#include <glib/gstdio.h>
#include <string.h>

#include "oauth-consent.h"
#include "oauth-error.h"
#include "outlook-failure.h"
#include "outlook-handover.h"
#include "simulator.h"

#define MAIL "From: Bob <bob@contoso.example>\r\nTo: alice@contoso.example\r\nSubject: Kites\r\n\r\nHello.\r\n"

typedef struct {
	Simulator *simulator;
	OutlookSettings *settings;
	OauthKeyring *keyring;
	OutlookAccount *account;
	char *secret_file;
	gboolean deny;
	guint n_opened;
	guint n_states;
	guint n_folders;
	GHashTable *changed;
	GPtrArray *reports;
	GThread *browser;
	guint lost_after; /* changes of folders, until the sign-in dies; 0: never */
} Fixture;

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

static gboolean
open_uri(const char *uri, gpointer data, GError **error)
{
	Fixture *fixture = data;

	fixture->n_opened++;
	if (fixture->deny) {
		g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION, "There is no browser");
		return FALSE;
	}
	fixture->browser = g_thread_new("browser", browse, g_strdup(uri));
	return TRUE;
}

static void
on_state_changed(OutlookAccount *account, Fixture *fixture)
{
	fixture->n_states++;
}

static void
on_folders_changed(OutlookAccount *account, Fixture *fixture)
{
	fixture->n_folders++;
}

static void
on_folder_changed(OutlookAccount *account, gint64 folder, guint arrived, Fixture *fixture)
{
	g_hash_table_insert(fixture->changed, g_memdup2(&folder, sizeof folder), GUINT_TO_POINTER(arrived));
}

/* On a worker, between two pages: what is kept by then was kept before the sign-in died. */
static void
on_store_changed(StoreAccount *store, gint64 folder, guint arrived, Fixture *fixture)
{
	if (fixture->lost_after == 0 || --fixture->lost_after > 0)
		return;
	simulator_revoke_tokens(fixture->simulator, SIMULATOR_USER);
	simulator_expire_access_tokens(fixture->simulator, SIMULATOR_USER);
}

static void
on_report(OutlookAccount *account, gint severity, const char *text, Fixture *fixture)
{
	g_ptr_array_add(fixture->reports, g_strdup(text));
}

static void
open_account(Fixture *fixture)
{
	fixture->account =
		outlook_account_new_full(1, "Outlook", fixture->settings, fixture->keyring, fixture->secret_file);
	outlook_account_set_browser(fixture->account, open_uri, fixture);
	g_signal_connect(fixture->account, "state-changed", G_CALLBACK(on_state_changed), fixture);
	g_signal_connect(fixture->account, "folders-changed", G_CALLBACK(on_folders_changed), fixture);
	g_signal_connect(fixture->account, "folder-changed", G_CALLBACK(on_folder_changed), fixture);
	g_signal_connect(fixture->account, "report", G_CALLBACK(on_report), fixture);
}

static void
close_account(Fixture *fixture, gboolean forget)
{
	outlook_account_close(fixture->account, forget);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_finalize_object(fixture->account);
	fixture->account = NULL;
}

static void
set_up(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->simulator = simulator_new();
	simulator_add_client(fixture->simulator, SIMULATOR_CLIENT_ID, data);
	simulator_add_mailbox(fixture->simulator, SIMULATOR_USER, "", &error);
	g_assert_no_error(error);
	g_assert_true(simulator_start(fixture->simulator, 0, NULL, &error));
	g_assert_no_error(error);

	fixture->settings = outlook_settings_new();
	g_free(fixture->settings->config->client_id);
	fixture->settings->config->client_id = g_strdup(SIMULATOR_CLIENT_ID);
	g_free(fixture->settings->cloud);
	fixture->settings->cloud = g_strdup("custom");
	g_free(fixture->settings->config->identity_origin);
	fixture->settings->config->identity_origin = g_strdup(simulator_get_origin(fixture->simulator));
	g_free(fixture->settings->config->graph_origin);
	fixture->settings->config->graph_origin = g_strdup(simulator_get_origin(fixture->simulator));
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->changed = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	fixture->reports = g_ptr_array_new_with_free_func(g_free);
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	outlook_handover_forget();
	if (fixture->account != NULL)
		close_account(fixture, FALSE);
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

static OauthState
state(Fixture *fixture)
{
	return oauth_session_get_state(outlook_account_get_session(fixture->account));
}

static gboolean
inbox_has(Fixture *fixture, guint count)
{
	StoreAccount *store = outlook_account_get_store(fixture->account);
	gint64 inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	g_autoptr(GArray) numbers = inbox != 0 ? store_account_list_numbers(store, inbox, NULL) : NULL;

	return numbers != NULL && numbers->len == count;
}

#define iterate_until(condition) \
	while (!(condition))     \
	g_main_context_iteration(NULL, TRUE)

static void
deliver(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *id = simulator_deliver(fixture->simulator, SIMULATOR_USER, "inbox", MAIL, -1, &error);

	g_assert_no_error(error);
	g_assert_nonnull(id);
}

static void
test_the_first_check_signs_in_and_brings_the_mail(Fixture *fixture, gconstpointer data)
{
	g_autofree char *text = NULL;
	StoreAccount *store;
	gint64 inbox;

	deliver(fixture);
	open_account(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(state(fixture) == OAUTH_STATE_SIGNED_IN && inbox_has(fixture, 1));
	store = outlook_account_get_store(fixture->account);
	inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	iterate_until(g_hash_table_contains(fixture->changed, &inbox) && fixture->n_folders > 0 &&
		      store_account_get_last_check(store) > 0);
	g_assert_cmpuint(fixture->n_opened, ==, 1);
	text = outlook_account_describe_state(fixture->account);
	g_assert_nonnull(strstr(text, SIMULATOR_USER));
}

static void
test_a_failed_sign_in_is_said_once_and_not_repeated(Fixture *fixture, gconstpointer data)
{
	fixture->deny = TRUE;
	open_account(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture->n_opened == 1 && !outlook_account_is_signing_in(fixture->account) &&
		      fixture->reports->len > 0);
	outlook_account_check(fixture->account, 0, TRUE);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpuint(fixture->n_opened, ==, 1);
	g_assert_cmpint(state(fixture), ==, OAUTH_STATE_PENDING);
	g_assert_nonnull(strstr(g_ptr_array_index(fixture->reports, 0), "There is no browser"));
}

/* outlook-signin, in a terminal: the client that runs has heard of it with its next check, and opens no browser. */
static void
test_a_sign_in_of_another_program_is_found(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthConfig) config = outlook_settings_to_config(fixture->settings, "Outlook");
	g_autoptr(OauthSession) terminal = oauth_session_new(config, fixture->keyring, NULL);
	g_autoptr(GError) error = NULL;

	deliver(fixture);
	fixture->deny = TRUE;
	open_account(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(fixture->n_opened == 1 && !outlook_account_is_signing_in(fixture->account));
	g_assert_cmpint(state(fixture), ==, OAUTH_STATE_PENDING);

	fixture->deny = FALSE;
	g_assert_true(oauth_session_sign_in(terminal, open_uri, fixture, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpint(state(fixture), ==, OAUTH_STATE_PENDING);
	outlook_account_check(fixture->account, 0, FALSE);
	iterate_until(inbox_has(fixture, 1));
	g_assert_cmpint(state(fixture), ==, OAUTH_STATE_SIGNED_IN);
	g_assert_cmpuint(fixture->n_opened, ==, 2);
}

typedef struct {
	Fixture *fixture;
	gboolean accept;
	const char *person;
	guint n_shown;
	gboolean done;
	GError *error;
} Device;

/* The person at the other device is quick. */
static void
on_code(OutlookAccount *account, const OauthDeviceCode *code, gpointer data)
{
	Device *device = data;

	g_assert_true(g_main_context_is_owner(g_main_context_default()));
	device->n_shown++;
	if (device->accept)
		simulator_enter_code(device->fixture->simulator, code->user_code, device->person, TRUE);
	else
		outlook_account_cancel_sign_in(account);
}

static void
on_signed_in(OutlookAccount *account, const GError *error, gpointer data)
{
	Device *device = data;

	device->done = TRUE;
	device->error = error != NULL ? g_error_copy(error) : NULL;
}

static void
test_a_code_for_another_device_signs_in(Fixture *fixture, gconstpointer data)
{
	Device cancelled = {fixture};
	Device device = {fixture, TRUE, SIMULATOR_USER};

	simulator_set_device(fixture->simulator, 0.1, 900);
	deliver(fixture);
	open_account(fixture);
	iterate_until(state(fixture) == OAUTH_STATE_PENDING);
	outlook_account_sign_in_by_device(fixture->account, on_code, on_signed_in, &cancelled);
	iterate_until(cancelled.done);
	g_assert_error(cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_clear_error(&cancelled.error);
	g_assert_cmpint(state(fixture), ==, OAUTH_STATE_PENDING);

	outlook_account_sign_in_by_device(fixture->account, on_code, on_signed_in, &device);
	g_assert_true(outlook_account_is_signing_in(fixture->account));
	iterate_until(device.done);
	g_assert_no_error(device.error);
	g_assert_cmpuint(device.n_shown, ==, 1);
	iterate_until(inbox_has(fixture, 1));
	g_assert_cmpuint(fixture->n_opened, ==, 0);
}

static void
test_offline_nothing_is_asked(Fixture *fixture, gconstpointer data)
{
	open_account(fixture);
	iterate_until(state(fixture) == OAUTH_STATE_PENDING);
	outlook_account_set_online(fixture->account, FALSE);
	outlook_account_check(fixture->account, 0, TRUE);
	outlook_account_push(fixture->account);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpuint(fixture->n_opened, ==, 0);
	g_assert_cmpuint(simulator_get_n_requests(fixture->simulator), ==, 0);
}

static void
test_a_change_reaches_the_server_by_itself(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GError) error = NULL;
	StoreAccount *store;
	gint64 inbox;

	deliver(fixture);
	open_account(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(state(fixture) == OAUTH_STATE_SIGNED_IN && inbox_has(fixture, 1));
	store = outlook_account_get_store(fixture->account);
	inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	numbers = store_account_list_numbers(store, inbox, &error);
	g_assert_no_error(error);
	g_assert_true(store_account_change_flags(store, inbox, numbers, STORE_FLAG_READ, 0, &error));
	g_assert_no_error(error);
	outlook_account_push(fixture->account);
	iterate_until(store_account_count_waiting(store) == 0);
}

static void
save_draft(Fixture *fixture)
{
	StoreAccount *store = outlook_account_get_store(fixture->account);
	g_autofree char *path = g_build_filename(g_get_user_data_dir(), "draft.eml", NULL);
	g_autoptr(GError) error = NULL;

	g_file_set_contents(path, MAIL, -1, &error);
	g_assert_no_error(error);
	store_account_append_message(store, store_account_find_role(store, STORE_ROLE_DRAFTS), path, STORE_FLAG_READ,
				     &error);
	g_assert_no_error(error);
	g_unlink(path);
}

static guint
count_drafts(Fixture *fixture)
{
	g_autoptr(JsonNode) drafts = simulator_dump(fixture->simulator, SIMULATOR_USER, "drafts");

	return json_array_get_length(json_node_get_array(drafts));
}

/* An account whose first check brought a mail, and is over. */
static StoreAccount *
open_with_a_mail(Fixture *fixture)
{
	StoreAccount *store;

	deliver(fixture);
	open_account(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	store = outlook_account_get_store(fixture->account);
	iterate_until(inbox_has(fixture, 1) && store_account_get_last_check(store) > 0);
	return store;
}

/* Nobody saves anything afterwards, and nobody asks for mail again. */
static void
test_a_draft_that_rests_during_a_check_goes_afterwards(Fixture *fixture, gconstpointer data)
{
	StoreAccount *store = open_with_a_mail(fixture);

	store_account_set_draft_delay(store, 1);
	save_draft(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(store_account_count_waiting(store) == 0);
	g_assert_cmpuint(count_drafts(fixture), ==, 1);
}

static void
test_what_an_earlier_run_left_goes_without_a_check(Fixture *fixture, gconstpointer data)
{
	StoreAccount *store = open_with_a_mail(fixture);

	save_draft(fixture);
	outlook_account_set_online(fixture->account, FALSE);
	close_account(fixture, FALSE);
	g_assert_cmpuint(count_drafts(fixture), ==, 0);

	open_account(fixture);
	store = outlook_account_get_store(fixture->account);
	store_account_set_draft_delay(store, 1);
	iterate_until(store_account_count_waiting(store) == 0);
	g_assert_cmpuint(count_drafts(fixture), ==, 1);
	g_assert_cmpuint(fixture->n_opened, ==, 1);
}

static guint
count_fetches(Fixture *fixture)
{
	g_auto(GStrv) requests = simulator_get_requests(fixture->simulator);
	guint n = 0;

	for (guint i = 0; requests[i] != NULL; i++)
		n += strstr(requests[i], "$value") != NULL;
	return n;
}

/* Of what hangs nothing is heard. */
static void
wait_for_fetches(Fixture *fixture, guint count)
{
	while (count_fetches(fixture) < count) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(1000);
	}
}

static void
fault(Fixture *fixture, const char *json)
{
	g_autoptr(GError) error = NULL;

	simulator_add_fault(fixture->simulator, json, &error);
	g_assert_no_error(error);
}

/* Stopped by a person, it is over; going offline is a pause. Nothing is fetched twice. */
static void
test_bodies_come_in_the_background(Fixture *fixture, gconstpointer data)
{
	StoreAccount *store;
	gint64 inbox;

	simulator_fill(fixture->simulator, SIMULATOR_USER, "inbox", 9);
	open_account(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(state(fixture) == OAUTH_STATE_SIGNED_IN && inbox_has(fixture, 9));
	store = outlook_account_get_store(fixture->account);
	inbox = store_account_find_role(store, STORE_ROLE_INBOX);

	fault(fixture, "{\"path\":\"value\",\"kind\":\"hang\",\"skip\":3}");
	outlook_account_download(fixture->account, inbox, 0);
	outlook_account_download(fixture->account, store_account_find_role(store, STORE_ROLE_ARCHIVE), 0);
	g_assert_true(outlook_account_is_downloading(fixture->account));
	wait_for_fetches(fixture, 4);
	outlook_account_cancel_downloads(fixture->account);
	iterate_until(!outlook_account_is_downloading(fixture->account));
	simulator_clear_faults(fixture->simulator);
	outlook_account_set_online(fixture->account, FALSE);
	outlook_account_set_online(fixture->account, TRUE);
	g_assert_false(outlook_account_is_downloading(fixture->account));

	simulator_reset_log(fixture->simulator);
	fault(fixture, "{\"path\":\"value\",\"kind\":\"hang\",\"skip\":2}");
	outlook_account_download(fixture->account, inbox, 0);
	wait_for_fetches(fixture, 3);
	outlook_account_set_online(fixture->account, FALSE);
	iterate_until(!outlook_account_is_downloading(fixture->account));
	simulator_clear_faults(fixture->simulator);
	g_hash_table_remove_all(fixture->changed);
	outlook_account_set_online(fixture->account, TRUE);
	g_assert_true(outlook_account_is_downloading(fixture->account));
	iterate_until(!outlook_account_is_downloading(fixture->account));
	g_assert_cmpuint(count_fetches(fixture), <=, 7); /* 3 came before, one was under way twice */
	iterate_until(g_hash_table_contains(fixture->changed, &inbox));
	{
		g_autoptr(GArray) flags = store_account_list_flags(store, inbox, NULL);

		for (guint i = 0; i < flags->len; i++)
			g_assert_true(g_array_index(flags, StoreMessageFlags, i).flags & STORE_FLAG_BODY);
	}
}

static void
test_a_forgotten_account_leaves_nothing(Fixture *fixture, gconstpointer data)
{
	g_autofree char *directory = NULL;

	open_account(fixture);
	directory = outlook_account_get_directory(fixture->account);
	g_assert_true(g_file_test(directory, G_FILE_TEST_IS_DIR));
	iterate_until(state(fixture) == OAUTH_STATE_PENDING);
	close_account(fixture, TRUE);
	outlook_account_wait_forgotten(60);
	g_assert_false(g_file_test(directory, G_FILE_TEST_EXISTS));
}

static void
test_a_secret_in_a_file_signs_in(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->secret_file = g_build_filename(g_get_user_data_dir(), "test.secret", NULL);
	g_mkdir_with_parents(g_get_user_data_dir(), 0700);
	g_file_set_contents(fixture->secret_file, data, -1, &error);
	g_assert_no_error(error);
	open_account(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(state(fixture) == OAUTH_STATE_SIGNED_IN);
	g_unlink(fixture->secret_file);
}

static guint
count_inbox(Fixture *fixture)
{
	StoreAccount *store = outlook_account_get_store(fixture->account);
	gint64 inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	g_autoptr(GArray) numbers = store_account_list_numbers(store, inbox, NULL);

	return numbers->len;
}

static guint
count_reports(Fixture *fixture, const char *word)
{
	guint n = 0;

	for (guint i = 0; i < fixture->reports->len; i++)
		n += strstr(g_ptr_array_index(fixture->reports, i), word) != NULL;
	return n;
}

static guint
count_pages(Fixture *fixture)
{
	g_auto(GStrv) requests = simulator_get_requests(fixture->simulator);
	guint n = 0;

	for (guint i = 0; requests[i] != NULL; i++)
		n += strstr(requests[i], "/messages/delta") != NULL && g_str_has_suffix(requests[i], " 200");
	return n;
}

#define PAGES 8

/* The pages so far are kept, the person is told once, and the rest comes after the next sign-in. */
static void
test_a_sign_in_that_dies_in_a_synchronisation(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) folders = NULL;
	guint kept;
	guint pages;

	simulator_fill(fixture->simulator, SIMULATOR_USER, "inbox", PAGES * 10);
	simulator_set_page_limit(fixture->simulator, 10);
	open_account(fixture);
	fixture->lost_after = 3;
	g_signal_connect(outlook_account_get_store(fixture->account), "folder-changed", G_CALLBACK(on_store_changed),
			 fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(state(fixture) == OAUTH_STATE_NEEDS_SIGN_IN && count_reports(fixture, "Sign in again") > 0);
	g_thread_join(g_steal_pointer(&fixture->browser));
	kept = count_inbox(fixture);
	g_assert_cmpuint(kept, >=, 30);
	g_assert_cmpuint(kept, <, PAGES * 10);

	for (guint i = 0; i < 3; i++) {
		outlook_account_check(fixture->account, 0, FALSE);
		outlook_account_push(fixture->account);
		while (g_main_context_iteration(NULL, FALSE))
			;
	}
	g_assert_cmpuint(fixture->n_opened, ==, 1);
	g_assert_cmpuint(count_inbox(fixture), ==, kept);

	pages = count_pages(fixture);
	outlook_account_sign_in(fixture->account, NULL, NULL);
	iterate_until(state(fixture) == OAUTH_STATE_SIGNED_IN && inbox_has(fixture, PAGES * 10) &&
		      store_account_get_last_check(outlook_account_get_store(fixture->account)) > 0);
	g_test_message("%u pages before, %u after, %u mails kept", pages, count_pages(fixture) - pages, kept);
	folders = store_account_list_folders(outlook_account_get_store(fixture->account), NULL);
	g_assert_cmpuint(count_pages(fixture), <=, PAGES + folders->len);
	g_assert_cmpuint(fixture->n_opened, ==, 2);
	g_assert_cmpuint(count_reports(fixture, "Sign in again"), ==, 1);
}

typedef struct {
	StoreAccount *store;
	GBytes *mime;
	gboolean done;
	GError *error;
} Sending;

static gpointer
run_sending(gpointer data, GCancellable *cancellable, GError **error)
{
	static const char *const recipients[] = {SIMULATOR_OTHER, NULL};
	Sending *sending = data;

	store_account_send(sending->store, sending->mime, recipients, cancellable, error);
	return NULL;
}

static void
sending_done(gpointer result, const GError *error, gpointer data)
{
	Sending *sending = data;

	sending->done = TRUE;
	sending->error = error != NULL ? g_error_copy(error) : NULL;
}

static void
begin_sending(Fixture *fixture, Sending *sending, GBytes *mime)
{
	g_autoptr(OutlookJob) job = NULL;

	*sending = (Sending){.store = outlook_account_get_store(fixture->account), .mime = mime};
	job = outlook_worker_push(outlook_account_get_worker(fixture->account), OUTLOOK_PRIORITY_USER, run_sending,
				  sending_done, sending, NULL, NULL);
}

static void
send_at_last(Fixture *fixture, GBytes *mime)
{
	Sending sending;

	begin_sending(fixture, &sending, mime);
	iterate_until(sending.done);
	g_assert_no_error(sending.error);
}

/* @size: bytes of its attachment; 0: none */
static GBytes *
write_mail(const char *subject, gsize size)
{
	g_autofree char *content = g_strnfill(size, 'a');
	g_autofree char *text = g_base64_encode((const guchar *)content, size);
	char *mail = g_strdup_printf("From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: %s\r\n"
				     "Message-ID: <%s@contoso.example>\r\nMIME-Version: 1.0\r\n"
				     "Content-Type: application/octet-stream; name=a.bin\r\n"
				     "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n",
				     subject, subject, text);

	return g_bytes_new_take(mail, strlen(mail));
}

static guint
count_mails(Fixture *fixture, const char *address, const char *folder, const char *subject)
{
	g_autoptr(JsonNode) node = simulator_dump(fixture->simulator, address, folder);
	JsonArray *messages = json_node_get_array(node);
	guint n = 0;

	for (guint i = 0; i < json_array_get_length(messages); i++)
		n += g_strcmp0(json_object_get_string_member_with_default(json_array_get_object_element(messages, i),
									  "subject", ""),
			       subject) == 0;
	return n;
}

static void
sign_in(Fixture *fixture)
{
	if (fixture->browser != NULL)
		g_thread_join(g_steal_pointer(&fixture->browser));
	outlook_account_sign_in(fixture->account, NULL, NULL);
	iterate_until(state(fixture) == OAUTH_STATE_SIGNED_IN && !outlook_account_is_signing_in(fixture->account));
}

static void
sign_out(Fixture *fixture)
{
	outlook_account_sign_out(fixture->account, NULL, NULL);
	iterate_until(state(fixture) != OAUTH_STATE_SIGNED_IN);
}

static guint
count_puts(Fixture *fixture)
{
	g_auto(GStrv) requests = simulator_get_requests(fixture->simulator);
	guint n = 0;

	for (guint i = 0; requests[i] != NULL; i++)
		n += g_str_has_prefix(requests[i], "PUT ");
	return n;
}

/* It waits for the next sign-in, and leaves once, also when its sending is asked for twice. */
static void
test_mail_of_somebody_who_signed_out_leaves_once(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("Waits", 0);
	Sending sending;

	open_account(fixture);
	iterate_until(state(fixture) == OAUTH_STATE_PENDING);
	sign_in(fixture);
	sign_out(fixture);
	begin_sending(fixture, &sending, mime);
	iterate_until(sending.done);
	g_assert_error(sending.error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_clear_error(&sending.error);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_OTHER, "inbox", "Waits"), ==, 0);
	sign_in(fixture);
	send_at_last(fixture, mime);
	send_at_last(fixture, mime);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_OTHER, "inbox", "Waits"), ==, 1);
}

/* Its pieces need no sign-in, the rest does. */
static void
test_mail_during_which_somebody_signs_out_leaves_once(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_mail("Large", 4500000);
	Sending sending;

	open_account(fixture);
	iterate_until(state(fixture) == OAUTH_STATE_PENDING);
	sign_in(fixture);
	fault(fixture, "{\"method\":\"PUT\",\"kind\":\"hang\",\"skip\":1}");
	begin_sending(fixture, &sending, mime);
	iterate_until(count_puts(fixture) > 0);
	sign_out(fixture);
	simulator_clear_faults(fixture->simulator);
	iterate_until(sending.done);
	g_assert_error(sending.error, OAUTH_ERROR, OAUTH_ERROR_SIGN_IN_REQUIRED);
	g_clear_error(&sending.error);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_OTHER, "inbox", "Large"), ==, 0);
	sign_in(fixture);
	send_at_last(fixture, mime);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_OTHER, "inbox", "Large"), ==, 1);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_USER, "sentitems", "Large"), ==, 1);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_USER, "drafts", "Large"), ==, 0);
}

/* What one person left is nothing for the mailbox of another, who signs in to the same account. */
static void
test_changes_of_another_person_stay_here(Fixture *fixture, gconstpointer data)
{
	Device other = {fixture, TRUE, SIMULATOR_OTHER};
	StoreAccount *store;

	simulator_set_device(fixture->simulator, 0.1, 900);
	store = open_with_a_mail(fixture);
	store_account_set_draft_delay(store, 0);
	save_draft(fixture);
	sign_out(fixture);
	outlook_account_sign_in_by_device(fixture->account, on_code, on_signed_in, &other);
	iterate_until(other.done && count_reports(fixture, "Somebody else signed in") > 0);
	g_assert_no_error(other.error);
	close_account(fixture, FALSE);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_OTHER, "drafts", "Kites"), ==, 0);
	g_assert_cmpuint(count_drafts(fixture), ==, 0);

	/* The next start sends what is left before it checks anything. */
	g_ptr_array_set_size(fixture->reports, 0);
	open_account(fixture);
	store = outlook_account_get_store(fixture->account);
	iterate_until(count_reports(fixture, "Somebody else signed in") > 0);
	g_assert_cmpuint(store_account_count_waiting(store), ==, 1);
}

/* The folders have new keys and the messages new numbers, so that nothing old means one of them. */
static void
test_mail_that_is_removed_comes_back_once(Fixture *fixture, gconstpointer data)
{
	StoreAccount *store = open_with_a_mail(fixture);
	g_autoptr(GError) error = NULL;
	gint64 inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	gint64 again;
	g_autoptr(GArray) numbers = store_account_list_numbers(store, inbox, NULL);
	g_autoptr(GArray) back = NULL;

	sign_out(fixture);
	store_account_delete_messages(store, inbox, numbers, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(outlook_account_settle(fixture->account), ==, numbers->len);
	g_assert_true(outlook_account_forget_mail(fixture->account, &error));
	g_assert_no_error(error);
	store = outlook_account_get_store(fixture->account);
	g_assert_cmpint(store_account_find_role(store, STORE_ROLE_INBOX), ==, 0);
	g_assert_cmpuint(store_account_count_waiting(store), ==, 0);
	g_assert_true(store_account_has_owner(store));

	/* Who signed out is not asked by a check. */
	outlook_account_check(fixture->account, 0, TRUE);
	g_assert_false(outlook_account_is_signing_in(fixture->account));
	sign_in(fixture);
	iterate_until(store_account_get_last_check(store) > 0);
	g_assert_cmpuint(fixture->n_opened, ==, 2);
	again = store_account_find_role(store, STORE_ROLE_INBOX);
	g_assert_cmpint(again, !=, inbox);
	back = store_account_list_numbers(store, again, NULL);
	g_assert_cmpuint(back->len, ==, numbers->len);
}

static void
note_done(OutlookAccount *account, const GError *error, gpointer data)
{
	g_assert_no_error(error);
	*(gboolean *)data = TRUE;
}

static void
note_error(OutlookAccount *account, const GError *error, gpointer data)
{
	*(GError **)data = g_error_copy(error);
}

/* The feature stays off, with a link that names its permissions; the person's own mail goes on. */
static void
test_what_the_organization_refuses_leaves_the_mail(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OauthConfig) config = NULL;
	g_autoptr(OutlookFailure) failure = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *uri = NULL;

	open_with_a_mail(fixture);
	simulator_set_admin_scopes(fixture->simulator, "Mail.ReadWrite.Shared");
	g_thread_join(g_steal_pointer(&fixture->browser));
	outlook_account_add_shared(fixture->account, SIMULATOR_OTHER, note_error, &error);
	iterate_until(error != NULL);
	failure = outlook_failure_new(error);
	g_assert_cmpstr(failure->number, ==, "AADSTS90094");
	g_assert_cmpint(failure->remedies[0], ==, OAUTH_REMEDY_CONSENT);
	config = outlook_settings_to_config(outlook_account_get_settings(fixture->account), NULL);
	g_strfreev(config->extra_scopes);
	config->extra_scopes = outlook_account_list_shared_scopes(fixture->account);
	uri = oauth_consent_build_admin_uri(config, NULL);
	g_assert_nonnull(strstr(uri, "Mail.ReadWrite.Shared"));
	g_assert_null(outlook_account_find_shared(fixture->account, SIMULATOR_OTHER));

	deliver(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(inbox_has(fixture, 2));
}

/* Signs in and adds the mailbox of the other person, which has that mail in its Inbox. */
static OutlookAccount *
open_shared(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	gboolean added = FALSE;
	OutlookAccount *shared;

	g_free(simulator_deliver(fixture->simulator, SIMULATOR_OTHER, "inbox", MAIL, -1, &error));
	g_assert_no_error(error);
	open_account(fixture);
	iterate_until(state(fixture) == OAUTH_STATE_PENDING);
	sign_in(fixture);
	g_thread_join(g_steal_pointer(&fixture->browser));
	outlook_account_add_shared(fixture->account, SIMULATOR_OTHER, note_done, &added);
	iterate_until(added);
	shared = outlook_account_find_shared(fixture->account, SIMULATOR_OTHER);
	iterate_until(store_account_get_last_check(outlook_account_get_store(shared)) > 0);
	return shared;
}

static GArray *
list_inbox(OutlookAccount *account, gint64 *inbox)
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

/* Without the permission each change would be refused, and undone. */
static void
test_changes_of_a_shared_mailbox_wait_for_the_permission(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GError) error = NULL;
	OutlookAccount *shared;
	StoreAccount *store;
	guint waiting;
	gint64 inbox;

	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	shared = open_shared(fixture);
	store = outlook_account_get_store(shared);
	numbers = list_inbox(shared, &inbox);

	simulator_set_admin_scopes(fixture->simulator, "Mail.Read.Shared Mail.ReadWrite.Shared Mail.Send.Shared");
	simulator_expire_access_tokens(fixture->simulator, SIMULATOR_USER);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(count_reports(fixture, "does not allow the permissions for shared mailboxes") > 0);
	g_assert_true(store_account_change_flags(store, inbox, numbers, STORE_FLAG_READ, 0, &error));
	g_assert_no_error(error);
	waiting = store_account_count_waiting(store);
	g_assert_cmpuint(waiting, >, 0);
	/* A sign-in without it gives up nothing for the next start. */
	sign_in(fixture);
	g_assert_nonnull(outlook_account_get_settings(fixture->account)->config->extra_scopes);
	g_object_ref(store);
	outlook_account_close(shared, FALSE);
	g_assert_cmpuint(store_account_count_waiting(store), ==, waiting);
	g_object_unref(store);
}

/* Moves the mail of the own Inbox into the shared one, as the host does it. Returns the number of the original. */
static guint32
move_into(Fixture *fixture, OutlookAccount *shared, gint64 *own)
{
	g_autofree char *path = g_build_filename(g_get_user_data_dir(), "moved.eml", NULL);
	g_autoptr(GArray) numbers = list_inbox(fixture->account, own);
	g_autoptr(GArray) copies = g_array_new(FALSE, FALSE, sizeof(guint32));
	StoreAccount *store = outlook_account_get_store(shared);
	gint64 inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	g_autoptr(GError) error = NULL;
	guint32 copy;

	g_file_set_contents(path, MAIL, -1, &error);
	g_assert_no_error(error);
	copy = store_account_append_message(store, inbox, path, STORE_FLAG_READ, &error);
	g_assert_no_error(error);
	g_unlink(path);
	g_array_append_val(copies, copy);
	outlook_handover_add(fixture->account, *own, numbers, shared, inbox, copies);
	return g_array_index(numbers, guint32, 0);
}

static void
test_an_original_goes_when_the_other_mailbox_has_its_copy(Fixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;
	StoreAccount *store;
	guint32 number;
	gint64 own;

	deliver(fixture);
	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	shared = open_shared(fixture);
	store = outlook_account_get_store(fixture->account);
	iterate_until(inbox_has(fixture, 1));
	outlook_account_set_online(shared, FALSE);
	number = move_into(fixture, shared, &own);
	outlook_account_push(shared);
	outlook_account_push(fixture->account);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_true(outlook_handover_has(fixture->account, own, number));
	g_assert_true(inbox_has(fixture, 1));
	g_assert_cmpuint(store_account_count_waiting(store), ==, 0);

	outlook_account_set_online(shared, TRUE);
	iterate_until(inbox_has(fixture, 0) && store_account_count_waiting(store) == 0);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_USER, "inbox", "Kites"), ==, 0);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_OTHER, "inbox", "Kites"), ==, 2);
	g_assert_false(outlook_handover_has(fixture->account, own, number));
}

static void
test_an_original_stays_when_its_copy_is_refused(Fixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;
	guint32 number;
	gint64 own;

	deliver(fixture);
	simulator_share_read_only(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	shared = open_shared(fixture);
	iterate_until(inbox_has(fixture, 1));
	number = move_into(fixture, shared, &own);
	g_hash_table_remove_all(fixture->changed);
	outlook_account_push(shared);
	iterate_until(!outlook_handover_has(fixture->account, own, number));
	g_assert_true(g_hash_table_contains(fixture->changed, &own));
	g_assert_true(inbox_has(fixture, 1));
	g_assert_true(outlook_account_is_read_only(shared));
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
}

/* What the program knew of the move ends with it. */
static void
test_an_original_stays_when_the_program_ends_before(Fixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;
	guint32 number;
	gint64 own;

	deliver(fixture);
	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	shared = open_shared(fixture);
	iterate_until(inbox_has(fixture, 1));
	outlook_account_set_online(shared, FALSE);
	number = move_into(fixture, shared, &own);
	g_assert_true(outlook_handover_has(fixture->account, own, number));
	outlook_settings_free(fixture->settings);
	fixture->settings = outlook_settings_copy(outlook_account_get_settings(fixture->account));
	outlook_handover_forget();
	close_account(fixture, FALSE);

	open_account(fixture);
	outlook_account_set_online(fixture->account, TRUE);
	shared = outlook_account_find_shared(fixture->account, SIMULATOR_OTHER);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(store_account_count_waiting(outlook_account_get_store(shared)) == 0);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_OTHER, "inbox", "Kites"), ==, 2);
	g_assert_false(outlook_handover_has(fixture->account, own, number));
	g_assert_true(inbox_has(fixture, 1));
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
}

static void
test_an_original_stays_when_the_other_mailbox_is_removed(Fixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;
	guint32 number;
	gint64 own;

	deliver(fixture);
	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	shared = open_shared(fixture);
	iterate_until(inbox_has(fixture, 1));
	outlook_account_set_online(shared, FALSE);
	number = move_into(fixture, shared, &own);
	g_hash_table_remove_all(fixture->changed);
	outlook_account_remove_shared(fixture->account, SIMULATOR_OTHER);
	g_assert_false(outlook_handover_has(fixture->account, own, number));
	g_assert_true(g_hash_table_contains(fixture->changed, &own));
	g_assert_true(inbox_has(fixture, 1));
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
}

static void
test_what_waits_in_a_shared_mailbox_is_sent_before_it_is_removed(Fixture *fixture, gconstpointer data)
{
	OutlookAccount *shared;
	gint64 own;

	deliver(fixture);
	simulator_share(fixture->simulator, SIMULATOR_OTHER, SIMULATOR_USER);
	shared = open_shared(fixture);
	iterate_until(inbox_has(fixture, 1));
	outlook_account_set_online(shared, FALSE);
	move_into(fixture, shared, &own);
	g_assert_cmpuint(outlook_account_settle_shared(fixture->account, SIMULATOR_OTHER), ==, 1);
	g_assert_cmpuint(outlook_account_settle_shared(fixture->account, "nobody@contoso.example"), ==, 0);
	outlook_account_set_online(shared, TRUE);
	g_assert_cmpuint(outlook_account_settle_shared(fixture->account, SIMULATOR_OTHER), ==, 0);
	outlook_account_remove_shared(fixture->account, SIMULATOR_OTHER);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_OTHER, "inbox", "Kites"), ==, 2);
	g_assert_cmpuint(outlook_account_settle_shared(fixture->account, SIMULATOR_OTHER), ==, 0);
}

/* The mail of the Inbox is deleted here, and nobody has told the server yet. */
static void
delete_mail(Fixture *fixture)
{
	g_autoptr(GArray) numbers = NULL;
	g_autoptr(GError) error = NULL;
	StoreAccount *store;
	gint64 inbox;

	deliver(fixture);
	open_account(fixture);
	outlook_account_check(fixture->account, 0, TRUE);
	iterate_until(state(fixture) == OAUTH_STATE_SIGNED_IN && inbox_has(fixture, 1));
	store = outlook_account_get_store(fixture->account);
	inbox = store_account_find_role(store, STORE_ROLE_INBOX);
	numbers = store_account_list_numbers(store, inbox, &error);
	g_assert_no_error(error);
	g_assert_true(store_account_delete_messages(store, inbox, numbers, &error));
	g_assert_no_error(error);
}

static void
test_what_waits_is_sent_before_the_account_is_forgotten(Fixture *fixture, gconstpointer data)
{
	delete_mail(fixture);
	g_ptr_array_set_size(fixture->reports, 0);
	close_account(fixture, TRUE);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_USER, "inbox", "Kites"), ==, 0);
	g_assert_cmpuint(fixture->reports->len, ==, 0);
	outlook_account_wait_forgotten(60);
}

static void
test_what_is_lost_with_a_forgotten_account_is_said(Fixture *fixture, gconstpointer data)
{
	delete_mail(fixture);
	outlook_account_set_online(fixture->account, FALSE);
	g_ptr_array_set_size(fixture->reports, 0);
	close_account(fixture, TRUE);
	g_assert_cmpuint(count_mails(fixture, SIMULATOR_USER, "inbox", "Kites"), ==, 1);
	g_assert_cmpuint(fixture->reports->len, ==, 1);
	g_assert_true(g_str_has_prefix(g_ptr_array_index(fixture->reports, 0), "1 change that was made here"));
	outlook_account_wait_forgotten(60);
}

static void
test_a_store_in_use_is_told_until_it_is_free(Fixture *fixture, gconstpointer data)
{
	g_autoptr(OutlookAccount) second = NULL;

	open_account(fixture);
	second = outlook_account_new_full(2, "Second", fixture->settings, fixture->keyring, NULL);
	g_assert_null(outlook_account_get_store(second));
	g_assert_nonnull(strstr(outlook_account_get_store_error(second), "Another program"));
	g_signal_connect(second, "folders-changed", G_CALLBACK(on_folders_changed), fixture);
	outlook_account_check(second, 0, TRUE);
	g_assert_null(outlook_account_get_store(second));
	close_account(fixture, FALSE);
	fixture->n_folders = 0;
	outlook_account_check(second, 0, TRUE);
	g_assert_nonnull(outlook_account_get_store(second));
	g_assert_null(outlook_account_get_store_error(second));
	iterate_until(fixture->n_folders > 0);
	outlook_account_close(second, FALSE);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

int
main(int argc, char *argv[])
{
	g_autofree char *home = g_dir_make_tmp("outlook-account-XXXXXX", NULL);
	int status;

	g_assert_nonnull(home);
	g_setenv("XDG_DATA_HOME", home, TRUE);
	g_test_init(&argc, &argv, NULL);
#define ADD(name, secret, test) g_test_add(name, Fixture, secret, set_up, test, tear_down)
	ADD("/account/the-first-check-signs-in-and-brings-the-mail", NULL,
	    test_the_first_check_signs_in_and_brings_the_mail);
	ADD("/account/a-failed-sign-in-is-said-once-and-not-repeated", NULL,
	    test_a_failed_sign_in_is_said_once_and_not_repeated);
	ADD("/account/a-sign-in-of-another-program-is-found", NULL, test_a_sign_in_of_another_program_is_found);
	ADD("/account/a-code-for-another-device-signs-in", NULL, test_a_code_for_another_device_signs_in);
	ADD("/account/offline-nothing-is-asked", NULL, test_offline_nothing_is_asked);
	ADD("/account/a-change-reaches-the-server-by-itself", NULL, test_a_change_reaches_the_server_by_itself);
	ADD("/account/a-draft-that-rests-during-a-check-goes-afterwards", NULL,
	    test_a_draft_that_rests_during_a_check_goes_afterwards);
	ADD("/account/what-an-earlier-run-left-goes-without-a-check", NULL,
	    test_what_an_earlier_run_left_goes_without_a_check);
	ADD("/account/bodies-come-in-the-background", NULL, test_bodies_come_in_the_background);
	ADD("/account/a-forgotten-account-leaves-nothing", NULL, test_a_forgotten_account_leaves_nothing);
	ADD("/account/what-waits-is-sent-before-the-account-is-forgotten", NULL,
	    test_what_waits_is_sent_before_the_account_is_forgotten);
	ADD("/account/what-is-lost-with-a-forgotten-account-is-said", NULL,
	    test_what_is_lost_with_a_forgotten_account_is_said);
	ADD("/account/a-secret-in-a-file-signs-in", "s3cret-of-a-test", test_a_secret_in_a_file_signs_in);
	ADD("/account/a-sign-in-that-dies-in-a-synchronisation-goes-on-where-it-stopped", NULL,
	    test_a_sign_in_that_dies_in_a_synchronisation);
	ADD("/account/mail-of-somebody-who-signed-out-leaves-once", NULL,
	    test_mail_of_somebody_who_signed_out_leaves_once);
	ADD("/account/mail-during-which-somebody-signs-out-leaves-once", NULL,
	    test_mail_during_which_somebody_signs_out_leaves_once);
	ADD("/account/mail-that-is-removed-comes-back-once", NULL, test_mail_that_is_removed_comes_back_once);
	ADD("/account/changes-of-another-person-stay-here", NULL, test_changes_of_another_person_stay_here);
	ADD("/account/what-the-organization-refuses-leaves-the-mail", NULL,
	    test_what_the_organization_refuses_leaves_the_mail);
	ADD("/account/changes-of-a-shared-mailbox-wait-for-the-permission", NULL,
	    test_changes_of_a_shared_mailbox_wait_for_the_permission);
	ADD("/account/an-original-goes-when-the-other-mailbox-has-its-copy", NULL,
	    test_an_original_goes_when_the_other_mailbox_has_its_copy);
	ADD("/account/an-original-stays-when-its-copy-is-refused", NULL,
	    test_an_original_stays_when_its_copy_is_refused);
	ADD("/account/an-original-stays-when-the-program-ends-before", NULL,
	    test_an_original_stays_when_the_program_ends_before);
	ADD("/account/an-original-stays-when-the-other-mailbox-is-removed", NULL,
	    test_an_original_stays_when_the_other_mailbox_is_removed);
	ADD("/account/what-waits-in-a-shared-mailbox-is-sent-before-it-is-removed", NULL,
	    test_what_waits_in_a_shared_mailbox_is_sent_before_it_is_removed);
	ADD("/account/a-store-in-use-is-told-until-it-is-free", NULL, test_a_store_in_use_is_told_until_it_is_free);
	status = g_test_run();
	store_account_remove(home, NULL);
	return status;
}
