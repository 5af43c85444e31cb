/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "graph-error.h"
#include "graph-folder.h"

/* Shared mailboxes: each an account of its own, with the sign-in of its owner, a client, a store and a worker. */

static guint
find_index(OutlookAccount *self, const char *address)
{
	guint i = 0;

	while (i < self->shared->len &&
	       g_ascii_strcasecmp(((OutlookAccount *)g_ptr_array_index(self->shared, i))->mailbox, address) != 0)
		i++;
	return i;
}

OutlookAccount *
outlook_account_find_shared(OutlookAccount *self, const char *address)
{
	guint i = find_index(self, address);

	return i < self->shared->len ? g_ptr_array_index(self->shared, i) : NULL;
}

void
outlook_account_check_shared_copy(OutlookAccount *self, StoreAccount *store)
{
	for (guint i = 0; i < self->shared->len; i++) {
		OutlookAccount *shared = g_ptr_array_index(self->shared, i);

		if (shared->store == store)
			outlook_account_check(shared, store_account_find_role(store, STORE_ROLE_SENT), FALSE);
	}
}

GPtrArray *
outlook_account_list_shared_stores(OutlookAccount *self)
{
	GPtrArray *stores = g_ptr_array_new_with_free_func(g_object_unref);

	for (guint i = 0; i < self->shared->len; i++) {
		StoreAccount *store = ((OutlookAccount *)g_ptr_array_index(self->shared, i))->store;

		if (store != NULL)
			g_ptr_array_add(stores, g_object_ref(store));
	}
	return stores;
}

GStrv
outlook_account_list_closed_mailboxes(OutlookAccount *self)
{
	g_autoptr(GStrvBuilder) addresses = g_strv_builder_new();

	for (guint i = 0; i < self->shared->len; i++) {
		OutlookAccount *shared = g_ptr_array_index(self->shared, i);

		if (shared->store == NULL)
			g_strv_builder_add(addresses, shared->mailbox);
	}
	return g_strv_builder_end(addresses);
}

const char *
outlook_account_get_mailbox(OutlookAccount *self)
{
	return self->mailbox;
}

gboolean
outlook_account_is_read_only(OutlookAccount *self)
{
	if (self->mailbox == NULL)
		return FALSE;
	if (oauth_session_has_scope(self->session, "Mail.Read.Shared") &&
	    !oauth_session_has_scope(self->session, "Mail.ReadWrite.Shared"))
		return TRUE;
	return self->store != NULL && store_account_is_read_only(self->store);
}

void
outlook_account_open_shared(OutlookAccount *self)
{
	for (char **address = self->settings->shared; *address != NULL; address++) {
		if (outlook_account_find_shared(self, *address) == NULL)
			g_ptr_array_add(self->shared, outlook_account_new_for_mailbox(self, *address));
	}
}

static void
list_shared(OutlookAccount *self)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (guint i = 0; i < self->shared->len; i++)
		g_strv_builder_add(builder, ((OutlookAccount *)g_ptr_array_index(self->shared, i))->mailbox);
	g_strfreev(self->settings->shared);
	self->settings->shared = g_strv_builder_end(builder);
}

static gboolean
is_shared_mail(const char *name)
{
	return g_str_has_prefix(name, "Mail.") && g_str_has_suffix(name, ".Shared");
}

/* What was asked for with a shared mailbox is not asked for without one; what the person has chosen is. */
static void
drop_shared_scopes(OutlookAccount *self)
{
	const OauthConfig *settings = self->settings->config;
	const char *const *chosen = outlook_account_get_chosen_scopes(self);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autoptr(OauthConfig) config = NULL;
	g_auto(GStrv) names = NULL;

	for (char **name = settings->extra_scopes; name != NULL && *name != NULL; name++) {
		if (is_shared_mail(*name) && !g_strv_contains(chosen, *name) &&
		    !g_strv_contains((const char *const *)settings->scopes, *name))
			g_strv_builder_add(builder, *name);
	}
	names = g_strv_builder_end(builder);
	if (*names == NULL)
		return;
	outlook_account_drop_scopes(self, names);
	config = outlook_account_make_config(self);
	oauth_session_set_config(self->session, config);
}

/* One mailbox on its way into the account. */
typedef struct {
	OutlookAccount *account;
	OauthSession *session;
	char *origin;
	char *address;
	OutlookAccountDone done;
	gpointer user_data;
} Addition;

/* Main thread */
static void
addition_free(gpointer data)
{
	Addition *self = data;
	OutlookAccount *account = self->account;

	/* What was granted for the first one is not asked for without any. */
	if (--account->n_adding == 0 && account->shared->len == 0 && !account->closed)
		drop_shared_scopes(account);
	g_object_unref(self->account);
	g_object_unref(self->session);
	g_free(self->origin);
	g_free(self->address);
	g_free(self);
}

