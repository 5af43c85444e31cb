/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is offered to a person beside the words */
typedef enum {
	OAUTH_REMEDY_NONE,
	OAUTH_REMEDY_SIGN_IN,
	OAUTH_REMEDY_RETRY,
	OAUTH_REMEDY_GUIDE,	    /* the steps of the app registration */
	OAUTH_REMEDY_CONSENT,	    /* the link by which an administrator consents for everybody (OAUTH.md 6) */
	OAUTH_REMEDY_ADMINISTRATOR, /* a mail with the details */
	/* the field of the settings that is to be corrected */
	OAUTH_REMEDY_CLIENT_ID,
	OAUTH_REMEDY_SECRET,
	OAUTH_REMEDY_TENANT,
	OAUTH_REMEDY_CLOUD,
	OAUTH_REMEDY_SCOPES,
	OAUTH_REMEDY_REDIRECT,
} OauthRemedy;

#define OAUTH_MAX_REMEDIES 2

/*
 * A sentence for people, translated, about an AADSTS number; %NULL for an unknown one. Text only: the numbers
 * change without notice, so nothing may be decided by them (OAUTH.md, warning 1).
 */
const char *oauth_aadsts_hint(guint code);

/* What helps, the likeliest first, filled up with %OAUTH_REMEDY_NONE; FALSE for an unknown number. Offers only, as
 * above. */
gboolean oauth_aadsts_get_remedies(guint code, OauthRemedy remedies[OAUTH_MAX_REMEDIES]);

/* The number in `AADSTS65001: …`; 0 when there is none */
guint oauth_aadsts_find(const char *description);

G_END_DECLS
