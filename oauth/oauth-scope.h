/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * TRUE when @granted, the `scope` of an answer, holds @short_name or a permission that includes it. Names count
 * as equal with and without the Graph root, and without regard to case (OAUTH.md 4.4).
 */
gboolean oauth_scope_covers(const char *granted, const char *graph_origin, const char *short_name);

/* The same for this very name: the service gives a token for names alone that were agreed to (OAUTH.md 6). */
gboolean oauth_scope_names(const char *granted, const char *graph_origin, const char *short_name);

/* TRUE when both are the same permission, or who holds @holder may do what @name allows (SCOPES.md 3). Short names. */
gboolean oauth_scope_includes(const char *holder, const char *name);

G_END_DECLS