/* API.md 8, 14.2. Takes @cause. */
static GError *
explain_absence(const char *address, GError *cause)
{
	g_autoptr(GError) owned = cause;

	if (g_error_matches(cause, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND))
		return g_error_new(G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
				   _("There is no mailbox “%s” that you can open. Check the address, and ask whoever "
				     "manages the mailbox whether you have a right to it."),
				   address);
	if (g_error_matches(cause, GRAPH_ERROR, GRAPH_ERROR_NO_MAILBOX))
		return g_error_new(G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
				   _("“%s” has no mailbox on Exchange Online, so that it cannot be shown here."),
				   address);
	if (g_error_matches(cause, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN))
		return g_error_new(
			G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			_("You have no right to read the mailbox “%s”. Ask whoever manages it to give you one; "
			  "it may take an hour until a new right counts."),
			address);
	return g_steal_pointer(&owned);
}

static gpointer
run_look(gpointer data, GCancellable *cancellable, GError **error)
{
	Addition *self = data;
	g_autoptr(GraphClient) client =
		graph_client_new(OAUTH_AUTHORIZER(self->session), self->origin, self->address, NULL);
	GError *cause = NULL;
	g_autoptr(GraphFolder) inbox = graph_folder_get(client, "inbox", cancellable, &cause);

	if (inbox == NULL)
		g_propagate_error(error, explain_absence(self->address, cause));
	return NULL;
}

static void
look_done(gpointer result, const GError *error, gpointer data)
{
	Addition *self = data;
	OutlookAccount *account = self->account;

	if (error == NULL && outlook_account_find_shared(account, self->address) == NULL) {
		OutlookAccount *shared = outlook_account_new_for_mailbox(account, self->address);

		g_ptr_array_add(account->shared, shared);
		list_shared(account);
		outlook_account_emit_settings(account);
		self->done(account, NULL, self->user_data);
		outlook_account_check(shared, 0, FALSE);
		return;
	}
	self->done(account, error, self->user_data);
}

static void
extended(OutlookAccount *account, const GError *error, gpointer data)
{
	Addition *self = data;
	g_autoptr(OutlookJob) job = NULL;

	if (error != NULL) {
		self->done(account, error, self->user_data);
		addition_free(self);
		return;
	}
	job = outlook_worker_push(account->worker, OUTLOOK_PRIORITY_USER, run_look, look_done, self, addition_free,
				  NULL);
}

static gboolean
is_address(const char *text)
{
	const char *at = strchr(text, '@');

	return at != NULL && at != text && at[1] != '\0' && strchr(at + 1, '@') == NULL &&
	       strpbrk(text, " \t\r\n,;<>\"/\\") == NULL && g_utf8_validate(text, -1, NULL);
}

