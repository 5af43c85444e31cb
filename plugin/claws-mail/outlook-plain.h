/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The user of a SASL PLAIN message (RFC 4616: `authzid NUL authcid NUL password`) in base64, if its password is
 * @password and it asks to be nobody else; else %NULL. Transfer full. */
char *outlook_plain_check(const char *base64, const char *password);

G_END_DECLS
