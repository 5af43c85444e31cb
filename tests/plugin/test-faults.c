/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "graph-folder.h"
#include "graph-user.h"
#include "oauth-error.h"
#include "oauth-session.h"
#include "outlook-failure.h"
#include "person.h"
#include "sim-proxy.h"
#include "simulator.h"

/*
 * Every fault of OAUTH.md 9b and those of a registration, a network and a mailbox, each forced at the simulated tenant
 * and met over real HTTP: what a person then reads, and what is offered. The table of all is tests/plugin/faults.md;
 * with
 * --table this program prints it anew.
 */

#define THREADS 16
#define SECRET "the-value-of-the-secret"

typedef enum {
	ON_THE_PAGE, /* the browser shows it, and a person copies the page's text */
	ON_THE_WAY_BACK,
	AT_THE_CODE,
	AT_A_REFRESH,
} Where;

static const char *const places[] = {"in the browser", "back from the browser", "after the browser", "at a renewal"};

typedef struct {
	guint code;
	const char *name;
	Where where;
	const char *error; /* of the platform; unused on a page */
} Row;

/* By number; what each means is OAUTH.md 9b's, and where it comes up is the likeliest place. */
static const Row rows[] = {
	{16000, "an account of another directory", ON_THE_PAGE, NULL},
	{28002, "a wrong permission", AT_THE_CODE, "invalid_request"},
	{28003, "no permission", AT_THE_CODE, "invalid_request"},
	{50011, "redirect URI mismatch", ON_THE_PAGE, NULL},
	{50020, "account type not allowed", ON_THE_PAGE, NULL},
	{50033, "the service is busy", AT_A_REFRESH, "temporarily_unavailable"},
	{50034, "no such account", ON_THE_PAGE, NULL},
	{50053, "the account is locked", ON_THE_PAGE, NULL},
	{50055, "the password has expired", AT_A_REFRESH, "invalid_grant"},
	{50056, "no password", ON_THE_PAGE, NULL},
	{50057, "the account is disabled", AT_A_REFRESH, "invalid_grant"},
	{50058, "no session", ON_THE_WAY_BACK, "login_required"},
	{50059, "no directory", ON_THE_PAGE, NULL},
	{50072, "a second factor is to be set up", AT_A_REFRESH, "interaction_required"},
	{50074, "a second factor is missing", AT_A_REFRESH, "interaction_required"},
	{50076, "a second factor is wanted", AT_A_REFRESH, "interaction_required"},
	{50078, "the second factor is too old", AT_A_REFRESH, "interaction_required"},
	{50079, "a second factor is to be registered", AT_A_REFRESH, "interaction_required"},
	{50089, "the session is over", AT_A_REFRESH, "invalid_grant"},
	{50097, "a managed device is wanted", ON_THE_PAGE, NULL},
	{50105, "the person is not assigned to the app", ON_THE_PAGE, NULL},
	{50126, "a wrong password", ON_THE_PAGE, NULL},
	{50128, "no such domain", ON_THE_PAGE, NULL},
	{50129, "the device is not joined", ON_THE_PAGE, NULL},
	{50131, "conditional access", AT_A_REFRESH, "invalid_grant"},
	{50132, "the session ended", AT_A_REFRESH, "invalid_grant"},
	{50133, "the password was changed", AT_A_REFRESH, "invalid_grant"},
	{50135, "the password is to be changed", ON_THE_PAGE, NULL},
	{50144, "the directory's password has expired", ON_THE_PAGE, NULL},
	{50147, "PKCE: the challenge", ON_THE_WAY_BACK, "invalid_request"},
	{50155, "the device cannot be told", AT_A_REFRESH, "invalid_grant"},
	{50158, "an outside check is not met", AT_A_REFRESH, "interaction_required"},
	{50173, "the tokens were revoked", AT_A_REFRESH, "invalid_grant"},
	{50187, "the device cannot be checked", AT_A_REFRESH, "invalid_grant"},
	{50194, "wrong tenant: the app is for one directory", ON_THE_PAGE, NULL},
	{50196, "a loop", AT_A_REFRESH, "invalid_grant"},
	{50199, "the app is to be confirmed", ON_THE_PAGE, NULL},
	{51004, "no such account here", ON_THE_PAGE, NULL},
	{53000, "conditional access: the device", AT_A_REFRESH, "invalid_grant"},
	{53001, "conditional access: the domain", AT_A_REFRESH, "invalid_grant"},
	{53002, "conditional access: the app", ON_THE_PAGE, NULL},
	{53003, "conditional access", ON_THE_WAY_BACK, "access_denied"},
	{53011, "the person is at risk", AT_A_REFRESH, "invalid_grant"},
	{54005, "the code was used", AT_THE_CODE, "invalid_grant"},
	{65001, "consent withdrawn", AT_A_REFRESH, "invalid_grant"},
	{65002, "a client ID of Microsoft's", ON_THE_PAGE, NULL},
	{65004, "consent declined", ON_THE_WAY_BACK, "access_denied"},
	{65005, "a permission is not in the registration", ON_THE_PAGE, NULL},
	{70000, "the grant is not valid", AT_THE_CODE, "invalid_grant"},
	{70001, "the app is disabled", ON_THE_PAGE, NULL},
	{70002, "a wrong secret", AT_THE_CODE, "invalid_client"},
	{70008, "the code is too old", AT_THE_CODE, "invalid_grant"},
	{70011, "an invalid permission", ON_THE_WAY_BACK, "invalid_scope"},
	{70018, "a wrong device code", AT_THE_CODE, "bad_verification_code"},
	{70019, "a device code that has expired", AT_THE_CODE, "expired_token"},
	{70020, "a device code that has expired", AT_THE_CODE, "expired_token"},
	{70043, "sign-in frequency", AT_A_REFRESH, "invalid_grant"},
	{80012, "outside of the hours", ON_THE_PAGE, NULL},
	{90002, "wrong tenant", ON_THE_PAGE, NULL},
	{90006, "the service is busy", AT_A_REFRESH, "temporarily_unavailable"},
	{90012, "the service is busy", AT_A_REFRESH, "temporarily_unavailable"},
	{90014, "a field is missing", AT_THE_CODE, "invalid_request"},
	{90024, "the service is busy", AT_A_REFRESH, "temporarily_unavailable"},
	{90033, "the service is busy", AT_A_REFRESH, "temporarily_unavailable"},
	{90038, "the directory is in another cloud", ON_THE_PAGE, NULL},
	{90055, "the tenant is throttled", AT_A_REFRESH, "temporarily_unavailable"},
	{90072, "a foreign account without a second factor", ON_THE_PAGE, NULL},
	{90090, "the service is busy", AT_A_REFRESH, "temporarily_unavailable"},
	{90094, "an administrator has to consent", ON_THE_PAGE, NULL},
	{90095, "an administrator has to consent", ON_THE_WAY_BACK, "consent_required"},
	{90100, "a parameter is not valid", ON_THE_WAY_BACK, "invalid_request"},
	{90124, "the endpoint is not for this app", ON_THE_PAGE, NULL},
	{90130, "the endpoint is not for this app", ON_THE_PAGE, NULL},
	{135011, "the device is disabled", AT_A_REFRESH, "invalid_grant"},
	{500011, "the Graph server is unknown", ON_THE_WAY_BACK, "invalid_resource"},
	{500021, "the network restricts tenants", ON_THE_PAGE, NULL},
	{500022, "the network restricts tenants", ON_THE_PAGE, NULL},
	{500113, "no redirect URI at all", ON_THE_PAGE, NULL},
	{501481, "PKCE: the verifier", AT_THE_CODE, "invalid_grant"},
	{501491, "PKCE: the size", ON_THE_WAY_BACK, "invalid_request"},
	{530032, "conditional access: blocked", AT_A_REFRESH, "invalid_grant"},
	{530035, "conditional access: security defaults", AT_A_REFRESH, "invalid_grant"},
	{530036, "device codes are blocked", AT_THE_CODE, "invalid_grant"},
	{650052, "the organization lacks the service", ON_THE_PAGE, NULL},
	{650053, "the name of a permission is unknown", ON_THE_WAY_BACK, "invalid_client"},
	{650056, "the registration is incomplete", ON_THE_PAGE, NULL},
	{650057, "a resource is not in the registration", AT_THE_CODE, "invalid_resource"},
	{700005, "the code is of another tenant", AT_THE_CODE, "invalid_grant"},
	{700011, "wrong client ID", AT_THE_CODE, "unauthorized_client"},
	{700016, "wrong client ID", ON_THE_PAGE, NULL},
	{700022, "permissions of two services", AT_THE_CODE, "invalid_scope"},
	{700025, "a needless secret", AT_THE_CODE, "invalid_client"},
	{700082, "not used for a long time", AT_A_REFRESH, "invalid_grant"},
	{700084, "a registration for web pages", AT_A_REFRESH, "invalid_grant"},
	{900023, "wrong tenant: no name of one", ON_THE_PAGE, NULL},
	{900144, "a parameter is missing", AT_THE_CODE, "invalid_request"},
	{7000112, "the app is disabled", AT_THE_CODE, "unauthorized_client"},
	{7000215, "secret pasted as its ID", AT_THE_CODE, "invalid_client"},
	{7000218, "public client flows off", AT_THE_CODE, "invalid_client"},
	{7000222, "secret expired", AT_A_REFRESH, "invalid_client"},
	{9002313, "the request is malformed", AT_THE_CODE, "invalid_request"},
	{9002331, "account type: personal accounts only", ON_THE_PAGE, NULL},
	{9002332, "account type: no personal accounts", ON_THE_PAGE, NULL},
};

