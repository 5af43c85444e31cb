/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "home.h"

#include <glib/gstdio.h>
#include <string.h>

#include "oauth-authorizer.h"

/* Hands out one token that it was given. */
#define TEST_TYPE_AUTHORIZER (test_authorizer_get_type())
G_DECLARE_FINAL_TYPE(TestAuthorizer, test_authorizer, TEST, AUTHORIZER, GObject)

struct _TestAuthorizer {
	GObject parent_instance;
	char *token;
	char *scopes; /* NULL: nobody knows */
};

static char *
acquire_token(OauthAuthorizer *authorizer, GCancellable *cancellable, GError **error)
{
	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return NULL;
	return g_strdup(TEST_AUTHORIZER(authorizer)->token);
}

static void
reject_token(OauthAuthorizer *authorizer, const char *token, const char *claims)
{
}

static gboolean
has_scope(OauthAuthorizer *authorizer, const char *short_name)
{
	TestAuthorizer *self = TEST_AUTHORIZER(authorizer);
	g_auto(GStrv) granted = self->scopes != NULL ? g_strsplit(self->scopes, " ", -1) : NULL;

	return granted == NULL || g_strv_contains((const char *const *)granted, short_name);
}

static void
test_authorizer_iface_init(OauthAuthorizerInterface *iface)
{
	iface->acquire_token = acquire_token;
	iface->reject_token = reject_token;
	iface->has_scope = has_scope;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(TestAuthorizer, test_authorizer, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(OAUTH_TYPE_AUTHORIZER, test_authorizer_iface_init))

static void
test_authorizer_finalize(GObject *object)
{
	g_free(TEST_AUTHORIZER(object)->token);
	g_free(TEST_AUTHORIZER(object)->scopes);
	G_OBJECT_CLASS(test_authorizer_parent_class)->finalize(object);
}

static void
test_authorizer_class_init(TestAuthorizerClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = test_authorizer_finalize;
}

static void
test_authorizer_init(TestAuthorizer *self)
{
}

static void
on_folder_changed(StoreAccount *account, gint64 folder, guint arrived, Home *self)
{
	self->arrived += arrived;
	self->changes++;
}

static void
on_refused(StoreAccount *account, const char *text, Home *self)
{
	g_ptr_array_add(self->refused, g_strdup(text));
}

void
home_open(Home *self)
{
	g_autoptr(GError) error = NULL;

	self->account = store_account_new(self->directory, self->client, &error);
	g_assert_no_error(error);
	store_account_set_draft_delay(self->account, 0);
	store_account_set_patience(self->account, 10);
	store_account_set_late_after(self->account, 0);
	g_signal_connect(self->account, "folder-changed", G_CALLBACK(on_folder_changed), self);
	g_signal_connect(self->account, "refused", G_CALLBACK(on_refused), self);
}

void
home_close(Home *self)
{
	g_assert_finalize_object(self->account);
	self->account = NULL;
}

void
home_join(Home *self, const char *origin, const char *token, const char *directory)
{
	TestAuthorizer *authorizer = g_object_new(TEST_TYPE_AUTHORIZER, NULL);

	authorizer->token = g_strdup(token);
	self->authorizer = OAUTH_AUTHORIZER(authorizer);
	self->directory = g_strdup(directory);
	self->refused = g_ptr_array_new_with_free_func(g_free);
	self->client = graph_client_new(self->authorizer, origin, self->mailbox, NULL);
	home_open(self);
}

static void
set_up(Home *self, const char *origin, const char *token)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *directory = g_dir_make_tmp("store-XXXXXX", &error);

	g_assert_no_error(error);
	home_join(self, origin, token, directory);
}

void
home_set_up_offline(Home *self, gconstpointer data)
{
	set_up(self, "http://localhost:9", "token");
}

void
home_set_up(Home *self, gconstpointer data)
{
	home_set_up_with(self, "User.Read Mail.ReadWrite Mail.Send");
}

void
home_set_up_with(Home *self, const char *scopes)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *token = NULL;

	self->simulator = simulator_new();
	simulator_add_mailbox(self->simulator, SIMULATOR_USER, "", &error);
	g_assert_no_error(error);
	if (self->mailbox != NULL) {
		simulator_add_mailbox(self->simulator, self->mailbox, "", &error);
		g_assert_no_error(error);
		simulator_share(self->simulator, self->mailbox, SIMULATOR_USER);
	}
	simulator_start(self->simulator, 0, NULL, &error);
	g_assert_no_error(error);
	token = simulator_issue_access_token(self->simulator, SIMULATOR_USER, scopes);
	set_up(self, simulator_get_origin(self->simulator), token);
	TEST_AUTHORIZER(self->authorizer)->scopes = g_strdup(scopes);
}

void
home_set_up_shared(Home *self, gconstpointer data)
{
	self->mailbox = SIMULATOR_OTHER;
	home_set_up_with(self, "User.Read Mail.ReadWrite Mail.ReadWrite.Shared Mail.Send Mail.Send.Shared");
}

void
home_tear_down(Home *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	home_close(self);
	g_assert_finalize_object(self->client);
	g_assert_finalize_object(self->authorizer);
	if (self->simulator != NULL) {
		simulator_stop(self->simulator);
		g_object_unref(self->simulator);
	}
	store_account_remove(self->directory, &error);
	g_assert_no_error(error);
	g_assert_false(g_file_test(self->directory, G_FILE_TEST_EXISTS));
	g_free(self->directory);
	g_ptr_array_unref(self->refused);
}

void
home_check(Home *self)
{
	g_autoptr(GError) error = NULL;

	store_account_check(self->account, 0, TRUE, NULL, &error);
	g_assert_no_error(error);
}

