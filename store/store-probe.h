/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"
#include "oauth-session.h"

G_BEGIN_DECLS

/* What a connection is made of, in the order in which each needs those before it. */
typedef enum {
	STORE_PROBE_IDENTITY, /* somebody is signed in, and the keyring says so */
	STORE_PROBE_TOKEN,    /* the sign-in server renews the token */
	STORE_PROBE_PROFILE,  /* `GET /me` */
	STORE_PROBE_MAILBOX,  /* the Inbox */
	STORE_PROBE_FOLDERS,  /* the tree */
	STORE_PROBE_SEND,     /* the permission; no mail is sent */
	STORE_PROBE_CONTACTS, /* API.md 12 */
	STORE_PROBE_SETTINGS, /* `GET /me/mailboxSettings` */
	STORE_N_PROBES,
} StoreProbe;

typedef enum {
	STORE_PROBE_STARTED,
	STORE_PROBE_GOOD,
	STORE_PROBE_NOT_ALLOWED, /* its permission was not asked for, or not given: no fault */
	STORE_PROBE_NOT_REACHED, /* one that it needs failed */
	STORE_PROBE_FAILED,
} StoreProbeOutcome;

/*
 * On the calling thread. @detail: (nullable): translated, what was found; @error: of a failure alone. Neither holds a
 * secret.
 */
typedef void (*StoreProbeTold)(StoreProbe probe, StoreProbeOutcome outcome, const char *detail, const GError *error,
			       gpointer user_data);

/* What a person calls it, translated */
const char *store_probe_get_name(StoreProbe probe);

/*
 * Tries one after the other and tells of each, started and ended; changes nothing at the service. @client: of
 * @session's person. Blocking; FALSE with %G_IO_ERROR_CANCELLED alone, of which the
 * part that was tried then tells; the rest is not reached.
 */
gboolean store_probe_run(OauthSession *session, GraphClient *client, StoreProbeTold told, gpointer user_data,
			 GCancellable *cancellable, GError **error);

G_END_DECLS