typedef struct {
	Simulator *tenant;
	OauthConfig *config;
	OauthKeyring *keyring;
	OauthSession *session;
	GCancellable *cancellable;
	GThread *browser;
	char *page; /* what the browser shows in place of an answer */
	const char *button;
	char *line; /* of the table */
	SimProxy *proxy;
	char *authority;   /* the file of its certificate */
	gboolean declines; /* at another device */
} Stage;

static void
stage_open(Stage *self)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", "Mail.Send", NULL};
	g_autoptr(GError) error = NULL;

	self->tenant = simulator_new();
	simulator_add_client(self->tenant, "confidential", SECRET);
	g_assert_true(simulator_add_mailbox(self->tenant, SIMULATOR_USER, "", &error));
	g_assert_true(simulator_start(self->tenant, 0, NULL, &error));
	g_assert_no_error(error);

	self->config = oauth_config_new("11111111-2222-4333-8444-555555555555");
	self->config->client_id = g_strdup(SIMULATOR_CLIENT_ID);
	self->config->identity_origin = g_strdup(simulator_get_origin(self->tenant));
	self->config->graph_origin = g_strdup(simulator_get_origin(self->tenant));
	self->config->scopes = g_strdupv((char **)scopes);
	self->keyring = oauth_keyring_new_in_memory();
	self->session = oauth_session_new(self->config, self->keyring, NULL);
	self->cancellable = g_cancellable_new();
	self->button = "accept";
}

