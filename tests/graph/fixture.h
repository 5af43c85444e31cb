/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"
#include "graph-error.h"

#include "mock-authorizer.h"
#include "mock-service.h"

G_BEGIN_DECLS

/* A client of a scripted service, signed in. */
typedef struct {
	MockService *service;
	MockAuthorizer *authorizer;
	GraphClient *client;
	GString *log; /* the client's lines */
	GMutex mutex; /* of the log */
} Fixture;

void fixture_set_up(Fixture *fixture, gconstpointer data);
void fixture_tear_down(Fixture *fixture, gconstpointer data);

#define fixture_add(name, function) g_test_add(name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

const char *fixture_get_header(Fixture *fixture, guint request, const char *name);

G_END_DECLS
