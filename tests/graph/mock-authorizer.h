/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-authorizer.h"

G_BEGIN_DECLS

#define MOCK_TYPE_AUTHORIZER (mock_authorizer_get_type())
G_DECLARE_FINAL_TYPE(MockAuthorizer, mock_authorizer, MOCK, AUTHORIZER, GObject)

/* Hands out `token-1`; each rejection of the token in use moves on to the next number. Any thread. */
MockAuthorizer *mock_authorizer_new(void);

/* Hands out this one instead, whatever is rejected. */
void mock_authorizer_set_token(MockAuthorizer *self, const char *token);

/* From now on there is no token: %OAUTH_ERROR_SIGN_IN_REQUIRED. */
void mock_authorizer_sign_out(MockAuthorizer *self);
guint mock_authorizer_get_n_rejected(MockAuthorizer *self);
const char *mock_authorizer_get_claims(MockAuthorizer *self);

G_END_DECLS
