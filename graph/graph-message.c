/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-message.h"

#include <glib/gi18n-lib.h>

#include "graph-batch.h"
#include "graph-error.h"
#include "graph-json.h"
#include "graph-page.h"
#include "graph-request.h"
#include "graph-uri.h"

/* Size, verb and icon: API.md 5.3, 5.6 */
#define EXPAND                                                                              \
	"expand=singleValueExtendedProperties($filter=id%20eq%20'Integer%200x0E08'%20or%20" \
	"id%20eq%20'Integer%200x1081'%20or%20id%20eq%20'Integer%200x1080')"

/* Whether there is anything is all that a probe wants to know. */
#define PROBE_PAGE 1
#define PROBES_AT_ONCE 3

/* What a literal to compare with holds (API.md 2.2), quotes twice */
#define LITERAL_LIMIT 120

/* A request holds 4 MB, in base64 (CHECKED 6b). */
#define MIME_LIMIT 2900000

void
graph_message_page_free(GraphMessagePage *self)
{
	g_ptr_array_unref(self->messages);
	g_free(self->next_link);
	g_free(self->delta_link);
	g_free(self);
}

static char *
folder_path(const char *folder_id, const char *rest)
{
	g_autofree char *segment = graph_uri_escape_segment(folder_id);

	return g_strdup_printf("/mailFolders/%s/messages%s", segment, rest);
}

static char *
message_path(const char *id, const char *rest)
{
	g_autofree char *segment = graph_uri_escape_segment(id);

	return g_strdup_printf("/messages/%s%s", segment, rest);
}

/* Extended is a page where nothing that should have a size lacks it. */
static GraphMessagePage *
read_page(JsonObject *answer, gboolean delta, GError **error)
{
	g_autoptr(GraphPage) page = graph_page_new(answer, delta, error);
	g_autoptr(GraphMessagePage) self = NULL;

	if (page == NULL)
		return NULL;
	self = g_new0(GraphMessagePage, 1);
	self->messages = g_ptr_array_new_with_free_func((GDestroyNotify)graph_message_free);
	self->extended = TRUE;
	for (guint i = 0; i < graph_page_get_length(page); i++) {
		GraphMessage *message = graph_message_from_json(graph_page_get_item(page, i), error);

		if (message == NULL)
			return NULL;
		g_ptr_array_add(self->messages, message);
		if ((message->fields & GRAPH_MESSAGE_ENVELOPE) != 0 && (message->fields & GRAPH_MESSAGE_SIZE) == 0)
			self->extended = FALSE;
	}
	self->next_link = g_strdup(page->next_link);
	self->delta_link = g_strdup(page->delta_link);
	return g_steal_pointer(&self);
}