static void
stage_close(Stage *self)
{
	g_assert_finalize_object(self->session);
	g_assert_finalize_object(self->keyring);
	simulator_stop(self->tenant);
	g_assert_finalize_object(self->tenant);
	g_clear_object(&self->cancellable);
	g_clear_pointer(&self->config, oauth_config_free);
	g_clear_pointer(&self->page, g_free);
}

static gpointer
browse(gpointer user_data)
{
	Stage *self = user_data;
	g_autofree char *uri = g_steal_pointer(&self->page);
	g_autoptr(PersonAnswer) answer = person_visit(uri, SIMULATOR_USER, self->button);

	if (answer->page != NULL) {
		self->page = g_strdup(answer->page);
		/* as a person does who has read the page */
		g_cancellable_cancel(self->cancellable);
	} else {
		g_assert_cmpuint(person_deliver(answer, NULL), ==, 200);
	}
	return NULL;
}

static gboolean
open_uri(const char *uri, gpointer user_data, GError **error)
{
	Stage *self = user_data;

	g_free(self->page);
	self->page = g_strdup(uri);
	self->browser = g_thread_new("browser", browse, self);
	return TRUE;
}

static gboolean
sign_in(Stage *self, GError **error)
{
	gboolean done;

	oauth_session_set_config(self->session, self->config);
	done = oauth_session_sign_in(self->session, open_uri, self, self->cancellable, error);
	if (self->browser != NULL)
		g_thread_join(g_steal_pointer(&self->browser));
	return done;
}

