/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "oauth-device.h"
#include "oauth-error.h"
#include "oauth-session.h"
#include "simulator.h"

#define SECRET "s+e/c=r&e%t~"
#define INTERVAL 0.1
#define TOKEN_PATH "/common/oauth2/v2.0/token"

/* What the person at the other device does, and when. */
typedef enum {
	PERSON_ACCEPTS,	      /* before the first poll */
	PERSON_ACCEPTS_LATER, /* after two polls */
	PERSON_ACCEPTS_ONCE_ASKED,
	PERSON_DECLINES,
	PERSON_IS_ABSENT,
	PERSON_CANCELS, /* here */
} Person;

typedef struct {
	Simulator *tenant;
	OauthConfig *config;
	OauthKeyring *keyring;
	OauthSession *session;
	GCancellable *cancellable;
	Person person;
	const char *address;
	GThread *other_device;
	char *user_code;
	char *uri;
	gboolean openable;
	guint n_shown;
} Fixture;

/* Every line of every level that this program wrote to its log */
static GString *written;
static GMutex writing;

static GLogWriterOutput
write_log(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
	g_mutex_lock(&writing);
	for (gsize i = 0; i < n_fields; i++) {
		if (g_str_equal(fields[i].key, "MESSAGE"))
			g_string_append_printf(written, "%s\n", (const char *)fields[i].value);
	}
	g_mutex_unlock(&writing);
	return G_LOG_WRITER_HANDLED;
}

static void
set_up(Fixture *fixture, gconstpointer client)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", NULL};
	g_autoptr(GError) error = NULL;

	fixture->tenant = simulator_new();
	simulator_add_client(fixture->tenant, "confidential", SECRET);
	simulator_set_device(fixture->tenant, INTERVAL, 900);
	g_assert_true(simulator_add_mailbox(fixture->tenant, SIMULATOR_USER, "", &error));
	g_assert_no_error(error);
	g_assert_true(simulator_start(fixture->tenant, 0, NULL, &error));
	g_assert_no_error(error);
	fixture->config = oauth_config_new("11111111-2222-4333-8444-555555555555");
	fixture->config->client_id = g_strdup(client);
	fixture->config->identity_origin = g_strdup(simulator_get_origin(fixture->tenant));
	fixture->config->graph_origin = g_strdup(simulator_get_origin(fixture->tenant));
	fixture->config->scopes = g_strdupv((char **)scopes);
	fixture->keyring = oauth_keyring_new_in_memory();
	fixture->session = oauth_session_new(fixture->config, fixture->keyring, NULL);
	fixture->cancellable = g_cancellable_new();
	fixture->address = SIMULATOR_USER;
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_finalize_object(fixture->session);
	g_assert_finalize_object(fixture->keyring);
	g_assert_finalize_object(fixture->cancellable);
	oauth_config_free(fixture->config);
	simulator_stop(fixture->tenant);
	g_assert_finalize_object(fixture->tenant);
	g_free(fixture->user_code);
	g_free(fixture->uri);
}

static guint
count_polls(Fixture *fixture)
{
	g_auto(GStrv) requests = simulator_get_requests(fixture->tenant);
	guint n = 0;

	for (char **line = requests; *line != NULL; line++)
		n += g_str_has_prefix(*line, "POST " TOKEN_PATH);
	return n;
}

static void
enter_code(Fixture *fixture, gboolean accept)
{
	g_assert_true(simulator_enter_code(fixture->tenant, fixture->user_code, fixture->address, accept));
}

/* Comes when the client has asked in vain. */
static gpointer
accept_later(gpointer data)
{
	Fixture *fixture = data;

	while (count_polls(fixture) < (fixture->person == PERSON_ACCEPTS_LATER ? 2 : 1))
		g_usleep(G_USEC_PER_SEC / 100);
	enter_code(fixture, TRUE);
	return NULL;
}

static void
show_code(const OauthDeviceCode *code, gpointer data)
{
	Fixture *fixture = data;

	fixture->n_shown++;
	g_free(fixture->user_code);
	g_free(fixture->uri);
	fixture->user_code = g_strdup(code->user_code);
	fixture->uri = g_strdup(code->verification_uri);
	fixture->openable = code->openable;
	switch (fixture->person) {
	case PERSON_ACCEPTS:
	case PERSON_DECLINES:
		enter_code(fixture, fixture->person == PERSON_ACCEPTS);
		break;
	case PERSON_ACCEPTS_LATER:
	case PERSON_ACCEPTS_ONCE_ASKED:
		fixture->other_device = g_thread_new("other-device", accept_later, fixture);
		break;
	case PERSON_CANCELS:
		g_cancellable_cancel(fixture->cancellable);
		break;
	case PERSON_IS_ABSENT:
		break;
	}
}

