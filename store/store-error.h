/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define STORE_ERROR (store_error_quark())

/* Each code names the caller's next step. GRAPH_ERROR, OAUTH_ERROR and G_IO_ERROR come through as they are. */
typedef enum {
	STORE_ERROR_FAILED,    /* trying again will not help */
	STORE_ERROR_NOT_FOUND, /* no such folder or number, any more */
	STORE_ERROR_IN_USE,    /* another process has this account open */
	STORE_ERROR_TOO_NEW,   /* written by a newer version; untouched */
	STORE_ERROR_DAMAGED,   /* the database cannot be read; the next store_account_new() builds it anew */
	STORE_ERROR_DISK,      /* full, read-only, or failing */
	STORE_ERROR_REFUSED,   /* the request makes no sense here (move into itself, delete a special folder) */
	STORE_ERROR_TOO_LARGE, /* over what the service takes */
	STORE_ERROR_INVALID,   /* the mail cannot be sent as it is; the message says why */
	STORE_ERROR_UNSENT,    /* the service refused a mail; the message says why and what to do */
} StoreError;

GQuark store_error_quark(void);

G_END_DECLS
