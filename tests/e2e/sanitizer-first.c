/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded after libasan into the client, which is not built with it. ASan starts at the first allocation, and that
 * would be inside bindtextdomain(), called by the constructor of libgpg-error: glibc holds a lock there that ASan's
 * own start takes again through dlerror(), and leaves broken, so that the client waits for it for ever. Linked with
 * -z initfirst, the constructor here comes before all others.
 *
 * The programs that the client starts have nothing to do with it.
 */
#include <string.h>

#define VARIABLE "LD_PRELOAD="

void __asan_init(void);

static void __attribute__((constructor)) start(int argc, char **argv, char **environment)
{
	char **kept = environment;

	__asan_init();
	for (; *environment != NULL; environment++) {
		if (strncmp(*environment, VARIABLE, strlen(VARIABLE)) != 0)
			*kept++ = *environment;
	}
	*kept = NULL;
}