/* What a person sees of a sign-in that is to fail */
static OutlookFailure *
fail_sign_in(Stage *self)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(sign_in(self, &error));
	if (self->page == NULL)
		return outlook_failure_new(error);
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
	return outlook_failure_new_from_page(self->page);
}

static void
add_fault(Stage *self, const char *json)
{
	g_autoptr(GError) error = NULL;

	simulator_add_fault(self->tenant, json, &error);
	g_assert_no_error(error);
}

static OutlookFailure *
fail_refresh(Stage *self, const char *fault)
{
	g_autoptr(GError) error = NULL;
	char *token;

	sign_in(self, &error);
	g_assert_no_error(error);
	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(self->session), NULL, &error);
	g_assert_no_error(error);
	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(self->session), token, NULL);
	oauth_token_free(token);
	add_fault(self, fault);
	g_assert_null(oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(self->session), NULL, &error));
	return outlook_failure_new(error);
}

/* What the buttons say, without mnemonics */
static char *
list_offers(const OutlookFailure *failure)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < OAUTH_MAX_REMEDIES; i++) {
		const char *label = outlook_failure_get_label(failure->remedies[i]);

		if (label != NULL)
			g_string_append_printf(text, "%s%s", text->len > 0 ? " · " : "", label);
	}
	g_string_replace(text, "_", "", 0);
	return g_string_free(text, FALSE);
}

/* What the run or a library adds is no part of the table. */
static char *
make_steady(const char *text)
{
	g_autoptr(GRegex) ids = g_regex_new("[0-9a-f]{8}-[0-9a-f-]{27}", 0, 0, NULL);
	g_autoptr(GRegex) reasons = g_regex_new(" \\((?!HTTP)[^()]*\\)$", 0, 0, NULL);
	g_autoptr(GRegex) ports = g_regex_new("(127\\.0\\.0\\.1:)[0-9]+", 0, 0, NULL);
	g_autofree char *without_ids = g_regex_replace_literal(ids, text, -1, 0, "…", 0, NULL);
	g_autofree char *without_ports = g_regex_replace(ports, without_ids, -1, 0, "\\1…", 0, NULL);

	return g_regex_replace_literal(reasons, without_ports, -1, 0, " (…)", 0, NULL);
}

static void
note(Stage *self, const char *name, const char *where, const OutlookFailure *failure)
{
	g_autofree char *offers = NULL;
	g_autofree char *text = NULL;

	g_assert_nonnull(failure);
	g_assert_cmpstr(failure->text, !=, "");
	g_assert_null(strstr(failure->text, "AADSTS"));
	offers = list_offers(failure);
	text = make_steady(failure->text);
	self->line = g_strdup_printf("| %s | %s | %s | %s | %s |\n", name, where,
				     failure->number != NULL ? failure->number : "", text, offers);
}

static void
run_row(Stage *self, const Row *row)
{
	g_autoptr(OutlookFailure) failure = NULL;
	g_autofree char *number = g_strdup_printf("AADSTS%u", row->code);
	gboolean in_browser = row->where == ON_THE_PAGE || row->where == ON_THE_WAY_BACK;
	g_autofree char *fault = g_strdup_printf(
		"{\"target\": \"identity\", \"path\": \"/%s$\", \"kind\": \"oauth\", \"error\": \"%s\", "
		"\"code\": %u, \"back\": %s}",
		in_browser ? "authorize" : "token", row->error != NULL ? row->error : "invalid_request", row->code,
		row->where == ON_THE_WAY_BACK ? "true" : "false");

	stage_open(self);
	if (row->where == AT_A_REFRESH) {
		failure = fail_refresh(self, fault);
	} else {
		add_fault(self, fault);
		failure = fail_sign_in(self);
	}
	if (g_strcmp0(row->error, "temporarily_unavailable") != 0) {
		g_assert_cmpstr(failure->number, ==, number);
		g_assert_nonnull(strstr(failure->details, "Correlation ID: "));
		g_assert_nonnull(strstr(failure->details, "Trace ID: "));
	}
	g_free(failure->number);
	failure->number = g_steal_pointer(&number);
	note(self, row->name, places[row->where], failure);
	stage_close(self);
}

