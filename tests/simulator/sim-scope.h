/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SimScopes:
 * @names: short names in the service's own spelling, ended by %NULL
 * @qualified: one of them came with the resource in front
 */
typedef struct {
	char **names;
	gboolean qualified;
} SimScopes;

void sim_scopes_clear(SimScopes *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SimScopes, sim_scopes_clear)

/* Why a list of scopes is refused: OAuth's word and the number; @message is to be freed. */
typedef struct {
	const char *error;
	guint code;
	char *message;
	const char *reference;
} SimScopeError;

/*
 * Reads a `scope` parameter by OAUTH.md 6: blanks between names, `{origin}/Name` or short names of Graph, and the
 * names of OpenID. `{origin}/.default` stands for what a mail client registers. FALSE with @error filled.
 */
gboolean sim_scopes_parse(const char *text, const char *origin, SimScopes *scopes, SimScopeError *error);

/* The `scope` of an answer: as in @names, `offline_access` left out (transfer full). */
char *sim_scopes_describe(char **names, gboolean qualified, const char *origin);

/* Whether only an administrator may consent to one of them (OAUTH.md 6). */
const char *sim_scopes_find_restricted(char **names);

/* Those a personal account can hold (SCOPES.md 2) (transfer full). */
char **sim_scopes_for_personal(char **names);

gboolean sim_scopes_contain(char **names, const char *name);

G_END_DECLS
