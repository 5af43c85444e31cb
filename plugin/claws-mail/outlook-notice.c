/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-notice.h"

#include <account.h>

#include "graph-error.h"
#include "oauth-error.h"
#include "outlook-bar.h"
#include "outlook-failure-view.h"
#include "outlook-page.h"
#include "outlook-write.h"

/* What the person chose, done when the bar is out of the way: the settings have a main loop of their own. */
typedef struct {
	OutlookAccount *account;
	int remedy;
} Choice;

static void
choice_free(gpointer data)
{
	Choice *choice = data;

	g_object_unref(choice->account);
	g_free(choice);
}

static gboolean
needs_person(const GError *error)
{
	if (error->domain == GRAPH_ERROR)
		return error->code == GRAPH_ERROR_UNAUTHORIZED || error->code == GRAPH_ERROR_NO_MAILBOX;
	if (error->domain != OAUTH_ERROR)
		return FALSE;
	return error->code != OAUTH_ERROR_UNAVAILABLE && error->code != OAUTH_ERROR_KEYRING &&
	       error->code != OAUTH_ERROR_PROTOCOL;
}

static gboolean
act(gpointer data)
{
	Choice *choice = data;
	PrefsAccount *prefs = account_find_from_id(outlook_account_get_id(choice->account));

	if (outlook_account_is_closed(choice->account) || prefs == NULL)
		return G_SOURCE_REMOVE;
	if (choice->remedy == OAUTH_REMEDY_SIGN_IN)
		outlook_account_sign_in(choice->account, NULL, NULL);
	else if (choice->remedy == OAUTH_REMEDY_RETRY)
		outlook_account_check(choice->account, 0, TRUE);
	else
		outlook_page_open(prefs, choice->remedy);
	return G_SOURCE_REMOVE;
}

static void
on_remedy(OutlookFailureView *view, int remedy, gpointer account)
{
	Choice *choice = g_new0(Choice, 1);

	choice->account = g_object_ref(account);
	choice->remedy = remedy;
	g_idle_add_full(G_PRIORITY_DEFAULT, act, choice, choice_free);
}

void
outlook_notice_tell(OutlookAccount *account, const char *name, const GError *error)
{
	g_autoptr(OutlookFailure) failure = NULL;
	g_autoptr(OauthConfig) config = NULL;
	GtkWidget *view;

	if (error == NULL) {
		outlook_bar_hide_of(account);
		return;
	}
	if (!needs_person(error))
		return;
	failure = outlook_failure_new(error);
	config = outlook_settings_to_config(outlook_account_get_settings(account), name);
	if (outlook_account_get_refused_scopes(account) != NULL)
		oauth_config_add_scopes(config, outlook_account_get_refused_scopes(account));
	view = outlook_failure_view_new();
	outlook_write_serve(OUTLOOK_FAILURE_VIEW(view));
	outlook_failure_view_set(OUTLOOK_FAILURE_VIEW(view), failure, config);
	g_signal_connect_object(view, "remedy", G_CALLBACK(on_remedy), account, 0);
	outlook_bar_show_view(account, name, view);
}
