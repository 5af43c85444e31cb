/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-token.h"

#include <string.h>
#include <sys/random.h>

struct _SimTokens {
	GHashTable *kinds[SIM_TOKEN_N_KINDS];
};

/* Codes over 1 kB are normal (OAUTH.md 4.2), so are long tokens: no buffer of a fixed size survives these. */
static const gsize SIZES[SIM_TOKEN_N_KINDS] = {
	[SIM_TOKEN_TICKET] = 32,   [SIM_TOKEN_CODE] = 900,   [SIM_TOKEN_ACCESS] = 1200,
	[SIM_TOKEN_REFRESH] = 800, [SIM_TOKEN_DEVICE] = 200,
};

SimGrant *
sim_grant_new(const char *tenant, const char *client_id, const char *address, const char *const *scopes)
{
	SimGrant *self = g_new0(SimGrant, 1);

	self->tenant = g_strdup(tenant);
	self->client_id = g_strdup(client_id);
	self->address = g_strdup(address);
	self->scopes = g_strdupv((char **)scopes);
	self->born = g_get_monotonic_time();
	return self;
}

SimGrant *
sim_grant_copy(const SimGrant *self)
{
	SimGrant *copy = g_memdup2(self, sizeof *self);

	copy->tenant = g_strdup(self->tenant);
	copy->client_id = g_strdup(self->client_id);
	copy->address = g_strdup(self->address);
	copy->scopes = g_strdupv(self->scopes);
	copy->redirect_uri = g_strdup(self->redirect_uri);
	copy->response_mode = g_strdup(self->response_mode);
	copy->state = g_strdup(self->state);
	copy->challenge = g_strdup(self->challenge);
	copy->nonce = g_strdup(self->nonce);
	copy->login_hint = g_strdup(self->login_hint);
	copy->user_code = g_strdup(self->user_code);
	return copy;
}

void
sim_grant_free(SimGrant *self)
{
	g_free(self->tenant);
	g_free(self->client_id);
	g_free(self->address);
	g_strfreev(self->scopes);
	g_free(self->redirect_uri);
	g_free(self->response_mode);
	g_free(self->state);
	g_free(self->challenge);
	g_free(self->nonce);
	g_free(self->login_hint);
	g_free(self->user_code);
	g_free(self);
}

gboolean
sim_grant_is_over(const SimGrant *self)
{
	return g_get_monotonic_time() >= self->expires;
}

SimTokens *
sim_tokens_new(void)
{
	SimTokens *self = g_new0(SimTokens, 1);

	for (guint kind = 0; kind < SIM_TOKEN_N_KINDS; kind++)
		self->kinds[kind] =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)sim_grant_free);
	return self;
}

void
sim_tokens_free(SimTokens *self)
{
	for (guint kind = 0; kind < SIM_TOKEN_N_KINDS; kind++)
		g_hash_table_unref(self->kinds[kind]);
	g_free(self);
}

char *
sim_tokens_issue(SimTokens *self, SimTokenKind kind, SimGrant *grant, guint lifetime)
{
	char *token = sim_random_string(SIZES[kind]);

	grant->issued = g_get_monotonic_time();
	grant->expires = grant->issued + (gint64)lifetime * G_USEC_PER_SEC;
	g_hash_table_replace(self->kinds[kind], g_strdup(token), grant);
	return token;
}

SimGrant *
sim_tokens_find(SimTokens *self, SimTokenKind kind, const char *token)
{
	return token != NULL ? g_hash_table_lookup(self->kinds[kind], token) : NULL;
}

SimGrant *
sim_tokens_find_user_code(SimTokens *self, const char *user_code)
{
	GHashTableIter iter;
	gpointer grant;

	g_hash_table_iter_init(&iter, self->kinds[SIM_TOKEN_DEVICE]);
	while (g_hash_table_iter_next(&iter, NULL, &grant))
		if (g_ascii_strcasecmp(((SimGrant *)grant)->user_code, user_code) == 0)
			return grant;
	return NULL;
}

GPtrArray *
sim_tokens_list(SimTokens *self)
{
	GPtrArray *list = g_ptr_array_new();

	for (guint kind = SIM_TOKEN_CODE; kind < SIM_TOKEN_N_KINDS; kind++) {
		GHashTableIter iter;
		gpointer token;

		g_hash_table_iter_init(&iter, self->kinds[kind]);
		while (g_hash_table_iter_next(&iter, &token, NULL))
			g_ptr_array_add(list, token);
	}
	return list;
}

void
sim_tokens_remove(SimTokens *self, SimTokenKind kind, const char *token)
{
	g_hash_table_remove(self->kinds[kind], token);
}

static gboolean
is_of(const SimGrant *grant, const char *address)
{
	return address == NULL || (grant->address != NULL && g_ascii_strcasecmp(grant->address, address) == 0);
}

void
sim_tokens_expire(SimTokens *self, SimTokenKind kind, const char *address)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, self->kinds[kind]);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		if (is_of(value, address))
			((SimGrant *)value)->expires = 0;
}

void
sim_tokens_revoke(SimTokens *self, SimTokenKind kind, const char *address)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, self->kinds[kind]);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		if (is_of(value, address))
			((SimGrant *)value)->revoked = TRUE;
}

char *
sim_random_string(gsize length)
{
	g_autofree guint8 *bytes = g_malloc(length);
	gsize filled = 0;
	char *text;

	while (filled < length) {
		gssize got = getrandom(bytes + filled, length - filled, 0);

		if (got > 0)
			filled += got;
	}
	text = g_base64_encode(bytes, length);
	g_strdelimit(text, "+", '-');
	g_strdelimit(text, "/", '_');
	text[strcspn(text, "=")] = '\0';
	return text;
}
