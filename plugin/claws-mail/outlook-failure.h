/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-aadsts.h"
#include "oauth-config.h"

G_BEGIN_DECLS

/**
 * OutlookFailure:
 * @text: what happened and what to do, translated
 * @number: (nullable): `AADSTS50011`
 * @details: (nullable): what an administrator looks the attempt up by, a line each, @number included
 * @remedies: what is offered, the likeliest first, filled up with %OAUTH_REMEDY_NONE
 *
 * A failure as a person is to see it. Knows no Claws and no GTK.
 */
typedef struct {
	char *text;
	char *number;
	char *details;
	OauthRemedy remedies[OAUTH_MAX_REMEDIES];
} OutlookFailure;

/* Of an error of any layer below; %NULL for a cancelled call, which is no failure */
OutlookFailure *outlook_failure_new(const GError *error);

/*
 * Of what the browser shows and never tells us (OAUTH.md 3): @text is what a person copied from the page, the whole of
 * it or the number alone. %NULL when there is no number in it that we know.
 */
OutlookFailure *outlook_failure_new_from_page(const char *text);

OutlookFailure *outlook_failure_copy(const OutlookFailure *self);
void outlook_failure_free(OutlookFailure *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutlookFailure, outlook_failure_free)

/* What the button says, with a mnemonic; %NULL for %OAUTH_REMEDY_NONE */
const char *outlook_failure_get_label(OauthRemedy remedy);

/* A mail for the administrator: a `mailto:` with subject and text. %NULL when there is no link to @config's consent. */
char *outlook_failure_build_consent_mail(const OauthConfig *config);
char *outlook_failure_build_mail(const OutlookFailure *self);

G_END_DECLS