static void
set(char **field, const char *value)
{
	g_free(*field);
	*field = g_strdup(value);
}

static void
settings_wrong_client(Stage *self)
{
	set(&self->config->client_id, "99999999-2222-4333-8444-555555555555");
}

static void
settings_wrong_tenant(Stage *self)
{
	set(&self->config->tenant, "nowhere.example");
}

static void
settings_other_directory(Stage *self)
{
	set(&self->config->tenant, "consumers");
}

static void
settings_wrong_redirect(Stage *self)
{
	set(&self->config->redirect_path, "/nowhere");
}

static void
settings_wrong_redirect_of_the_web(Stage *self)
{
	set(&self->config->client_id, "confidential");
	g_assert_true(oauth_keyring_store(self->keyring, self->config, OAUTH_SECRET_CLIENT, SECRET, NULL, NULL));
	settings_wrong_redirect(self);
}

static void
settings_misspelt_permission(Stage *self)
{
	set(&self->config->scopes[1], "Mail.ReedWrite");
}

static void
settings_restricted_permission(Stage *self)
{
	set(&self->config->scopes[1], "Directory.ReadWrite.All");
}

static void
settings_needless_secret(Stage *self)
{
	g_assert_true(oauth_keyring_store(self->keyring, self->config, OAUTH_SECRET_CLIENT, "needless", NULL, NULL));
}

static void
settings_no_secret(Stage *self)
{
	set(&self->config->client_id, "confidential");
}

static void
settings_wrong_secret(Stage *self)
{
	settings_no_secret(self);
	g_assert_true(oauth_keyring_store(self->keyring, self->config, OAUTH_SECRET_CLIENT,
					  "22222222-2222-4333-8444-555555555555", NULL, NULL));
}

static void
person_declines(Stage *self)
{
	self->button = "cancel";
}

static void
network_wants_sign_in(Stage *self)
{
	add_fault(self, "{\"target\": \"identity\", \"path\": \"/token$\", \"kind\": \"html\"}");
}

static void
network_proxy(Stage *self)
{
	add_fault(self, "{\"target\": \"identity\", \"path\": \"/token$\", \"kind\": \"html\", \"status\": 407}");
}

static void
network_breaks(Stage *self)
{
	add_fault(self, "{\"target\": \"identity\", \"path\": \"/token$\", \"kind\": \"close\"}");
}

static void
service_fails(Stage *self)
{
	add_fault(self, "{\"target\": \"identity\", \"path\": \"/token$\", \"kind\": \"html\", \"status\": 500}");
}

static void
run_state(Stage *self, const char *name, void (*spoil)(Stage *self), const char *number)
{
	g_autoptr(OutlookFailure) failure = NULL;

	stage_open(self);
	spoil(self);
	failure = fail_sign_in(self);
	g_assert_cmpstr(failure->number, ==, number);
	note(self, name, self->page != NULL ? places[ON_THE_PAGE] : "at the sign-in", failure);
	stage_close(self);
}

/* Signed in; then something happens, and the next renewal fails. */
static void
run_refresh_state(Stage *self, const char *name, const char *number, void (*happen)(Stage *self))
{
	g_autoptr(OutlookFailure) failure = NULL;
	g_autoptr(GError) error = NULL;
	char *token;

	stage_open(self);
	sign_in(self, &error);
	g_assert_no_error(error);
	token = oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(self->session), NULL, &error);
	g_assert_no_error(error);
	happen(self);
	oauth_authorizer_reject_token(OAUTH_AUTHORIZER(self->session), token, NULL);
	oauth_token_free(token);
	g_assert_null(oauth_authorizer_acquire_token(OAUTH_AUTHORIZER(self->session), NULL, &error));
	failure = outlook_failure_new(error);
	g_assert_cmpstr(failure->number, ==, number);
	note(self, name, places[AT_A_REFRESH], failure);
	stage_close(self);
}

