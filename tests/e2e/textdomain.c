/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded into the client by a story in another language: the plugin's translations, and the client's own, are looked
 * for in TEXTDOMAIN_DIR, not where they are installed.
 */
#include <dlfcn.h>
#include <libintl.h>
#include <stdlib.h>
#include <string.h>

#define HOST "claws-mail"

#undef bindtextdomain

typedef char *(*Bind)(const char *domain, const char *directory);

char *
bindtextdomain(const char *domain, const char *directory)
{
	Bind bind = (Bind)dlsym(RTLD_NEXT, "bindtextdomain");

	if (directory != NULL && (strcmp(domain, GETTEXT_PACKAGE) == 0 || strcmp(domain, HOST) == 0))
		directory = getenv("TEXTDOMAIN_DIR");
	return bind(domain, directory);
}
