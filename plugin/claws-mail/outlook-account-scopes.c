/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account-private.h"

#include <glib/gi18n-lib.h>

#include "oauth-scope.h"
#include "outlook-explain.h"

/*
 * Permissions that are switched on while somebody is signed in. They are asked for by a sign-in; until they are given,
 * settings and session stay with those that are: a refresh that asks for more would be refused as a whole. They are
 * extra scopes, which can be lost without the rest.
 */

static gboolean
has(char **names, const char *name)
{
	return names != NULL && g_strv_contains((const char *const *)names, name);
}

/* Transfer full; @others: (nullable) */
static char **
subtract(char **names, char **others)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (; names != NULL && *names != NULL; names++) {
		if (!has(others, *names))
			g_strv_builder_add(builder, *names);
	}
	return g_strv_builder_end(builder);
}

/* Whether one of @holders is another name, and includes @name */
static gboolean
is_included(char **holders, const char *name)
{
	for (; holders != NULL && *holders != NULL; holders++) {
		if (!g_str_equal(*holders, name) && oauth_scope_includes(*holders, name))
			return TRUE;
	}
	return FALSE;
}

static gboolean
includes_any(const char *holder, char **names)
{
	char *holders[] = {(char *)holder, NULL};

	for (; *names != NULL; names++) {
		if (is_included(holders, *names))
			return TRUE;
	}
	return FALSE;
}

/* @names: transfer full */
static void
take(char ***list, char **names)
{
	g_strfreev(*list);
	*list = names;
}

static void
take_extra(OauthConfig *config, char **names)
{
	take(&config->extra_scopes, names);
	if (*names == NULL)
		g_clear_pointer(&config->extra_scopes, g_strfreev);
}

OauthConfig *
outlook_account_make_config(OutlookAccount *self)
{
	OauthConfig *config = outlook_settings_to_config(self->settings, self->name);

	take(&config->scopes, subtract(config->scopes, config->extra_scopes));
	return config;
}

static void
forget_wanted(OutlookAccount *self)
{
	g_clear_pointer(&self->wanted, g_strfreev);
	g_clear_pointer(&self->wanted_scopes, g_strfreev);
	g_clear_pointer(&self->wanted_extra, g_strfreev);
	g_clear_pointer(&self->refused, g_strfreev);
}

static char **
list_not_granted(OutlookAccount *self, char **names)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (; *names != NULL; names++) {
		if (!oauth_session_names_scope(self->session, *names))
			g_strv_builder_add(builder, *names);
	}
	return g_strv_builder_end(builder);
}

/* What takes the place of a permission that includes it is no more to be lost than that was. */
static void
add_extra(OauthConfig *config, char **added, char **basis)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	if (config->extra_scopes != NULL)
		g_strv_builder_addv(builder, (const char **)config->extra_scopes);
	for (; *added != NULL; added++) {
		if (!is_included(basis, *added))
			g_strv_builder_add(builder, *added);
	}
	take_extra(config, g_strv_builder_end(builder));
}

/* What an extra scope includes is there still when that is lost. */
static void
keep_included(OauthConfig *config, char **basis)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	g_strv_builder_addv(builder, (const char **)config->scopes);
	for (; *basis != NULL; basis++) {
		if (!has(config->scopes, *basis) && is_included(config->extra_scopes, *basis))
			g_strv_builder_add(builder, *basis);
	}
	take(&config->scopes, g_strv_builder_end(builder));
}

/* What is asked for until the answer: what was taken away is not, but for what includes something that is wanted. */
static char **
list_until_answer(OutlookAccount *self, char **before)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (; *before != NULL; before++) {
		if (has(self->wanted_scopes, *before) || includes_any(*before, self->wanted))
			g_strv_builder_add(builder, *before);
	}
	return g_strv_builder_end(builder);
}

static void
put_aside(OutlookAccount *self, const OauthConfig *before)
{
	OauthConfig *config = self->settings->config;
	g_auto(GStrv) dropped = NULL;

	self->wanted_scopes = g_steal_pointer(&config->scopes);
	self->wanted_extra = g_steal_pointer(&config->extra_scopes);
	config->scopes = list_until_answer(self, before->scopes);
	dropped = subtract(before->scopes, config->scopes);
	take_extra(config, subtract(before->extra_scopes, dropped));
}

