/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outlook-guide TRANSLATIONS LANGUAGE: prints the steps of the registration as a page. Run when this is built. */
#include "outlook-guide.h"

#include <libintl.h>
#include <locale.h>

int
main(int argc, char *argv[])
{
	g_autofree char *page = NULL;

	if (argc != 3) {
		g_printerr("Usage: outlook-guide TRANSLATIONS LANGUAGE\n");
		return 2;
	}
	/* A language is chosen where there is a locale, and this one is everywhere. */
	g_setenv("LC_ALL", "C.UTF-8", TRUE);
	g_setenv("LANGUAGE", argv[2], TRUE);
	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, argv[1]);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	page = outlook_guide_to_html();
	g_print("%s", page);
	return 0;
}
