/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stage.h"

#include "account-fixture.h"

void
stage_open(Stage *self)
{
	g_autoptr(OutlookSettings) settings = NULL;
	g_autoptr(OauthKeyring) keyring = oauth_keyring_new_in_memory();
	g_autoptr(GError) error = NULL;

	self->tenant = simulator_new();
	g_assert_true(simulator_start(self->tenant, 0, NULL, &error));
	settings = fixture_make_settings(self->tenant);
	self->account = outlook_account_new_without_store("Outlook", settings, keyring);
}

void
stage_add_person(Stage *self)
{
	g_autoptr(GError) error = NULL;

	simulator_set_device(self->tenant, 0.1, 900);
	simulator_add_client(self->tenant, SIMULATOR_CLIENT_ID, NULL);
	simulator_add_mailbox(self->tenant, SIMULATOR_USER, "", &error);
	g_assert_no_error(error);
}

void
stage_close(Stage *self)
{
	outlook_account_close(self->account, TRUE);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_object_unref(self->account);
	simulator_stop(self->tenant);
	g_assert_finalize_object(self->tenant);
}

void
stage_note_signed_in(OutlookAccount *account, const GError *error, gpointer data)
{
	g_assert_no_error(error);
	((Stage *)data)->n_done++;
}

GtkWidget *
stage_get_dialog(void)
{
	g_autoptr(GList) windows = gtk_window_list_toplevels();

	for (GList *at = windows; at != NULL; at = at->next) {
		if (GTK_IS_DIALOG(at->data))
			return at->data;
	}
	return NULL;
}
