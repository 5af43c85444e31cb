/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * OutlookGuideStep:
 * @title: what is done
 * @text: how (OAUTH.md 2, "Registration steps")
 * @copy: (nullable): what to copy where
 *
 * A step of the registration of an application. Not translated yet: show it with gettext. The form, the page for the
 * browser and README have the same words.
 */
typedef struct {
	const char *title;
	const char *text;
	const char *copy;
} OutlookGuideStep;

/* Ends with a step whose title is %NULL. */
const OutlookGuideStep *outlook_guide_list(void);

/* Transfer full: @text as markup of HTML and of Pango, its web addresses as links */
char *outlook_guide_to_markup(const char *text);

/* Transfer full: a whole page in the language of the program, without script and without anything from elsewhere */
char *outlook_guide_to_html(void);

/* Transfer full: the steps as a numbered list, a line each */
char *outlook_guide_to_markdown(void);

/*
 * Writes the page into @directory, which is made when it is not there. Returns: (transfer full) (nullable): its
 * address, or %NULL with an error of %G_FILE_ERROR
 */
char *outlook_guide_write_page(const char *directory, GError **error);

G_END_DECLS
