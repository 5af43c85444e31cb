/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define GRAPH_ERROR (graph_error_quark())

/**
 * GraphError:
 *
 * Each code names the caller's next step. Errors of the sign-in come through as
 * %OAUTH_ERROR, a cancelled call as %G_IO_ERROR_CANCELLED.
 */
typedef enum {
	GRAPH_ERROR_FAILED,	  /* trying again will not help */
	GRAPH_ERROR_UNAUTHORIZED, /* a person signs in again */
	GRAPH_ERROR_FORBIDDEN,	  /* a scope, a right or a licence is missing */
	GRAPH_ERROR_NOT_FOUND,	  /* forget the item, or look for it */
	GRAPH_ERROR_EXISTS,	  /* a folder of this name is there already */
	GRAPH_ERROR_CONFLICT,	  /* read again, then decide */
	GRAPH_ERROR_SYNC_RESET,	  /* drop the delta link, start over */
	GRAPH_ERROR_TOO_LARGE,	  /* a smaller request */
	GRAPH_ERROR_QUOTA,	  /* the mailbox is full */
	GRAPH_ERROR_NO_MAILBOX,	  /* the account has no mailbox that Graph can open */
	GRAPH_ERROR_UNAVAILABLE,  /* later; nothing was done */
	GRAPH_ERROR_UNCERTAIN,	  /* the answer was lost: it may have been done, look before sending again */
	GRAPH_ERROR_PROTOCOL,	  /* the reply is not what the documentation promises */
} GraphError;

GQuark graph_error_quark(void);

/**
 * graph_error_new_from_answer:
 * @what: method and path of the request, redacted
 * @status: HTTP status
 * @body: (nullable): the answer's object, `{"error":{…}}` (API.md 14.1)
 * @request_id: (nullable): the service's `request-id`
 *
 * Status and innermost known code give the #GraphError. The message is a translated sentence with status, code and
 * request-id; the service's own text is left out, as it may hold addresses and subjects.
 *
 * Returns: (transfer full): the error
 */
GError *graph_error_new_from_answer(const char *what, guint status, JsonObject *body, const char *request_id);

/* Puts the service's own words, if @body has any, in front of @error's message: cleaned, one line, not too long. They
 * may name addresses, so only where the user has to correct what they wrote. */
void graph_error_quote(GError *error, JsonObject *body);

/* What was asked for is done, but the answer that tells of it cannot be read: %GRAPH_ERROR_PROTOCOL gets to be
 * %GRAPH_ERROR_UNCERTAIN. Other errors stay. @error: (nullable) */
void graph_error_make_uncertain(GError *error);

/* (nullable): the innermost code of @body that we know, else the innermost one that is a plain word; owned by @body */
const char *graph_error_get_service_code(JsonObject *body);

/*
 * Whether the service itself says by @status and @code, "" for none, that it is too busy: what was asked for was not
 * done. A gateway that says so by the status alone may say it of what was done.
 */
gboolean graph_error_is_busy(guint status, const char *code);

G_END_DECLS
