/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-settings.h"

G_BEGIN_DECLS

/**
 * OutlookProfileAccount:
 * @name: as Claws Mail shows it
 *
 * An Outlook account of a Claws Mail profile, read without the client.
 */
typedef struct {
	char *name;
	OutlookSettings *settings;
} OutlookProfileAccount;

void outlook_profile_account_free(OutlookProfileAccount *self);

/*
 * Of the text of an `accountrc`: (element-type OutlookProfileAccount), those of other kinds and those whose settings
 * cannot be read are left out.
 */
GPtrArray *outlook_profile_parse(const char *text);

/* Of the profile in @directory. %NULL when its `accountrc` cannot be read. */
GPtrArray *outlook_profile_read(const char *directory, GError **error);

G_END_DECLS