static void
revoke_tokens(Stage *self)
{
	simulator_revoke_tokens(self->tenant, SIMULATOR_USER);
}

static void
expire_token(Stage *self)
{
	add_fault(self, "{\"target\": \"identity\", \"path\": \"/token$\", \"kind\": \"oauth\"}");
}

static void
run_service(Stage *self, const char *name, const char *fault)
{
	g_autoptr(OutlookFailure) failure = NULL;
	g_autoptr(GraphClient) client = NULL;
	g_autoptr(GraphUser) me = NULL;
	g_autoptr(GraphFolder) inbox = NULL;
	g_autoptr(GError) error = NULL;

	stage_open(self);
	client = graph_client_new(OAUTH_AUTHORIZER(self->session), self->config->graph_origin, NULL, NULL);
	graph_client_set_patience(client, 1, 5);
	sign_in(self, &error);
	g_assert_no_error(error);
	add_fault(self, fault);
	me = graph_user_get_me(client, NULL, &error);
	if (me != NULL)
		inbox = graph_folder_get(client, "inbox", NULL, &error);
	g_assert_null(inbox);
	failure = outlook_failure_new(error);
	note(self, name, "at the mailbox", failure);
	g_assert_finalize_object(g_steal_pointer(&client));
	stage_close(self);
}

/* Signed in, or not, by a code that is typed at another device. */
static void
show_code(const OauthDeviceCode *code, gpointer user_data)
{
	Stage *self = user_data;

	if (self->declines)
		g_assert_true(simulator_enter_code(self->tenant, code->user_code, SIMULATOR_USER, FALSE));
}

static void
run_device_state(Stage *self, const char *name, void (*spoil)(Stage *self))
{
	g_autoptr(OutlookFailure) failure = NULL;
	g_autoptr(GError) error = NULL;

	stage_open(self);
	simulator_set_device(self->tenant, 0.01, 900);
	spoil(self);
	oauth_session_set_config(self->session, self->config);
	g_assert_false(oauth_session_sign_in_by_device(self->session, show_code, self, NULL, &error));
	failure = outlook_failure_new(error);
	note(self, name, "with a code", failure);
	g_clear_pointer(&self->proxy, sim_proxy_free);
	if (self->authority != NULL) {
		g_autofree char *directory = g_path_get_dirname(self->authority);

		g_remove(self->authority);
		g_rmdir(directory);
		g_clear_pointer(&self->authority, g_free);
	}
	stage_close(self);
}

static void
device_declines(Stage *self)
{
	self->declines = TRUE;
}

/* It is over before it is time to ask. */
static void
device_is_late(Stage *self)
{
	simulator_set_device(self->tenant, 5, 1);
}

/* What the certificate of a server looks like to a computer that is two days behind. */
static void
clock_is_slow(Stage *self)
{
	g_autofree char *directory = g_dir_make_tmp("faults-XXXXXX", NULL);
	g_autofree char *authority = g_build_filename(directory, "ca.pem", NULL);
	g_autoptr(GTlsDatabase) database = NULL;
	g_autoptr(GError) error = NULL;

	simulator_stop(self->tenant);
	g_object_unref(self->tenant);
	self->tenant = simulator_new();
	simulator_set_certificate_time(self->tenant, 2 * 24 * 3600);
	g_assert_true(simulator_start(self->tenant, 0, directory, &error));
	database = g_tls_file_database_new(authority, &error);
	g_assert_no_error(error);
	set(&self->config->identity_origin, simulator_get_origin(self->tenant));
	set(&self->config->graph_origin, simulator_get_origin(self->tenant));
	g_object_unref(self->session);
	self->session = oauth_session_new(self->config, self->keyring, database);
	self->authority = g_steal_pointer(&authority);
}

static void
use_proxy(Stage *self, guint port)
{
	g_autofree char *uri = g_strdup_printf("socks5://127.0.0.1:%u", port);

	set(&self->config->identity_origin, "https://login.contoso.example");
	oauth_proxy_set_uri(oauth_authorizer_get_proxy(OAUTH_AUTHORIZER(self->session)), uri);
}

