/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

static void
on_log(const char *line, gpointer data)
{
	Fixture *fixture = data;

	g_mutex_lock(&fixture->mutex);
	g_string_append_printf(fixture->log, "%s\n", line);
	g_mutex_unlock(&fixture->mutex);
}

void
fixture_set_up(Fixture *fixture, gconstpointer data)
{
	g_mutex_init(&fixture->mutex);
	fixture->log = g_string_new(NULL);
	fixture->service = mock_service_new();
	fixture->authorizer = mock_authorizer_new();
	fixture->client = graph_client_new(OAUTH_AUTHORIZER(fixture->authorizer),
					   mock_service_get_origin(fixture->service), NULL, NULL);
	graph_client_set_log(fixture->client, on_log, fixture, NULL);
}

void
fixture_tear_down(Fixture *fixture, gconstpointer data)
{
	g_assert_null(strstr(fixture->log->str, "token-"));
	g_assert_null(strchr(fixture->log->str, '@'));
	g_assert_null(strchr(fixture->log->str, '?'));
	g_assert_finalize_object(fixture->client);
	g_assert_finalize_object(fixture->authorizer);
	mock_service_free(fixture->service);
	g_string_free(fixture->log, TRUE);
	g_mutex_clear(&fixture->mutex);
}

const char *
fixture_get_header(Fixture *fixture, guint request, const char *name)
{
	return soup_message_headers_get_list(mock_service_get_request(fixture->service, request)->headers, name);
}