/* A change that brought a part of an envelope only (API.md 5.9): the whole message takes its place. */
static gboolean
complete(GraphClient *client, GraphMessagePage *page, GCancellable *cancellable, GError **error)
{
	for (guint i = 0; i < page->messages->len; i++) {
		GraphMessage *message = g_ptr_array_index(page->messages, i);
		GraphMessage *whole;
		g_autoptr(GError) local_error = NULL;

		if ((message->fields & GRAPH_MESSAGE_INCOMPLETE) == 0)
			continue;
		whole = graph_message_get(client, message->id, cancellable, &local_error);
		if (whole != NULL) {
			graph_message_free(message);
			page->messages->pdata[i] = whole;
		} else if (!g_error_matches(local_error, GRAPH_ERROR, GRAPH_ERROR_NOT_FOUND)) {
			g_propagate_error(error, g_steal_pointer(&local_error));
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean
is_refused(GraphRequest *request)
{
	return request->status == 400 || request->status == 500 || request->status == 501;
}

/*
 * A stored link that is refused in whatever words means a new round (API.md 5.9, CHECKED H). So does one that was not
 * even asked for, because the service is at another address now.
 */
static void
propagate_link_error(GraphRequest *request, gboolean extended, GError *local_error, GError **error)
{
	if ((local_error->domain == GRAPH_ERROR && (request->status == 400 || request->status == 410)) ||
	    (g_error_matches(local_error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL) && request->status == 0))
		local_error->code = GRAPH_ERROR_SYNC_RESET;
	else if (local_error->domain == GRAPH_ERROR && extended && is_refused(request))
		local_error->code = GRAPH_ERROR_TOO_LARGE;
	g_propagate_error(error, local_error);
}

/* With extended properties; without them where the service refuses to expand. */
static JsonObject *
get_expanded(GraphClient *client, const char *plain, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat(plain, "&$" EXPAND, NULL);
	GraphRequest request = {.method = "GET", .path = path};
	GError *local_error = NULL;
	JsonObject *answer = graph_client_run(client, &request, cancellable, &local_error);

	if (answer == NULL && is_refused(&request)) {
		g_clear_error(&local_error);
		return graph_client_get(client, plain, 0, cancellable, error);
	}
	if (local_error != NULL)
		g_propagate_error(error, local_error);
	return answer;
}

/* A page that leads to itself would be asked for without an end. */
static gboolean
check_progress(const GraphMessagePage *page, const char *link, GError **error)
{
	if (link == NULL || g_strcmp0(page->next_link, link) != 0)
		return TRUE;
	g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL, _("The list of messages has no end"));
	return FALSE;
}

GraphMessagePage *
graph_message_delta(GraphClient *client, const char *folder_id, const char *link, guint page_size, gboolean extended,
		    GCancellable *cancellable, GError **error)
{
	g_autofree char *plain = folder_path(folder_id, "/delta?" GRAPH_MESSAGE_SELECT);
	g_autofree char *expanded = g_strconcat(plain, "&" EXPAND, NULL);
	GraphRequest request = {.method = "GET", .page_size = page_size};
	g_autoptr(GraphMessagePage) page = NULL;
	g_autoptr(JsonObject) answer = NULL;
	GError *local_error = NULL;

	request.path = link != NULL ? link : extended ? expanded : plain;
	answer = graph_client_run(client, &request, cancellable, &local_error);
	if (answer == NULL && link == NULL && extended && is_refused(&request)) {
		g_clear_error(&local_error);
		request.path = plain;
		answer = graph_client_run(client, &request, cancellable, &local_error);
	}
	if (answer == NULL) {
		if (link != NULL)
			propagate_link_error(&request, extended, local_error, error);
		else
			g_propagate_error(error, local_error);
		return NULL;
	}
	page = read_page(answer, TRUE, error);
	if (page == NULL || !check_progress(page, link, error) || !complete(client, page, cancellable, error))
		return NULL;
	return g_steal_pointer(&page);
}

/* A link that leads elsewhere is not asked for; what has changed is asked for again, as a whole. */
GPtrArray *
graph_message_probe(GraphClient *client, GPtrArray *links, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) next = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GraphBatch) batch = graph_batch_new(client);
	g_autoptr(GArray) asked = g_array_new(FALSE, FALSE, sizeof(guint));

	g_ptr_array_set_size(next, (int)links->len);
	for (guint i = 0; i < links->len; i++) {
		if (graph_batch_add_link(batch, g_ptr_array_index(links, i), PROBE_PAGE))
			g_array_append_val(asked, i);
	}
	graph_batch_set_chained(batch, asked->len > PROBES_AT_ONCE);
	if (asked->len > 0 && !graph_batch_run(batch, cancellable, error))
		return NULL;
	for (guint i = 0; i < asked->len; i++) {
		g_autoptr(JsonObject) answer = graph_batch_get(batch, i, NULL);
		g_autoptr(GraphPage) page = answer != NULL ? graph_page_new(answer, TRUE, NULL) : NULL;

		if (page != NULL && page->delta_link != NULL && graph_page_get_length(page) == 0)
			next->pdata[g_array_index(asked, guint, i)] = g_strdup(page->delta_link);
	}
	return g_steal_pointer(&next);
}