static void
proxy_refuses(Stage *self)
{
	self->proxy = sim_proxy_new(1);
	sim_proxy_refuse(self->proxy);
	use_proxy(self, sim_proxy_get_port(self->proxy));
}

static void
proxy_wants_password(Stage *self)
{
	self->proxy = sim_proxy_new(1);
	sim_proxy_set_credentials(self->proxy, "somebody", "else");
	use_proxy(self, sim_proxy_get_port(self->proxy));
}

static void
proxy_is_away(Stage *self)
{
	use_proxy(self, 1);
}

static void
lose_network(Stage *self)
{
	simulator_stop(self->tenant);
}

/* What is wrong by itself, without a fault of the tenant's, or below its errors */
static const struct {
	const char *name;
	void (*spoil)(Stage *self);  /* before the sign-in */
	void (*happen)(Stage *self); /* after it */
	const char *fault;	     /* of the mailbox */
	const char *number;
} states[] = {
	{"the settings have a wrong client ID", settings_wrong_client, NULL, NULL, "AADSTS700016"},
	{"the settings have a wrong tenant", settings_wrong_tenant, NULL, NULL, "AADSTS90002"},
	{"the settings are for other accounts", settings_other_directory, NULL, NULL, "AADSTS50020"},
	{"the redirect address is not registered", settings_wrong_redirect, NULL, NULL, "AADSTS50011"},
	{"a confidential client's redirect address is not registered", settings_wrong_redirect_of_the_web, NULL, NULL,
	 "AADSTS50011"},
	{"a permission is misspelt", settings_misspelt_permission, NULL, NULL, "AADSTS650053"},
	{"a permission is an administrator's to grant", settings_restricted_permission, NULL, NULL, "AADSTS90094"},
	{"a public client has a secret", settings_needless_secret, NULL, NULL, "AADSTS700025"},
	{"a confidential client has none", settings_no_secret, NULL, NULL, "AADSTS7000218"},
	{"the secret's ID in place of its value", settings_wrong_secret, NULL, NULL, "AADSTS7000215"},
	{"the person declines", person_declines, NULL, NULL, "AADSTS65004"},
	{"a hotel's page in place of the service", network_wants_sign_in, NULL, NULL, NULL},
	{"a proxy that wants a password", network_proxy, NULL, NULL, NULL},
	{"the connection breaks", network_breaks, NULL, NULL, NULL},
	{"the service fails", service_fails, NULL, NULL, NULL},
	{"no network", NULL, lose_network, NULL, NULL},
	{"the password was changed, the tokens revoked", NULL, revoke_tokens, NULL, "AADSTS50173"},
	{"the refresh token was not used for long", NULL, expire_token, NULL, "AADSTS700082"},
	{"the mailbox is not on Exchange Online", NULL, NULL,
	 "{\"path\": \"^/v1.0/me/mailFolders/inbox$\", \"status\": 404, \"count\": 0, \"body\": {\"error\": {\"code\": "
	 "\"MailboxNotEnabledForRESTAPI\", "
	 "\"message\": \"The mailbox is either inactive, soft-deleted, or is hosted on-premise.\"}}}",
	 NULL},
	{"a permission or a right is missing", NULL, NULL,
	 "{\"status\": 403, \"count\": 0, \"body\": {\"error\": {\"code\": \"ErrorAccessDenied\", "
	 "\"message\": \"Access is denied.\"}}}",
	 NULL},
	{"a challenge that cannot be met", NULL, NULL, "{\"kind\": \"claims\", \"count\": 0}", NULL},
};

/* Of a sign-in at another device; what is wrong with the network or the clock is told with each in the same words. */
static const struct {
	const char *name;
	void (*spoil)(Stage *self);
} device_states[] = {
	{"the person declines at the other device", device_declines},
	{"the code was not used in time", device_is_late},
	{"this computer's clock is wrong", clock_is_slow},
	{"the proxy refuses", proxy_refuses},
	{"the proxy wants another user name and password", proxy_wants_password},
	{"the proxy cannot be reached", proxy_is_away},
};

static char *lines[G_N_ELEMENTS(rows) + G_N_ELEMENTS(states) + G_N_ELEMENTS(device_states)];

