/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"

#include <account.h>
#include <hooks.h>

static gboolean
on_password_wanted(gpointer source, gpointer user_data)
{
	PasswordRequest *request = source;

	if (g_strcmp0(request->protocol, "imap") != 0)
		return FALSE;
	request->password = g_strdup(user_data);
	return TRUE;
}

void
probe_passwords_start(void)
{
	const char *password = g_getenv("CLAWS_PROBE_PASSWORD");

	if (password != NULL)
		hooks_register_hook(PASSWORD_GET_HOOKLIST, on_password_wanted, g_strdup(password));
	g_unsetenv("CLAWS_PROBE_PASSWORD");
}
