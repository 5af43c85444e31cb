/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-settings.h"

G_BEGIN_DECLS

/**
 * OutlookPresets:
 * @scopes: short names, separated by `;`
 *
 * What is settled for new accounts before a person sees the form. Empty: as without presets.
 */
typedef struct {
	const char *client_id;
	const char *tenant;
	const char *cloud;
	const char *identity;
	const char *graph;
	const char *scopes;
} OutlookPresets;

/* What the distributor chose when this was built */
extern const OutlookPresets outlook_presets_built;

/* In each directory of the system's settings, for example /etc/xdg; the first one that has it counts */
#define OUTLOOK_PRESETS_FILE "claws-mail-outlook.conf"

/**
 * outlook_presets_load:
 * @built: where the file is silent
 * @directories: (nullable): as g_get_system_config_dirs() returns them
 *
 * The file is a key file with one group, as README describes it; what is in it counts key by key:
 *
 *     [Outlook]
 *     client-id=…
 *     tenant=…
 *     cloud=…
 *     identity=…
 *     graph=…
 *     scopes=User.Read;Mail.ReadWrite;Mail.Send;
 *
 * Nothing else may be in it, a client secret least of all.
 *
 * Returns: (transfer full): settings of a new account; %NULL with what is wrong, and where, for a person
 */
OutlookSettings *outlook_presets_load(const OutlookPresets *built, const char *const *directories, GError **error);

/* TRUE when nothing is left for the person to fill in */
gboolean outlook_presets_are_complete(const OutlookSettings *settings);

G_END_DECLS