static void
run_one(guint index)
{
	Stage stage = {0};

	if (index < G_N_ELEMENTS(rows)) {
		run_row(&stage, &rows[index]);
	} else if (index >= G_N_ELEMENTS(rows) + G_N_ELEMENTS(states)) {
		guint i = index - G_N_ELEMENTS(rows) - G_N_ELEMENTS(states);

		run_device_state(&stage, device_states[i].name, device_states[i].spoil);
	} else {
		guint i = index - G_N_ELEMENTS(rows);

		if (states[i].spoil != NULL)
			run_state(&stage, states[i].name, states[i].spoil, states[i].number);
		else if (states[i].happen != NULL)
			run_refresh_state(&stage, states[i].name, states[i].number, states[i].happen);
		else
			run_service(&stage, states[i].name, states[i].fault);
	}
	lines[index] = stage.line;
}

static gpointer
run_many(gpointer next)
{
	for (gint i = g_atomic_int_add((gint *)next, 1); i < (gint)G_N_ELEMENTS(lines);
	     i = g_atomic_int_add((gint *)next, 1))
		run_one((guint)i);
	return NULL;
}

/* Most of the time goes by with waiting, as between looks for another process's token: all at once. */
static char *
make_table(void)
{
	GThread *threads[THREADS];
	gint next = 0;
	GString *table =
		g_string_new("# What goes wrong, and what a person then reads\n\n"
			     "Each fault is forced at the simulated tenant and met over HTTP; `test-faults "
			     "--table` prints this page, and the test compares it.\nBelow the text there is, small "
			     "and to be copied, the AADSTS number with the error, the correlation id, the trace id "
			     "and the time.\n\n## By the platform's number\n\n"
			     "| fault | where | number | what it says | what it offers |\n"
			     "| --- | --- | --- | --- | --- |\n");

	for (guint i = 0; i < THREADS; i++)
		threads[i] = g_thread_new("faults", run_many, &next);
	for (guint i = 0; i < THREADS; i++)
		g_thread_join(threads[i]);
	for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
		if (i == G_N_ELEMENTS(rows))
			g_string_append(table, "\n## Without a fault of the platform's\n\n"
					       "| what is wrong | where | number | what it says | what it offers |\n"
					       "| --- | --- | --- | --- | --- |\n");
		g_string_append(table, lines[i]);
		g_clear_pointer(&lines[i], g_free);
	}
	return g_string_free(table, FALSE);
}

static void
test_table(void)
{
	g_autofree char *path = g_test_build_filename(G_TEST_DIST, "faults.md", NULL);
	g_autofree char *kept = NULL;
	g_autofree char *table = make_table();
	g_auto(GStrv) is = g_strsplit(table, "\n", -1);
	g_auto(GStrv) was = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(path, &kept, NULL, &error);
	g_assert_no_error(error);
	was = g_strsplit(kept, "\n", -1);
	for (guint i = 0; is[i] != NULL && was[i] != NULL; i++)
		g_assert_cmpstr(is[i], ==, was[i]);
	g_assert_cmpuint(g_strv_length(is), ==, g_strv_length(was));
}

/* OAUTH.md 9b has more numbers than a table may silently lose. */
static void
test_all_numbers(void)
{
	for (guint i = 1; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpuint(rows[i - 1].code, <, rows[i].code);
	for (guint code = 10000; code < 10000000; code++) {
		guint i = 0;

		if (oauth_aadsts_hint(code) == NULL)
			continue;
		while (i < G_N_ELEMENTS(rows) && rows[i].code != code)
			i++;
		if (i == G_N_ELEMENTS(rows))
			g_error("AADSTS%u is explained and not in the table", code);
	}
}

int
main(int argc, char **argv)
{
	g_type_ensure(G_TYPE_TASK); /* see oauth_session_new(): threads come first here */
	if (argc == 2 && g_str_equal(argv[1], "--table")) {
		g_autofree char *table = make_table();

		fputs(table, stdout);
		return 0;
	}
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/faults/each is told as the table says", test_table);
	g_test_add_func("/faults/the table has each number that is explained", test_all_numbers);
	return g_test_run();
}
