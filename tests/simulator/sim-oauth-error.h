/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-request.h"

G_BEGIN_DECLS

/*
 * An error of the token and device code endpoints in the shape of OAUTH.md 7: @error is the OAuth word, @code the
 * number after AADSTS. @reference: the line of the contract, %NULL when the request was not wrong.
 */
void sim_oauth_error_set(SimResponse *response, guint status, const char *error, guint code, const char *message,
			 const char *reference);

/* @suberror and @claims (a JSON text) may be %NULL. */
void sim_oauth_error_set_full(SimResponse *response, guint status, const char *error, guint code, const char *message,
			      const char *suberror, const char *claims);

/* `AADSTS50011: message`, followed by trace and correlation ids (transfer full). */
char *sim_oauth_error_describe(guint code, const char *message);

G_END_DECLS
