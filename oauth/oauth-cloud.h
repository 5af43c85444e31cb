/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * OauthCloud:
 * @id: `global`, `us-gov-l4`, `us-gov-l5`, `china`; the value kept in settings
 * @name: translated, for people
 *
 * The sign-in host and the Graph root belong together: a token of one cloud is worthless in another.
 */
typedef struct {
	const char *id;
	const char *name;
	const char *identity_origin;
	const char *graph_origin;
} OauthCloud;

/* Ends with an entry whose id is %NULL; `custom` is not in it. */
const OauthCloud *oauth_cloud_list(void);
const OauthCloud *oauth_cloud_find(const char *id);

/*
 * Checks an origin that a person typed: scheme and authority alone, https, or http to loopback.
 * Returns it without a trailing slash, or %NULL with %OAUTH_ERROR_CONFIGURATION.
 */
char *oauth_cloud_check_origin(const char *origin, GError **error);
gboolean oauth_cloud_is_loopback(const char *origin);
gboolean oauth_cloud_is_known_identity(const char *identity_origin);

G_END_DECLS
