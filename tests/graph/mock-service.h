/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * MockService:
 *
 * A server on loopback with a thread of its own, that answers from a script: each request takes the next reply, and
 * one without a reply gets 418, which no client expects. Everything may be called from any thread.
 */
typedef struct _MockService MockService;

/* What a request looked like. */
typedef struct {
	char *method;
	char *path; /* with its query, as it came */
	SoupMessageHeaders *headers;
	char *body;
} MockRequest;

MockService *mock_service_new(void);
void mock_service_free(MockService *self);
const char *mock_service_get_origin(MockService *self);

/* @body: (nullable). @type: (nullable): `application/json` if there is a body. */
void mock_service_push(MockService *self, guint status, const char *type, const char *body);
/* As push, `200 application/json`. `{origin}` in the body stands for mock_service_get_origin(). */
void mock_service_push_json(MockService *self, const char *body);
/* The last pushed reply carries this header too. */
void mock_service_add_header(MockService *self, const char *name, const char *value);
/* The last pushed reply takes its time. */
void mock_service_set_delay(MockService *self, guint milliseconds);
/* These bytes, then the connection is closed; "" closes without a word. */
void mock_service_push_raw(MockService *self, const char *bytes);
/* What all requests get for which there is no reply, with a delay each. */
void mock_service_set_default(MockService *self, const char *body, guint milliseconds);

guint mock_service_get_n_requests(MockService *self);
guint mock_service_get_n_connections(MockService *self);
guint mock_service_get_most_at_once(MockService *self);
const MockRequest *mock_service_get_request(MockService *self, guint index); /* valid until the service is freed */
/* Waits until so many requests have come. */
void mock_service_wait(MockService *self, guint n_requests);

G_END_DECLS