static gboolean
sign_in(Fixture *fixture, GError **error)
{
	gboolean done =
		oauth_session_sign_in_by_device(fixture->session, show_code, fixture, fixture->cancellable, error);

	if (fixture->other_device != NULL)
		g_thread_join(g_steal_pointer(&fixture->other_device));
	return done;
}

static void
assert_nothing_refused(Fixture *fixture)
{
	g_auto(GStrv) refusals = simulator_get_refusals(fixture->tenant);

	g_assert_cmpstr(refusals[0], ==, NULL);
}

static void
assert_signed_in(Fixture *fixture, GError *error)
{
	g_autoptr(OauthIdentity) identity = oauth_session_get_identity(fixture->session);
	char *token;

	g_assert_no_error(error);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_SIGNED_IN);
	g_assert_cmpstr(identity->username, ==, fixture->address);
	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), NULL, &error);
	g_assert_no_error(error);
	oauth_token_free(token);
}

static void
fail_polls(Fixture *fixture, const char *rest)
{
	g_autofree char *json = g_strdup_printf("{\"target\": \"identity\", \"path\": \"/token$\", %s}", rest);
	g_autoptr(GError) error = NULL;

	g_assert_true(simulator_add_fault(fixture->tenant, json, &error));
	g_assert_no_error(error);
}

/* The tenant refuses a first poll that does not wait. */
static void
test_waits(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	char *token;

	fixture->person = PERSON_ACCEPTS_LATER;
	sign_in(fixture, &error);
	assert_signed_in(fixture, error);
	g_assert_cmpuint(fixture->n_shown, ==, 1);
	g_assert_cmpuint(count_polls(fixture), ==, 3);
	g_assert_true(g_str_has_prefix(fixture->uri, simulator_get_origin(fixture->tenant)));
	g_assert_true(fixture->openable);
	assert_nothing_refused(fixture);

	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(fixture->session), NULL, NULL);
	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(fixture->session), token, NULL);
	oauth_token_free(token);
	assert_signed_in(fixture, NULL);
	assert_nothing_refused(fixture);
}

static void
test_confidential(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION);
	g_assert_nonnull(strstr(error->message, "AADSTS7000218"));
	g_clear_error(&error);
	simulator_reset_log(fixture->tenant);
	g_assert_true(oauth_keyring_store(fixture->keyring, fixture->config, OAUTH_SECRET_CLIENT, SECRET, NULL, NULL));
	sign_in(fixture, &error);
	assert_signed_in(fixture, error);
	assert_nothing_refused(fixture);
}

static void
test_declined(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->person = PERSON_DECLINES;
	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_DENIED);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_PENDING);
	g_assert_cmpuint(count_polls(fixture), ==, 1);
}

/* RFC 8628 3.5: the tenant adds the five seconds, too, and refuses a poll that comes before. */
static void
test_slows_down(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->person = PERSON_ACCEPTS_ONCE_ASKED;
	simulator_slow_device(fixture->tenant, 1);
	sign_in(fixture, &error);
	assert_signed_in(fixture, error);
	g_assert_cmpuint(count_polls(fixture), ==, 2);
	assert_nothing_refused(fixture);
}

static void
test_outlives_trouble(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->person = PERSON_ACCEPTS;
	fail_polls(fixture, "\"kind\": \"html\"");
	fail_polls(fixture, "\"kind\": \"close\"");
	fail_polls(fixture, "\"kind\": \"status\", \"status\": 503, \"headers\": {\"Retry-After\": \"1\"}");
	sign_in(fixture, &error);
	assert_signed_in(fixture, error);
	g_assert_cmpuint(count_polls(fixture), ==, 4);
	assert_nothing_refused(fixture);
}

/* The end by our own clock, without another request. */
static void
test_expires_here(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->person = PERSON_IS_ABSENT;
	simulator_set_device(fixture->tenant, 0.7, 1);
	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_TIMED_OUT);
	g_assert_cmpuint(count_polls(fixture), ==, 1);
	assert_nothing_refused(fixture);

	fixture->person = PERSON_ACCEPTS;
	simulator_set_device(fixture->tenant, INTERVAL, 900);
	g_clear_error(&error);
	sign_in(fixture, &error);
	assert_signed_in(fixture, error);
	g_assert_cmpuint(fixture->n_shown, ==, 2);
}

/* The end by the service's clock, in each of its words */
static void
test_expires_there(Fixture *fixture, gconstpointer data)
{
	static const char *const words[] = {"expired_token", "code_expired"};

	fixture->person = PERSON_IS_ABSENT;
	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		g_autofree char *fault =
			g_strdup_printf("\"kind\": \"oauth\", \"error\": \"%s\", \"code\": 70020", words[i]);
		g_autoptr(GError) error = NULL;

		fail_polls(fixture, fault);
		g_assert_false(sign_in(fixture, &error));
		g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_TIMED_OUT);
	}
}