GraphMessagePage *
graph_message_list(GraphClient *client, const char *folder_id, const char *link, guint page_size,
		   GCancellable *cancellable, GError **error)
{
	g_autofree char *query =
		g_strdup_printf("?$top=%u&$orderby=receivedDateTime%%20desc&" GRAPH_MESSAGE_SELECT, page_size);
	g_autofree char *plain = folder_path(folder_id, query);
	g_autoptr(JsonObject) answer = link != NULL ? graph_client_get(client, link, 0, cancellable, error)
						    : get_expanded(client, plain, cancellable, error);
	g_autoptr(GraphMessagePage) page = answer != NULL ? read_page(answer, FALSE, error) : NULL;

	if (page == NULL || !check_progress(page, link, error))
		return NULL;
	return g_steal_pointer(&page);
}

GHashTable *
graph_message_list_ids(GraphClient *client, const char *folder_id, guint *requests, GCancellable *cancellable,
		       GError **error)
{
	g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *link = folder_path(folder_id, "?$select=id&$top=1000");

	while (link != NULL) {
		g_autoptr(JsonObject) answer = graph_client_get(client, link, 0, cancellable, error);
		g_autoptr(GraphPage) page = answer != NULL ? graph_page_new(answer, FALSE, error) : NULL;

		if (page == NULL)
			return NULL;
		for (guint i = 0; i < graph_page_get_length(page); i++) {
			const char *id = graph_json_require_string(graph_page_get_item(page, i), "id", error);

			if (id == NULL)
				return NULL;
			g_hash_table_add(ids, g_strdup(id));
		}
		if (g_strcmp0(page->next_link, link) == 0) {
			g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
					    _("The list of messages has no end"));
			return NULL;
		}
		g_free(link);
		link = g_strdup(page->next_link);
		++*requests;
	}
	return g_steal_pointer(&ids);
}

GraphMessage *
graph_message_get(GraphClient *client, const char *id, GCancellable *cancellable, GError **error)
{
	g_autofree char *plain = message_path(id, "?" GRAPH_MESSAGE_SELECT);
	g_autoptr(JsonObject) answer = get_expanded(client, plain, cancellable, error);

	return answer != NULL ? graph_message_from_json(answer, error) : NULL;
}

/* What is too long for a literal is asked for by its beginning. */
static char *
describe_message_id(const char *message_id)
{
	const char *end = message_id;
	g_autofree char *part = NULL;
	g_autofree char *literal = NULL;
	g_autofree char *escaped = NULL;

	for (guint length = 0; *end != '\0'; end++) {
		length += *end == '\'' ? 2 : 1;
		if (length > LITERAL_LIMIT)
			break;
	}
	while (*end != '\0' && end > message_id && ((guchar)*end & 0xc0) == 0x80)
		end--;
	part = g_strndup(message_id, (gsize)(end - message_id));
	literal = graph_uri_quote(part);
	escaped = graph_uri_escape_query(literal);
	return *end == '\0' ? g_strconcat("internetMessageId%20eq%20", escaped, NULL)
			    : g_strconcat("startswith(internetMessageId,", escaped, ")", NULL);
}

GPtrArray *
graph_message_find(GraphClient *client, const char *folder_id, const char *internet_message_id,
		   GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)graph_message_free);
	g_autofree char *filter = describe_message_id(internet_message_id);
	g_autofree char *query = g_strdup_printf("?$filter=%s&$top=50&" GRAPH_MESSAGE_SELECT, filter);
	g_autofree char *link =
		folder_id != NULL ? folder_path(folder_id, query) : g_strconcat("/messages", query, NULL);

	while (link != NULL) {
		g_autoptr(JsonObject) answer = graph_client_get(client, link, 0, cancellable, error);
		g_autoptr(GraphMessagePage) page = answer != NULL ? read_page(answer, FALSE, error) : NULL;

		if (page == NULL)
			return NULL;
		if (g_strcmp0(page->next_link, link) == 0) {
			g_set_error_literal(error, GRAPH_ERROR, GRAPH_ERROR_PROTOCOL,
					    _("The list of messages has no end"));
			return NULL;
		}
		/* An option that the service does not know may be ignored in silence (API.md 2.2): look at each. */
		while (page->messages->len > 0) {
			GraphMessage *message = g_ptr_array_steal_index(page->messages, 0);

			if (g_strcmp0(message->internet_message_id, internet_message_id) == 0)
				g_ptr_array_add(found, message);
			else
				graph_message_free(message);
		}
		g_free(link);
		link = g_steal_pointer(&page->next_link);
	}
	return g_steal_pointer(&found);
}

