/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define OAUTH_ERROR (oauth_error_quark())

/**
 * OauthError:
 *
 * Each code names the caller's next step. A cancelled call is
 * %G_IO_ERROR_CANCELLED, as everywhere in GIO.
 */
typedef enum {
	OAUTH_ERROR_FAILED,	      /* trying again will not help */
	OAUTH_ERROR_SIGN_IN_REQUIRED, /* a person signs in again */
	OAUTH_ERROR_CONFIGURATION,    /* a person corrects the settings or the registration */
	OAUTH_ERROR_DENIED,	      /* the person said no */
	OAUTH_ERROR_WRONG_ACCOUNT,    /* somebody else signed in; nothing was changed */
	OAUTH_ERROR_UNAVAILABLE,      /* later */
	OAUTH_ERROR_KEYRING,	      /* the keyring is locked, absent, or refused */
	OAUTH_ERROR_TIMED_OUT,	      /* nobody finished the sign-in */
	OAUTH_ERROR_PROTOCOL,	      /* the reply is not what the documentation promises */
} OauthError;

GQuark oauth_error_quark(void);

/**
 * OauthErrorDetails:
 * @sentence: translated: what happened and what to do, without what follows
 * @error: the `error`, and the `suberror` behind a slash
 * @code: the AADSTS number; 0 when there was none
 * @about_consent: a permission was not granted, or is no longer; without it, the rest may work
 * @correlation_id, @trace_id, @timestamp: (nullable): by which an administrator, or Microsoft, finds the attempt
 *
 * What the identity platform said (OAUTH.md 7). The message of the error has all of it in one text.
 */
typedef struct {
	char *sentence;
	char *error;
	guint code;
	gboolean about_consent;
	char *correlation_id;
	char *trace_id;
	char *timestamp;
} OauthErrorDetails;

/* Copies @details; @error is one of this domain. */
void oauth_error_set_details(GError *error, const OauthErrorDetails *details);

/* (nullable): of an error of this domain that the identity platform caused; a copy of it has them too */
const OauthErrorDetails *oauth_error_get_details(const GError *error);

G_END_DECLS