static void
test_stops(Fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *fault;
		OauthError step;
	} cases[] = {
		{"\"kind\": \"oauth\", \"error\": \"bad_verification_code\", \"code\": 70018", OAUTH_ERROR_FAILED},
		{"\"kind\": \"oauth\", \"error\": \"access_denied\", \"code\": 65004", OAUTH_ERROR_DENIED},
		{"\"kind\": \"oauth\", \"error\": \"invalid_grant\", \"code\": 53003", OAUTH_ERROR_SIGN_IN_REQUIRED},
		{"\"kind\": \"oauth\", \"error\": \"something_new\", \"code\": 1", OAUTH_ERROR_FAILED},
		{"\"kind\": \"type\"", OAUTH_ERROR_PROTOCOL},
		{"\"kind\": \"type\", \"status\": 400", OAUTH_ERROR_PROTOCOL},
	};

	fixture->person = PERSON_IS_ABSENT;
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		simulator_reset_log(fixture->tenant);
		fail_polls(fixture, cases[i].fault);
		g_assert_false(sign_in(fixture, &error));
		g_assert_error(error, OAUTH_ERROR, (int)cases[i].step);
		g_assert_cmpuint(count_polls(fixture), ==, 1);
	}
}

/* With a wait of a quarter of an hour ahead */
static void
test_cancelled(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->person = PERSON_CANCELS;
	simulator_set_device(fixture->tenant, 899, 900);
	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	g_assert_cmpuint(count_polls(fixture), ==, 0);
	g_assert_cmpint(oauth_session_get_state(fixture->session), ==, OAUTH_STATE_PENDING);
}

static void
test_somebody_else(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	sign_in(fixture, &error);
	assert_signed_in(fixture, error);
	fixture->address = SIMULATOR_OTHER;
	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT);
	fixture->address = SIMULATOR_USER;
	assert_signed_in(fixture, NULL);
}

static void
test_refused_at_once(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(sign_in(fixture, &error));
	g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_CONFIGURATION);
	g_assert_cmpuint(fixture->n_shown, ==, 0);
}

static void
test_keeps_quiet(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	sign_in(fixture, &error);
	assert_signed_in(fixture, error);
	g_assert_nonnull(strstr(written->str, "devicecode endpoint: status 200"));
	g_assert_null(strstr(written->str, fixture->user_code));
}

static void
test_keeps_pace(void)
{
	static const struct {
		OauthDeviceTurn turn;
		double asked;
		double wait;
	} turns[] = {
		{OAUTH_DEVICE_PENDING, 0, 5},	  {OAUTH_DEVICE_SLOW_DOWN, 0, 10}, {OAUTH_DEVICE_PENDING, 0, 10},
		{OAUTH_DEVICE_TROUBLE, 0, 20},	  {OAUTH_DEVICE_TROUBLE, 0, 40},   {OAUTH_DEVICE_TROUBLE, 0, 60},
		{OAUTH_DEVICE_TROUBLE, 0, 60},	  {OAUTH_DEVICE_TROUBLE, 90, 90},  {OAUTH_DEVICE_PENDING, 0, 10},
		{OAUTH_DEVICE_TROUBLE, 7, 20},	  {OAUTH_DEVICE_SLOW_DOWN, 0, 15}, {OAUTH_DEVICE_SLOW_DOWN, 0, 20},
		{OAUTH_DEVICE_TROUBLE, 120, 120}, {OAUTH_DEVICE_PENDING, 0, 20},
	};
	OauthDevicePace pace = {5, 5};

	for (guint i = 0; i < G_N_ELEMENTS(turns); i++) {
		oauth_device_pace_heed(&pace, turns[i].turn, turns[i].asked);
		g_assert_cmpfloat(pace.wait, ==, turns[i].wait);
	}
}

static OauthDeviceCode *
parse(const char *json, GError **error)
{
	return oauth_device_code_parse(json, strlen(json), 0, error);
}

static void
test_reads_answers(void)
{
	static const struct {
		const char *json;
		double interval;
		guint seconds;
		gboolean openable;
	} good[] = {
		{"{\"device_code\": \"d\", \"user_code\": \"ABCD-EFGH\", \"verification_uri\": "
		 "\"https://x.example/l\", "
		 "\"expires_in\": 900}",
		 5, 900, TRUE},
		{"{\"device_code\": \"d\", \"user_code\": \"A B\", \"verification_uri\": \"http://localhost:1/l\", "
		 "\"expires_in\": \"60\", \"interval\": \"7\", \"message\": 3}",
		 7, 60, TRUE},
		{"{\"device_code\": \"d\", \"user_code\": \"A\", \"verification_uri\": \"http://x.example/l\", "
		 "\"expires_in\": 1e9, \"interval\": 0}",
		 5, 24 * 3600, FALSE},
		{"{\"device_code\": \"d\", \"user_code\": \"A\", \"verification_uri\": \"https://x.example\", "
		 "\"expires_in\": -4, \"interval\": 0.0001}",
		 0.1, 0, TRUE},
	};

	for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(OauthDeviceCode) code = parse(good[i].json, &error);

		g_assert_no_error(error);
		g_assert_cmpfloat(code->interval, ==, good[i].interval);
		g_assert_cmpint(code->expires, ==, (gint64)good[i].seconds * G_USEC_PER_SEC);
		g_assert_cmpint(code->openable, ==, good[i].openable);
	}
}

