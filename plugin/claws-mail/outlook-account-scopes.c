/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-account-private.h"

#include <glib/gi18n-lib.h>

#include "outlook-explain.h"

/*
 * Permissions that are switched on while somebody is signed in. They are asked for by a sign-in; until they are given,
 * settings and session stay with those that are: a refresh that asks for more would be refused as a whole.
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

OauthConfig *
outlook_account_make_config(OutlookAccount *self)
{
	OauthConfig *config = outlook_settings_to_config(self->settings, self->name);
	char **scopes = subtract(config->scopes, config->extra_scopes);

	/* What was switched on later can be lost without the rest. */
	g_strfreev(config->scopes);
	config->scopes = scopes;
	return config;
}

static void
forget_wanted(OutlookAccount *self)
{
	g_clear_pointer(&self->wanted, g_strfreev);
	g_clear_pointer(&self->wanted_scopes, g_strfreev);
}

static char **
list_not_granted(OutlookAccount *self, char **names)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (; *names != NULL; names++) {
		if (!oauth_session_has_scope(self->session, *names))
			g_strv_builder_add(builder, *names);
	}
	return g_strv_builder_end(builder);
}

void
outlook_account_take_scopes(OutlookAccount *self, const OauthConfig *before)
{
	OauthConfig *config = self->settings->config;
	g_auto(GStrv) added = subtract(config->scopes, before->scopes);
	g_auto(GStrv) removed = subtract(before->scopes, config->scopes);
	g_auto(GStrv) extra = g_steal_pointer(&config->extra_scopes);
	g_auto(GStrv) left = subtract(extra, removed);

	if (*left != NULL)
		config->extra_scopes = g_steal_pointer(&left);
	forget_wanted(self);
	if (oauth_session_get_state(self->session) != OAUTH_STATE_SIGNED_IN || has(added, ".default") ||
	    has(removed, ".default") || oauth_config_is_elsewhere(before, config))
		return;
	self->wanted = list_not_granted(self, added);
	if (*self->wanted == NULL) {
		forget_wanted(self);
		return;
	}
	self->wanted_scopes = config->scopes;
	config->scopes = g_strdupv(before->scopes);
	g_strfreev(config->extra_scopes);
	config->extra_scopes = g_steal_pointer(&extra);
}

gboolean
outlook_account_wants_more(OutlookAccount *self)
{
	return self->wanted != NULL;
}

void
outlook_account_settle_wanted(OutlookAccount *self, const GError *error)
{
	g_autoptr(OauthConfig) config = NULL;
	g_autofree char *names = g_strjoinv(", ", self->wanted);
	g_autofree char *note = g_strdup_printf(_("Permissions that are not given are switched off: %s."), names);
	g_autofree char *why = error != NULL ? outlook_explain(error) : NULL;
	g_autofree char *text = g_strdup_printf("%s %s", note, why);

	if (error != NULL) {
		outlook_account_say(self, OUTLOOK_ACCOUNT_REPORT, 1, text, 0, 0);
	} else {
		g_strfreev(self->settings->config->scopes);
		self->settings->config->scopes = g_steal_pointer(&self->wanted_scopes);
		config = outlook_account_make_config(self);
		oauth_session_set_config(self->session, config);
	}
	forget_wanted(self);
}
