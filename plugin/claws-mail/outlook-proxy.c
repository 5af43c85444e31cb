/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-proxy.h"

#include <account.h>
#include <passwordstore.h>
#include <prefs_common.h>

#include "outlook-accounts.h"

static guint source;

/* (nullable): none is set */
static const ProxyInfo *
find_info(PrefsAccount *prefs)
{
	PrefsCommon *common = prefs_common_get_prefs();

	if (prefs != NULL && prefs->use_proxy)
		return prefs->use_default_proxy ? &common->proxy_info : &prefs->proxy_info;
	return common->use_proxy ? &common->proxy_info : NULL;
}

static char *
get_password(const ProxyInfo *info, PrefsAccount *prefs)
{
	if (prefs != NULL && info == &prefs->proxy_info)
		return passwd_store_get_account(prefs->account_id, PWS_ACCOUNT_PROXY_PASS);
	return passwd_store_get(PWS_CORE, PWS_CORE_PROXY, PWS_CORE_PROXY_PASS);
}

static void
set_way(OutlookAccount *account, const ProxyInfo *info, char *password)
{
	OauthProxy *proxy = oauth_authorizer_get_proxy(OAUTH_AUTHORIZER(outlook_account_get_session(account)));
	g_autofree char *name = NULL;
	g_autofree char *escaped = NULL;
	g_autofree char *user = NULL;
	char *uri;

	if (info == NULL || info->proxy_host == NULL || *info->proxy_host == '\0') {
		oauth_proxy_set_uri(proxy, NULL);
		return;
	}
	if (info->use_proxy_auth && info->proxy_name != NULL) {
		name = g_uri_escape_string(info->proxy_name, NULL, FALSE);
		escaped = g_uri_escape_string(password != NULL ? password : "", NULL, FALSE);
		user = g_strdup_printf("%s:%s", name, escaped);
	}
	uri = g_uri_join(G_URI_FLAGS_ENCODED, info->proxy_type == PROXY_SOCKS4 ? "socks4" : "socks5", user,
			 info->proxy_host, info->proxy_port, "", NULL, NULL);
	oauth_proxy_set_uri(proxy, uri);
	oauth_token_free(uri);
	oauth_token_free(g_steal_pointer(&escaped));
	oauth_token_free(g_steal_pointer(&user));
}

void
outlook_proxy_apply(OutlookAccount *account, PrefsAccount *prefs)
{
	const ProxyInfo *info = find_info(prefs);
	char *password = info != NULL && info->use_proxy_auth ? get_password(info, prefs) : NULL;

	set_way(account, info, password);
	oauth_token_free(password);
}

/* The passphrase's window turns the main loop: nothing is held over it but ids. */
static gboolean
apply_all(gpointer data)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int));

	source = 0;
	for (GList *at = account_get_list(); at != NULL; at = at->next) {
		if (outlook_accounts_is_ours(at->data))
			g_array_append_val(ids, ((PrefsAccount *)at->data)->account_id);
	}
	for (guint i = 0; i < ids->len; i++) {
		PrefsAccount *prefs = account_find_from_id(g_array_index(ids, int, i));
		OutlookAccount *account = prefs != NULL ? outlook_accounts_find(prefs) : NULL;

		if (account != NULL) {
			g_object_ref(account);
			outlook_proxy_apply(account, prefs);
			g_object_unref(account);
		}
	}
	return G_SOURCE_REMOVE;
}

void
outlook_proxy_apply_later(OutlookAccount *account, PrefsAccount *prefs)
{
	const ProxyInfo *info = find_info(prefs);

	OauthProxy *proxy = oauth_authorizer_get_proxy(OAUTH_AUTHORIZER(outlook_account_get_session(account)));

	/* Until the password is there nothing goes past the proxy. */
	if (info == NULL || !info->use_proxy_auth || !oauth_proxy_is_set(proxy))
		set_way(account, info, NULL);
	if (info != NULL && info->use_proxy_auth && source == 0)
		source = g_idle_add_full(G_PRIORITY_DEFAULT, apply_all, NULL, NULL);
}

void
outlook_proxy_done(void)
{
	g_clear_handle_id(&source, g_source_remove);
}