static void
test_refuses_answers(void)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{\"device_code\": \"d\"",
		"{\"user_code\": \"A\", \"verification_uri\": \"https://x.example\", \"expires_in\": 900}",
		"{\"device_code\": \"\", \"user_code\": \"A\", \"verification_uri\": \"https://x\", \"expires_in\": 9}",
		"{\"device_code\": \"d\", \"verification_uri\": \"https://x.example\", \"expires_in\": 900}",
		"{\"device_code\": \"d\", \"user_code\": 5, \"verification_uri\": \"https://x\", \"expires_in\": 900}",
		"{\"device_code\": \"d\", \"user_code\": \"A\\nB\", \"verification_uri\": \"https://x\", "
		"\"expires_in\": 9}",
		"{\"device_code\": \"d\", \"user_code\": \"A\", \"expires_in\": 900}",
		"{\"device_code\": \"d\", \"user_code\": \"A\", \"verification_uri\": \"https://x\"}",
		"{\"device_code\": \"d\", \"user_code\": \"A\", \"verification_uri\": \"https://x\", "
		"\"expires_in\": \"soon\"}",
		"{\"device_code\": \"d\", \"user_code\": \"A\", \"verification_uri\": \"https://x\", "
		"\"expires_in\": 9, \"interval\": []}",
		"{\"device_code\": \"d\", \"user_code\": \"A\", \"verification_uri\": \"javascript:x\", "
		"\"expires_in\": 9}",
		"{\"device_code\": \"d\", \"user_code\": \"A\", \"verification_uri\": \"file:///etc/passwd\", "
		"\"expires_in\": 9}",
		"{\"device_code\": \"d\", \"user_code\": \"A\", \"verification_uri\": \"https:///l\", "
		"\"expires_in\": 9}",
		"{\"device_code\": \"d\", \"user_code\": \"A\", \"verification_uri\": \"https://m.com@x.example/\", "
		"\"expires_in\": 9}",
		"{\"device_code\": \"d\", \"user_code\": \"A\", \"verification_uri\": \"https://x/ y\", "
		"\"expires_in\": 9}",
	};

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(parse(bad[i], &error));
		g_assert_error(error, OAUTH_ERROR, OAUTH_ERROR_PROTOCOL);
	}
}

#define ADD(path, client, function) g_test_add("/oauth/device/" path, Fixture, client, set_up, function, tear_down)

int
main(int argc, char **argv)
{
	int result;

	g_test_init(&argc, &argv, NULL);
	written = g_string_new(NULL);
	g_log_set_writer_func(write_log, NULL, NULL);
	ADD("waits before each poll, and renews afterwards", SIMULATOR_CLIENT_ID, test_waits);
	ADD("a confidential client sends its secret", "confidential", test_confidential);
	ADD("a person declines", SIMULATOR_CLIENT_ID, test_declined);
	ADD("slows down when told to", SIMULATOR_CLIENT_ID, test_slows_down);
	ADD("outlives trouble on the way", SIMULATOR_CLIENT_ID, test_outlives_trouble);
	ADD("ends with the code, and begins anew", SIMULATOR_CLIENT_ID, test_expires_here);
	ADD("ends when the service says so", SIMULATOR_CLIENT_ID, test_expires_there);
	ADD("stops at any other answer", SIMULATOR_CLIENT_ID, test_stops);
	ADD("is cancelled at once", SIMULATOR_CLIENT_ID, test_cancelled);
	ADD("somebody else is not let in", SIMULATOR_CLIENT_ID, test_somebody_else);
	ADD("shows nothing when the client is unknown", "nobody", test_refused_at_once);
	ADD("keeps the code out of the log", SIMULATOR_CLIENT_ID, test_keeps_quiet);
	g_test_add_func("/oauth/device/keeps the pace that was asked for", test_keeps_pace);
	g_test_add_func("/oauth/device/reads what a service answers", test_reads_answers);
	g_test_add_func("/oauth/device/refuses what is no code", test_refuses_answers);
	result = g_test_run();
	g_string_free(written, TRUE);
	return result;
}
