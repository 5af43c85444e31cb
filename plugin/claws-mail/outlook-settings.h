/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-config.h"

G_BEGIN_DECLS

/**
 * OutlookSettings:
 *
 * What the account dialog edits and accountrc keeps, as the text of a key file in the host's privacy_prefs
 * table under "outlook". No secret is ever in it. Knows no Claws.
 *
 *     [Outlook]
 *     uuid=…                 directory and keyring key of the account
 *     client-id=…
 *     tenant=                blank: common
 *     cloud=global           an id of oauth_cloud_list(), or `custom` with the two origins
 *     identity=https://…
 *     graph=https://…
 *     scopes=User.Read;Mail.ReadWrite;Mail.Send;
 *     extra-scopes=          what a feature asked for when it was switched on
 *     shared=                addresses of shared mailboxes that are shown
 *     response-mode=form_post
 *     redirect-host=localhost
 *     redirect-path=
 */
typedef struct {
	OauthConfig *config; /* its account is the UUID; its name is not kept */
	char *cloud;
	char **shared; /* never %NULL */
} OutlookSettings;

OutlookSettings *outlook_settings_new(void); /* a new uuid, the global cloud, the least useful scopes */
OutlookSettings *outlook_settings_copy(const OutlookSettings *self);
void outlook_settings_free(OutlookSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutlookSettings, outlook_settings_free)

OutlookSettings *outlook_settings_parse(const char *text, GError **error);
char *outlook_settings_to_text(const OutlookSettings *self);
/* A cloud of the list brings its own origins; those in @self count for `custom` alone, and are put in plain form. */
gboolean outlook_settings_settle_cloud(OutlookSettings *self, GError **error);

/* Blanks, line ends and what cannot be seen: nobody's intention around a value that was copied */
gboolean outlook_settings_is_blank(gunichar c);
char *outlook_settings_trim(const char *text); /* transfer full */

/* Puts @text, trimmed, in the place of what *@place owns. */
void outlook_settings_set(char **place, const char *text);

OauthConfig *outlook_settings_to_config(const OutlookSettings *self, const char *account_name);

G_END_DECLS
