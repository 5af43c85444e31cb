/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-plain.h"

#include <string.h>

/* In a time that does not tell how much of it was right. */
static gboolean
is_password(const char *password, const char *typed)
{
	gsize length = strlen(password);
	guchar difference = strlen(typed) != length;

	for (gsize i = 0; i < length && !(difference && i >= strlen(typed)); i++)
		difference |= (guchar)typed[i] ^ (guchar)password[i];
	return difference == 0;
}

char *
outlook_plain_check(const char *base64, const char *password)
{
	gsize length = strlen(base64);
	g_autofree char *message = NULL;
	const char *user, *typed, *end;

	if (length == 0 ||
	    strspn(base64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != length)
		return NULL;

	/* Room for two more ends, so that a message without its NULs stays inside. */
	message = g_malloc0(length + 3);
	{
		int state = 0;
		guint save = 0;
		gsize n = g_base64_decode_step(base64, length, (guchar *)message, &state, &save);

		end = message + n;
	}
	user = message + strlen(message) + 1;
	typed = user < end ? user + strlen(user) + 1 : end;
	if (user >= end || typed > end || *user == '\0' || typed + strlen(typed) != end)
		return NULL;
	if (*message != '\0' && strcmp(message, user) != 0)
		return NULL;
	if (!g_utf8_validate(user, -1, NULL) || !is_password(password, typed))
		return NULL;
	return g_strdup(user);
}
