/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-permission.h"
#include "outlook-settings.h"

G_BEGIN_DECLS

/* What a person types or an administrator writes beforehand, checked field by field. Knows no Claws and no windows. */
typedef enum {
	OUTLOOK_FIELD_CLIENT_ID,
	OUTLOOK_FIELD_SECRET,
	OUTLOOK_FIELD_TENANT,
	OUTLOOK_FIELD_CLOUD,
	OUTLOOK_FIELD_SCOPES,
	OUTLOOK_FIELD_IDENTITY,
	OUTLOOK_FIELD_GRAPH,
	OUTLOOK_FIELD_REDIRECT_PATH,
	OUTLOOK_N_FIELDS,
} OutlookField;

/**
 * outlook_check:
 * @secret: (nullable): the client secret as typed; %NULL when there is none, or it is not to be changed
 *
 * One field alone, whatever is wrong with the others. Microsoft's clouds know ids by their documented forms alone;
 * another server may have its own.
 *
 * Returns: (transfer full) (nullable): what is wrong with it and what to do, in a sentence; %NULL when nothing is
 */
char *outlook_check(const OutlookSettings *settings, const char *secret, OutlookField field);

/*
 * TRUE when the tenant or the cloud decides whether a personal account signs in or one of an organization; *@audience
 * says which. Otherwise either may.
 */
gboolean outlook_check_decides_audience(const OutlookSettings *settings, OauthAudience *audience);

G_END_DECLS
