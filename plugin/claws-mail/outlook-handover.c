/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-handover.h"

#include <glib/gi18n-lib.h>

#include "store-handover.h"

static GPtrArray *accounts; /* of OutlookAccount; not owned */

/* What a store calls the one of @account. */
static char *
get_name(OutlookAccount *account)
{
	const char *own = outlook_account_get_settings(account)->config->account;
	const char *mailbox = outlook_account_get_mailbox(account);
	g_autofree char *address = mailbox != NULL ? g_ascii_strdown(mailbox, -1) : NULL;

	return address != NULL ? g_strconcat(own, "/", address, NULL) : g_strdup(own);
}

static OutlookAccount *
find(const char *name)
{
	for (guint i = 0; accounts != NULL && i < accounts->len; i++) {
		g_autofree char *other = get_name(g_ptr_array_index(accounts, i));

		if (g_str_equal(name, other))
			return g_ptr_array_index(accounts, i);
	}
	return NULL;
}

void
outlook_handover_tell_stayed(OutlookAccount *from)
{
	g_signal_emit_by_name(from, "report", 1,
			      _("What was moved into another mailbox and did not get there stays where it was."));
}

static void
tell_error(OutlookAccount *from, const GError *error)
{
	g_autofree char *text = outlook_account_explain(error);

	g_signal_emit_by_name(from, "report", 1, text);
}

static void
settle(OutlookAccount *from, OutlookAccount *to)
{
	StoreAccount *store = outlook_account_get_store(from);
	StoreAccount *other = outlook_account_get_store(to);
	g_autofree char *name = get_name(to);
	g_autoptr(GError) error = NULL;
	guint removed, stayed;

	if (store == NULL || other == NULL)
		return;
	if (!store_handover_settle(store, name, other, &removed, &stayed, &error)) {
		tell_error(from, error);
		return;
	}
	if (removed > 0)
		outlook_account_push(from);
	if (stayed > 0)
		outlook_handover_tell_stayed(from);
}

/* Whatever leaves @from, or with @from %NULL whatever goes to @to. */
static void
settle_all(OutlookAccount *from, OutlookAccount *to)
{
	g_autoptr(GPtrArray) all = g_ptr_array_copy(accounts, NULL, NULL);

	for (guint i = 0; i < all->len; i++)
		settle(from != NULL ? from : g_ptr_array_index(all, i), to != NULL ? to : g_ptr_array_index(all, i));
}

static void
on_state_changed(OutlookAccount *account, gpointer data)
{
	settle_all(NULL, account);
	settle_all(account, NULL);
}

void
outlook_handover_join(OutlookAccount *account)
{
	if (accounts == NULL)
		accounts = g_ptr_array_new();
	g_ptr_array_add(accounts, account);
	g_signal_connect(account, "state-changed", G_CALLBACK(on_state_changed), NULL);
}

void
outlook_handover_part(OutlookAccount *account)
{
	if (accounts == NULL || !g_ptr_array_remove_fast(accounts, account))
		return;
	g_signal_handlers_disconnect_by_func(account, on_state_changed, NULL);
	if (accounts->len == 0)
		g_clear_pointer(&accounts, g_ptr_array_unref);
}

gboolean
outlook_handover_add(OutlookAccount *from, gint64 folder, GArray *numbers, OutlookAccount *to, gint64 destination,
		     GArray *copies, GError **error)
{
	g_autofree char *name = get_name(to);

	if (!store_handover_add(outlook_account_get_store(from), folder, numbers, name, outlook_account_get_store(to),
				destination, copies, error))
		return FALSE;
	/* Of what comes from a third mailbox and is on its way itself. */
	settle_all(NULL, from);
	settle(from, to);
	return TRUE;
}

GHashTable *
outlook_handover_list(OutlookAccount *from, gint64 folder)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) names = NULL;

	for (guint i = 0; accounts != NULL && i < accounts->len; i++) {
		g_autofree char *name = get_name(g_ptr_array_index(accounts, i));

		g_strv_builder_add(builder, name);
	}
	names = g_strv_builder_end(builder);
	return store_handover_list_numbers(outlook_account_get_store(from), folder, (const char *const *)names);
}

GPtrArray *
outlook_handover_list_destinations(OutlookAccount *from)
{
	StoreAccount *store = outlook_account_get_store(from);
	g_auto(GStrv) names = store != NULL ? store_handover_list_mailboxes(store) : NULL;
	GPtrArray *destinations = g_ptr_array_new_with_free_func(g_object_unref);

	for (char **name = names; name != NULL && *name != NULL; name++) {
		OutlookAccount *to = find(*name);

		if (to != NULL)
			g_ptr_array_add(destinations, g_object_ref(to));
	}
	return destinations;
}

guint
outlook_handover_settle(OutlookAccount *from)
{
	g_autoptr(GPtrArray) destinations = outlook_handover_list_destinations(from);
	guint left = 0;

	for (guint i = 0; i < destinations->len; i++) {
		OutlookAccount *to = g_ptr_array_index(destinations, i);
		g_autofree char *name = get_name(to);

		settle(from, to);
		left += store_handover_count(outlook_account_get_store(from), name);
	}
	return left;
}

void
outlook_handover_leave(OutlookAccount *account)
{
	g_autofree char *name = get_name(account);

	for (guint i = 0; accounts != NULL && i < accounts->len; i++) {
		OutlookAccount *from = g_ptr_array_index(accounts, i);
		StoreAccount *store = outlook_account_get_store(from);
		g_autoptr(GError) error = NULL;
		guint stayed = 0;

		if (store == NULL || from == account)
			continue;
		settle(from, account);
		if (!store_handover_drop(store, name, &stayed, &error))
			tell_error(from, error);
		if (stayed > 0)
			outlook_handover_tell_stayed(from);
	}
}
