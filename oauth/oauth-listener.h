/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "oauth-config.h"
#include "oauth-refusal.h"

G_BEGIN_DECLS

/**
 * OauthCallback:
 * @code: (nullable): the authorization code, a secret
 * @issuer: (nullable): the `iss` parameter, unchecked
 * @refusal: (nullable): instead of @code
 *
 * The one answer whose `state` was ours.
 */
typedef struct {
	char *code;
	char *issuer;
	OauthRefusal *refusal;
} OauthCallback;

void oauth_callback_free(OauthCallback *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthCallback, oauth_callback_free)

#define OAUTH_TYPE_LISTENER (oauth_listener_get_type())
G_DECLARE_FINAL_TYPE(OauthListener, oauth_listener, OAUTH, LISTENER, GObject)

/**
 * oauth_listener_new:
 * @path: what the browser asks for, begins with `/`
 * @state: what the answer must bring along
 *
 * Holds one port of both loopback addresses (of IPv4 alone where there is no IPv6). Browsers may connect from
 * now on; they are answered while oauth_listener_wait() runs, on its thread.
 */
OauthListener *oauth_listener_new(const char *path, const char *state, OauthResponseMode mode, GError **error);

guint oauth_listener_get_port(OauthListener *self);

/*
 * Answers browsers until one brings the answer (OAUTH.md 11), at most @timeout milliseconds: then
 * %OAUTH_ERROR_TIMED_OUT. Twenty wrong states end it with %OAUTH_ERROR_FAILED. May be called once.
 */
OauthCallback *oauth_listener_wait(OauthListener *self, guint timeout, GCancellable *cancellable, GError **error);

/*
 * Reads the parameters of a callback as they came, still encoded. Returns a table of the last value of each
 * name, or %NULL when they are malformed or one that matters comes twice.
 */
GHashTable *oauth_listener_parse(const char *parameters, gsize length);

G_END_DECLS
