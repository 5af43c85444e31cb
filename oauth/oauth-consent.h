/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-config.h"

G_BEGIN_DECLS

/*
 * The page on which an administrator consents for everybody (OAUTH.md 6), or %NULL with %OAUTH_ERROR_CONFIGURATION. It
 * is opened by somebody else, elsewhere: nobody here listens for its answer, and it holds no secret.
 */
char *oauth_consent_build_admin_uri(const OauthConfig *config, GError **error);

G_END_DECLS