guint
home_get_n_requests(Home *self, const char *start)
{
	g_autofree char *pattern = g_strconcat(start, "*", NULL);

	return simulator_count_requests(self->simulator, pattern);
}

GArray *
home_numbers(guint32 number)
{
	GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint32));

	return g_array_append_val(numbers, number);
}

GArray *
home_list(Home *self, gint64 folder)
{
	g_autoptr(GError) error = NULL;
	GArray *numbers = store_account_list_numbers(self->account, folder, &error);

	g_assert_no_error(error);
	return numbers;
}

StoreMessage *
home_read(Home *self, gint64 folder, guint32 number)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) numbers = home_numbers(number);
	g_autoptr(GPtrArray) messages = store_account_list_messages(self->account, folder, numbers, &error);

	g_assert_no_error(error);
	return messages->len > 0 ? g_ptr_array_steal_index(messages, 0) : NULL;
}

StoreMessage *
home_find(Home *self, gint64 folder, const char *subject)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) messages = store_account_list_messages(self->account, folder, NULL, &error);
	StoreMessage *found = NULL;

	g_assert_no_error(error);
	for (guint i = 0; i < messages->len; i++) {
		StoreMessage *message = g_ptr_array_index(messages, i);

		if (g_strcmp0(message->subject, subject) != 0)
			continue;
		g_assert_null(found);
		found = g_ptr_array_steal_index(messages, i--);
	}
	return found;
}

char *
home_write_mail(const char *subject, const char *message_id)
{
	g_autofree char *line = message_id != NULL ? g_strdup_printf("Message-ID: %s\r\n", message_id) : g_strdup("");

	return g_strdup_printf("From: Bob <" SIMULATOR_OTHER ">\r\nTo: Alice <" SIMULATOR_USER ">\r\nSubject: %s\r\n"
			       "Date: Tue, 03 Mar 2026 10:00:00 +0100\r\n%sMIME-Version: 1.0\r\n"
			       "Content-Type: text/plain; charset=utf-8\r\n\r\nThis is %s.\r\n",
			       subject, line, subject);
}

GBytes *
home_write_letter(const char *subject)
{
	g_autofree char *message_id = g_strdup_printf("<%s@contoso.example>", subject);
	char *mail =
		g_strdup_printf("From: Alice <" SIMULATOR_USER ">\r\nTo: Bob <" SIMULATOR_OTHER ">\r\nSubject: %s\r\n"
				"Date: Tue, 03 Mar 2026 10:00:00 +0100\r\nMessage-ID: %s\r\nMIME-Version: 1.0\r\n"
				"Content-Type: text/plain; charset=utf-8\r\n\r\nThis is %s.\r\n",
				subject, message_id, subject);

	return g_bytes_new_take(mail, strlen(mail));
}

GBytes *
home_make_bytes(gsize length, guint seed)
{
	guint8 *data = g_malloc(length);
	guint32 state = seed + 1;

	for (gsize i = 0; i < length; i++) {
		state = state * 1664525 + 1013904223;
		data[i] = (guint8)(state >> 24);
	}
	return g_bytes_new_take(data, length);
}

guint32
home_append_mail(Home *self, gint64 folder, const char *mail, StoreFlags flags)
{
	return home_append_with_lines(self, folder, mail, NULL, flags);
}

guint32
home_append_with_lines(Home *self, gint64 folder, const char *mail, const char *lines, StoreFlags flags)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "append-XXXXXX", NULL);
	int fd = g_mkstemp(path);
	guint32 number;

	g_assert_cmpint(fd, >=, 0);
	close(fd);
	g_file_set_contents(path, mail, -1, &error);
	g_assert_no_error(error);
	number = store_account_append_with_lines(self->account, folder, path, lines, flags, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(number, !=, 0);
	g_unlink(path);
	return number;
}

guint32
home_append(Home *self, gint64 folder, const char *subject, StoreFlags flags)
{
	g_autofree char *mail = home_write_mail(subject, NULL);

	return home_append_mail(self, folder, mail, flags);
}

static const char *
get_address(Home *self)
{
	return self->mailbox != NULL ? self->mailbox : SIMULATOR_USER;
}

char *
home_deliver(Home *self, const char *folder, const char *subject)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *uuid = g_uuid_string_random();
	g_autofree char *message_id = g_strdup_printf("<%s@contoso.example>", uuid);
	g_autofree char *mail = home_write_mail(subject, message_id);
	char *id = simulator_deliver(self->simulator, get_address(self), folder, mail, -1, &error);

	g_assert_no_error(error);
	return id;
}

JsonArray *
home_dump(Home *self, const char *folder)
{
	g_autoptr(JsonNode) node = simulator_dump(self->simulator, get_address(self), folder);

	g_assert_nonnull(node);
	return json_array_ref(json_node_get_array(node));
}

guint
home_count(Home *self, const char *folder, const char *subject)
{
	return simulator_count(self->simulator, get_address(self), folder, subject);
}

JsonObject *
home_get(Home *self, const char *folder, const char *subject)
{
	return simulator_get(self->simulator, get_address(self), folder, subject);
}

void
home_fault(Home *self, const char *json)
{
	g_autoptr(GError) error = NULL;

	simulator_add_fault(self->simulator, json, &error);
	g_assert_no_error(error);
}

void
home_send(Home *self, GBytes *mime)
{
	static const char *const recipients[] = {SIMULATOR_OTHER, NULL};
	g_autoptr(GError) error = NULL;

	store_account_send(self->account, mime, recipients, NULL, &error);
	g_assert_no_error(error);
}

guint
home_count_received(Home *home, const char *subject)
{
	return simulator_count(home->simulator, SIMULATOR_OTHER, "inbox", subject);
}
