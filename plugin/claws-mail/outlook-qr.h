/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Light modules that a reader needs around the code (ISO/IEC 18004). */
#define OUTLOOK_QR_QUIET 4

/**
 * OutlookQr:
 *
 * A text as a QR code: a square of dark and light modules. Draws nothing itself; knows no Claws.
 */
typedef struct _OutlookQr OutlookQr;

OutlookQr *outlook_qr_new(const char *text); /* %NULL when it is too long for one */
void outlook_qr_free(OutlookQr *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutlookQr, outlook_qr_free)

/* Modules of a side, without the quiet ones */
int outlook_qr_get_size(const OutlookQr *self);
/* FALSE for what lies outside */
gboolean outlook_qr_is_dark(const OutlookQr *self, int x, int y);

/*
 * For a terminal with UTF-8 and colours: lines of half blocks, two modules above each other in a character, the quiet
 * ones included; dark on light whatever the terminal's own colours are.
 */
char *outlook_qr_to_text(const OutlookQr *self);

G_END_DECLS