gboolean
graph_message_get_mime(GraphClient *client, const char *id, GOutputStream *stream, GCancellable *cancellable,
		       GError **error)
{
	g_autofree char *path = message_path(id, "/$value");

	return graph_client_download(client, path, stream, cancellable, error);
}

/* Done is what answers with the changed object (API.md 5.6; a sample of it leaves the id out), or with nothing at all.
 */
static gboolean
patch(GraphClient *client, const char *path, JsonObject *body, gint64 *modified, GCancellable *cancellable,
      GError **error)
{
	static const guint ok[] = {200, 204, 0};
	g_autofree char *text = graph_json_print(body);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	GraphRequest request = {
		.method = "PATCH",
		.path = path,
		.body = bytes,
		.content_type = "application/json",
		.expected = ok,
		.repeatable = TRUE,
	};
	g_autoptr(JsonObject) answer = graph_client_run(client, &request, cancellable, error);

	if (answer == NULL || (request.status != 204 && !graph_json_is_entity(answer, error)))
		return FALSE;
	*modified = request.status != 204 ? graph_message_read_modified(answer) : 0;
	return TRUE;
}

/* Best effort (API.md 5.6, CHECKED 15b): what is refused once is not tried again in this run. */
static gboolean
patch_answered(GraphClient *client, const char *path, const GraphMessage *changes, gint64 *modified,
	       GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) body = graph_message_answered_to_json(changes);
	g_autoptr(GError) local_error = NULL;

	if (!graph_client_may_write_extended(client) || patch(client, path, body, modified, cancellable, &local_error))
		return TRUE;
	if (g_error_matches(local_error, GRAPH_ERROR, GRAPH_ERROR_FORBIDDEN)) {
		graph_client_forbid_extended(client);
		return TRUE;
	}
	if (g_error_matches(local_error, GRAPH_ERROR, GRAPH_ERROR_FAILED))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local_error));
	return FALSE;
}

gboolean
graph_message_update(GraphClient *client, const char *id, const GraphMessage *changes, gint64 *modified,
		     GCancellable *cancellable, GError **error)
{
	gint64 ignored;
	g_autofree char *path = message_path(id, "");
	g_autoptr(JsonObject) body = graph_message_changes_to_json(changes);

	modified = modified != NULL ? modified : &ignored;
	*modified = 0;
	if (json_object_get_size(body) > 0 && !patch(client, path, body, modified, cancellable, error))
		return FALSE;
	return (changes->fields & GRAPH_MESSAGE_ANSWERED) == 0 ||
	       patch_answered(client, path, changes, modified, cancellable, error);
}

/* A new message; without its id it is there all the same. */
static GraphMessage *
read_made(JsonObject *answer, GError **error)
{
	GError *local_error = NULL;
	GraphMessage *message = graph_message_from_json(answer, &local_error);

	if (message == NULL) {
		graph_error_make_uncertain(local_error);
		g_propagate_error(error, local_error);
	}
	return message;
}

