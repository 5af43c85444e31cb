/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What went wrong and what to do next, for a person, for an error of any layer below. Transfer full,
 * translated. */
char *outlook_explain(const GError *error);

/* The same with another next step: a whole sentence. */
char *outlook_explain_with_step(const GError *error, const char *step);

G_END_DECLS