/* (nullable): why @address cannot be added */
static GError *
find_obstacle(OutlookAccount *self, const char *address)
{
	g_autoptr(OauthIdentity) identity = oauth_session_get_identity(self->session);

	if (!is_address(address))
		return g_error_new(G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” is not an address."), address);
	if (outlook_account_find_shared(self, address) != NULL)
		return g_error_new(G_IO_ERROR, G_IO_ERROR_EXISTS, _("The mailbox “%s” is shown already."), address);
	if (identity == NULL || oauth_session_get_state(self->session) != OAUTH_STATE_SIGNED_IN)
		return g_error_new_literal(G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, _("Sign in to the account first."));
	if (identity->username != NULL && g_ascii_strcasecmp(identity->username, address) == 0)
		return g_error_new(G_IO_ERROR, G_IO_ERROR_EXISTS, _("“%s” is the account’s own mailbox."), address);
	if (!self->online)
		return g_error_new_literal(G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE,
					   _("Go online to add a shared mailbox."));
	return NULL;
}

/* As much as the person has of the own mailbox (SCOPES.md 3). */
char **
outlook_account_list_shared_scopes(OutlookAccount *self)
{
	g_autoptr(GStrvBuilder) scopes = g_strv_builder_new();

	g_strv_builder_add(scopes, oauth_session_has_scope(self->session, "Mail.ReadWrite") ? "Mail.ReadWrite.Shared"
											    : "Mail.Read.Shared");
	if (oauth_session_has_scope(self->session, "Mail.Send"))
		g_strv_builder_add(scopes, "Mail.Send.Shared");
	return g_strv_builder_end(scopes);
}

void
outlook_account_add_shared(OutlookAccount *self, const char *address, OutlookAccountDone done, gpointer user_data)
{
	g_autoptr(GError) obstacle = find_obstacle(self, address);
	g_auto(GStrv) scopes = NULL;
	Addition *addition;

	if (obstacle != NULL) {
		done(self, obstacle, user_data);
		return;
	}
	addition = g_new0(Addition, 1);
	addition->account = g_object_ref(self);
	addition->session = g_object_ref(self->session);
	self->n_adding++;
	addition->origin = g_strdup(self->settings->config->graph_origin);
	addition->address = g_strdup(address);
	addition->done = done;
	addition->user_data = user_data;
	scopes = outlook_account_list_shared_scopes(self);
	outlook_account_extend(self, (const char *const *)scopes, extended, addition);
}

guint
outlook_account_settle_shared(OutlookAccount *self, const char *address)
{
	guint i = find_index(self, address);
	g_autoptr(OutlookAccount) shared = NULL;

	if (i == self->shared->len)
		return 0;
	shared = g_object_ref(g_ptr_array_index(self->shared, i));
	return outlook_account_settle(shared);
}

/* Mail may still be on its way through it: what becomes of that is noted in the owner's store from now on. */
static void
keep_sent(OutlookAccount *self, OutlookAccount *shared)
{
	g_autoptr(GError) error = NULL;

	if (self->store != NULL && shared->store != NULL &&
	    !store_account_take_over_sent(self->store, shared->store, &error))
		g_warning("What was sent through a shared mailbox could not be noted: %s", error->message);
}

void
outlook_account_remove_shared(OutlookAccount *self, const char *address)
{
	guint i = find_index(self, address);
	g_autoptr(OutlookAccount) shared = NULL;

	if (i == self->shared->len)
		return;
	shared = g_object_ref(g_ptr_array_index(self->shared, i));
	g_ptr_array_remove_index(self->shared, i);
	/* What could be sent was, and the person has heard of the rest. */
	shared->online = FALSE;
	keep_sent(self, shared);
	outlook_account_close(shared, TRUE);
	outlook_account_emit_state(shared);
	list_shared(self);
	if (self->shared->len == 0)
		drop_shared_scopes(self);
}

void
outlook_account_check_shared(OutlookAccount *self)
{
	for (guint i = 0; i < self->shared->len; i++) {
		OutlookAccount *shared = g_ptr_array_index(self->shared, i);

		outlook_account_check(shared, shared->check_open, FALSE);
	}
}

/* On their way to the main thread */
typedef struct {
	OutlookAccount *account;
	char **names;
	gboolean certain;
} Lost;

static void
lost_free(gpointer data)
{
	Lost *lost = data;

	g_object_unref(lost->account);
	g_strfreev(lost->names);
	g_free(lost);
}

static gboolean
is_for_shared(OutlookAccount *self, const char *name)
{
	return self->shared->len > 0 && is_shared_mail(name);
}

/* Of @names, those that shared mailboxes need, or the others. Transfer full. */
static char **
select_names(OutlookAccount *self, char **names, gboolean for_shared)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (; *names != NULL; names++) {
		if (is_for_shared(self, *names) == for_shared)
			g_strv_builder_add(builder, *names);
	}
	return g_strv_builder_end(builder);
}

/* What shared mailboxes need stays in the settings: they are there still, and the next start asks again. */
static gboolean
tell_lost(gpointer data)
{
	const Lost *lost = data;
	OutlookAccount *self = lost->account;
	g_auto(GStrv) shared = select_names(self, lost->names, TRUE);
	g_auto(GStrv) others = select_names(self, lost->names, FALSE);
	g_autofree char *text = NULL;

	if (self->closed)
		return G_SOURCE_REMOVE;
	if (*shared != NULL)
		outlook_account_say(
			self, OUTLOOK_ACCOUNT_REPORT, 0,
			_("Your organization does not allow the permissions for shared mailboxes, or not any "
			  "more. Shared mailboxes are not updated; everything else goes on. Ask an "
			  "administrator to allow them, then restart."),
			0, 0);
	if (*others == NULL)
		return G_SOURCE_REMOVE;
	text = outlook_account_describe_off(others);
	outlook_account_say(self, OUTLOOK_ACCOUNT_REPORT, 0, text, 0, 0);
	if (lost->certain)
		outlook_account_drop_scopes(self, others);
	return G_SOURCE_REMOVE;
}

/* Any thread */
void
outlook_account_session_lost_scopes(OauthSession *session, char **names, gboolean certain, gpointer data)
{
	Lost *lost = g_new0(Lost, 1);

	lost->account = g_object_ref(data);
	lost->names = g_strdupv(names);
	lost->certain = certain;
	g_idle_add_full(G_PRIORITY_DEFAULT, tell_lost, lost, lost_free);
}