/* With immutable ids a move that is repeated ends in the same place, with the same id; a copy would be made twice. */
static GraphMessage *
transfer(GraphClient *client, const char *id, const char *action, const char *destination_id, gboolean repeatable,
	 GCancellable *cancellable, GError **error)
{
	static const guint ok[] = {201, 200, 0};
	g_autofree char *path = message_path(id, action);
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(JsonObject) answer = NULL;
	g_autofree char *text = NULL;
	g_autoptr(GBytes) bytes = NULL;
	GraphRequest request = {
		.method = "POST",
		.path = path,
		.content_type = "application/json",
		.expected = ok,
		.repeatable = repeatable,
	};

	json_object_set_string_member(body, "destinationId", destination_id);
	text = graph_json_print(body);
	bytes = g_bytes_new(text, strlen(text));
	request.body = bytes;
	answer = graph_client_run(client, &request, cancellable, error);
	if (answer == NULL)
		return NULL;
	return repeatable ? graph_message_from_json(answer, error) : read_made(answer, error);
}

GraphMessage *
graph_message_move(GraphClient *client, const char *id, const char *destination_id, GCancellable *cancellable,
		   GError **error)
{
	return transfer(client, id, "/move", destination_id, TRUE, cancellable, error);
}

GraphMessage *
graph_message_copy(GraphClient *client, const char *id, const char *destination_id, GCancellable *cancellable,
		   GError **error)
{
	return transfer(client, id, "/copy", destination_id, FALSE, cancellable, error);
}

/*
 * Clouds without permanentDelete answer with one of several statuses; 404 may mean that or that the message went,
 * and DELETE tells. 403 with ErrorCannotDeleteObject is the answer to a second one: done (CHECKED 27); where the code
 * of a 403 cannot be read, DELETE tells, too.
 */
gboolean
graph_message_delete(GraphClient *client, const char *id, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = message_path(id, "/permanentDelete");
	g_autofree char *plain = message_path(id, "");
	static const guint ok[] = {204, 0};
	GraphRequest request = {.method = "POST", .path = path, .expected = ok, .repeatable = TRUE};
	GError *local_error = NULL;
	g_autoptr(JsonObject) answer = graph_client_run(client, &request, cancellable, &local_error);

	if (answer != NULL)
		return TRUE;
	if (request.status == 403 && g_ascii_strcasecmp(request.code, "ErrorCannotDeleteObject") == 0) {
		g_clear_error(&local_error);
		return TRUE;
	}
	if (request.status == 400 || request.status == 404 || request.status == 405 || request.status == 501 ||
	    (request.status == 403 && request.code[0] == '\0')) {
		g_clear_error(&local_error);
		return graph_client_delete(client, plain, cancellable, error);
	}
	g_propagate_error(error, local_error);
	return FALSE;
}

static gboolean
check_size(GBytes *mime, GError **error)
{
	if (g_bytes_get_size(mime) <= MIME_LIMIT)
		return TRUE;
	g_set_error(error, GRAPH_ERROR, GRAPH_ERROR_TOO_LARGE,
		    _("The mail is %.1f MB; the service takes up to %.1f MB in one piece"),
		    (double)g_bytes_get_size(mime) / 1e6, MIME_LIMIT / 1e6);
	return FALSE;
}

GraphMessage *
graph_message_create_mime(GraphClient *client, GBytes *mime, GCancellable *cancellable, GError **error)
{
	static const guint created[] = {201, 0};
	g_autoptr(JsonObject) answer = NULL;

	if (!check_size(mime, error))
		return NULL;
	answer = graph_client_send_mime(client, "/messages", mime, created, NULL, NULL, NULL, cancellable, error);
	return answer != NULL ? read_made(answer, error) : NULL;
}

gboolean
graph_message_send_mime(GraphClient *client, GBytes *mime, GraphLeaving leaving, gpointer user_data, GraphPost *post,
			GCancellable *cancellable, GError **error)
{
	static const guint accepted[] = {202, 0};
	g_autoptr(JsonObject) answer = NULL;

	if (post != NULL)
		*post = GRAPH_POST_TOLD;
	if (!check_size(mime, error))
		return FALSE;
	answer = graph_client_send_mime(client, "/sendMail", mime, accepted, leaving, user_data, post, cancellable,
					error);
	return answer != NULL;
}

gsize
graph_message_get_mime_limit(void)
{
	return MIME_LIMIT;
}
