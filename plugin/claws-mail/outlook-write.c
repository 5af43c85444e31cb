/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-write.h"

#include <string.h>

#include <account.h>
#include <compose.h>

#define SCHEME "mailto:"

static PrefsAccount *
find_account(void)
{
	return cur_account != NULL ? cur_account : account_get_default();
}

gboolean
outlook_write_is_possible(void)
{
	return find_account() != NULL;
}

static void
on_write(OutlookFailureView *view, const char *mailto)
{
	PrefsAccount *account = find_account();

	g_return_if_fail(g_str_has_prefix(mailto, SCHEME));

	if (account != NULL)
		compose_new(account, mailto + strlen(SCHEME), NULL);
}

void
outlook_write_serve(OutlookFailureView *view)
{
	outlook_failure_view_set_can_write(view, outlook_write_is_possible());
	g_signal_connect(view, "write", G_CALLBACK(on_write), NULL);
}