/* With `.default` the registration says what there is; without it, shared mailboxes have theirs by name again. */
static void
settle_default(OutlookAccount *self)
{
	OauthConfig *config = self->settings->config;
	g_auto(GStrv) shared = outlook_account_list_shared_scopes(self);

	g_clear_pointer(&config->extra_scopes, g_strfreev);
	if (self->shared->len > 0)
		oauth_config_add_scopes(config, (const char *const *)shared);
}

void
outlook_account_take_scopes(OutlookAccount *self, const OauthConfig *before)
{
	OauthConfig *config = self->settings->config;
	g_auto(GStrv) basis = subtract(before->scopes, before->extra_scopes);
	g_auto(GStrv) added = subtract(config->scopes, before->scopes);
	g_auto(GStrv) removed = subtract(before->scopes, config->scopes);
	gboolean asks = oauth_session_get_state(self->session) == OAUTH_STATE_SIGNED_IN &&
			!oauth_config_is_elsewhere(before, config);

	forget_wanted(self);
	if (oauth_config_uses_default(config) || oauth_config_uses_default(before)) {
		settle_default(self);
		return;
	}
	take_extra(config, subtract(config->extra_scopes, removed));
	if (asks)
		add_extra(config, added, basis);
	keep_included(config, basis);
	if (!asks)
		return;
	self->wanted = list_not_granted(self, added);
	if (*self->wanted == NULL)
		forget_wanted(self);
	else
		put_aside(self, before);
}

void
outlook_account_drop_scopes(OutlookAccount *self, char **names)
{
	OauthConfig *config = self->settings->config;

	take(&config->scopes, subtract(config->scopes, names));
	take_extra(config, subtract(config->extra_scopes, names));
	if (self->wanted != NULL) {
		take(&self->wanted_scopes, subtract(self->wanted_scopes, names));
		take(&self->wanted_extra, subtract(self->wanted_extra, names));
	}
	outlook_account_emit_settings(self);
	outlook_account_emit_state(self);
}

gboolean
outlook_account_wants_more(OutlookAccount *self)
{
	return self->wanted != NULL;
}

const char *const *
outlook_account_get_chosen_scopes(OutlookAccount *self)
{
	return (const char *const *)(self->wanted_scopes != NULL ? self->wanted_scopes
								 : self->settings->config->scopes);
}

const char *const *
outlook_account_get_refused_scopes(OutlookAccount *self)
{
	return (const char *const *)self->refused;
}

static void
use_wanted(OutlookAccount *self)
{
	OauthConfig *config = self->settings->config;
	g_auto(GStrv) dropped = subtract(config->scopes, self->wanted_scopes);
	g_auto(GStrv) extra = subtract(config->extra_scopes, dropped);

	take(&config->scopes, g_steal_pointer(&self->wanted_scopes));
	take(&config->extra_scopes, g_steal_pointer(&self->wanted_extra));
	/* That of a shared mailbox which was added meanwhile. */
	oauth_config_add_scopes(config, (const char *const *)extra);
	forget_wanted(self);
}

char *
outlook_account_describe_off(char **names)
{
	g_autofree char *list = g_strjoinv(", ", names);

	return g_strdup_printf(_("Permissions that are not given are switched off: %s."), list);
}

char *
outlook_account_describe_refused(OutlookAccount *self)
{
	return self->refused != NULL ? outlook_account_describe_off(self->refused) : NULL;
}

void
outlook_account_tell_refused(OutlookAccount *self, const GError *error)
{
	g_autofree char *note = outlook_account_describe_refused(self);
	g_autofree char *why = NULL;
	g_autofree char *text = NULL;

	if (note == NULL)
		return;
	why = outlook_explain(error);
	text = g_strdup_printf("%s %s", note, why);
	outlook_account_say(self, OUTLOOK_ACCOUNT_REPORT, 1, text, 0, 0);
	if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		outlook_account_emit_failure(self, error);
}

static void
switch_off_wanted(OutlookAccount *self)
{
	g_auto(GStrv) refused = g_steal_pointer(&self->wanted);

	forget_wanted(self);
	self->refused = g_steal_pointer(&refused);
}

void
outlook_account_settle_wanted(OutlookAccount *self, char **asked, const GError *error)
{
	gboolean is_wanted =
		self->wanted != NULL && g_strv_equal((const char *const *)asked, (const char *const *)self->wanted);
	g_autoptr(OauthConfig) config = NULL;

	if (error != NULL) {
		if (is_wanted)
			switch_off_wanted(self);
		return;
	}
	/* The settings may be others by now. */
	if (is_wanted)
		use_wanted(self);
	config = outlook_account_make_config(self);
	oauth_session_set_config(self->session, config);
}
