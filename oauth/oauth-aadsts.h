/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A sentence for people, translated, about an AADSTS number; %NULL for an unknown one. Text only: the numbers
 * change without notice, so nothing may be decided by them (OAUTH.md, warning 1).
 */
const char *oauth_aadsts_hint(guint code);

/* The number in `AADSTS65001: …`; 0 when there is none */
guint oauth_aadsts_find(const char *description);

G_END_DECLS
