/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-graph.h"

#include <string.h>

#include "sim-json.h"
#include "sim-list.h"
#include "sim-loader.h"
#include "sim-routes.h"
#include "sim-send.h"
#include "sim-upload.h"

#define SIZE_LIMIT (35 * 1024 * 1024) /* API.md 6 */
#define PAGE_LIMIT 500

/* Seconds that a person needs to change something, and for which nobody waits here. */
#define CHANGE_TAKES 10
#define BATCH_LIMIT 4

SimGraph *
sim_graph_new(void)
{
	SimGraph *self = g_new0(SimGraph, 1);

	self->mailboxes = g_ptr_array_new_with_free_func((GDestroyNotify)sim_mailbox_free);
	self->cursors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)sim_cursor_free);
	self->uploads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)sim_upload_free);
	self->page_limit = PAGE_LIMIT;
	self->size_limit = SIZE_LIMIT;
	self->delta_expand = TRUE;
	self->batch_limit = BATCH_LIMIT;
	return self;
}

void
sim_graph_free(SimGraph *self)
{
	g_hash_table_unref(self->cursors);
	g_hash_table_unref(self->uploads);
	g_ptr_array_unref(self->mailboxes);
	g_clear_pointer(&self->nasty, g_rand_free);
	g_free(self);
}

static SimMailbox *
find_mailbox(SimGraph *self, const char *address)
{
	for (guint i = 0; i < self->mailboxes->len; i++) {
		SimMailbox *mailbox = g_ptr_array_index(self->mailboxes, i);
		g_autofree char *id = sim_id_user(mailbox->address);

		if (g_ascii_strcasecmp(mailbox->address, address) == 0 || g_ascii_strcasecmp(id, address) == 0)
			return mailbox;
	}
	return NULL;
}

/* Keys in parentheses become segments: `mailFolders('x')` is `mailFolders/x` (API.md 2.2), `delta()` is `delta`. */
static GPtrArray *
split_segments(const SimRequest *request)
{
	GPtrArray *segments = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; request->segments[i] != NULL; i++) {
		const char *segment = request->segments[i];
		const char *open = strchr(segment, '(');
		gsize length = strlen(segment);

		if (length == 0)
			continue;
		if (open == NULL || segment[length - 1] != ')') {
			g_ptr_array_add(segments, g_strdup(segment));
			continue;
		}
		g_ptr_array_add(segments, g_strndup(segment, (gsize)(open - segment)));
		if (open[1] == '\'' && length >= 2 && segment[length - 2] == '\'' && segment + length - 2 > open + 1)
			g_ptr_array_add(segments, g_strndup(open + 2, (gsize)(segment + length - 2 - (open + 2))));
	}
	return segments;
}

static gboolean
prefers_immutable(const SimRequest *request)
{
	const char *list = soup_message_headers_get_list(request->headers, "Prefer");
	g_autofree char *lower = list != NULL ? g_ascii_strdown(list, -1) : g_strdup("");

	return strstr(lower, "idtype=\"immutableid\"") != NULL;
}

static void
route(SimCall *call)
{
	const char *segment = sim_call_next(call);

	if (segment == NULL)
		sim_users_handle(call);
	else if (g_ascii_strcasecmp(segment, "mailFolders") == 0)
		sim_folders_handle(call);
	else if (g_ascii_strcasecmp(segment, "messages") == 0)
		sim_messages_handle(call, NULL);
	else if (g_ascii_strcasecmp(segment, "sendMail") == 0)
		sim_send_handle_mail(call);
	else
		sim_call_refuse_segment(call, segment);
}

void
sim_graph_handle(SimGraph *self, const SimRequest *request, SimResponse *response)
{
	g_autoptr(GPtrArray) segments = split_segments(request);
	SimCall call = {.graph = self, .request = request, .response = response, .segments = segments};
	const char *first = sim_call_next(&call);
	const char *user = request->user;

	if (first != NULL && g_str_equal(first, "_upload")) {
		sim_upload_handle(self, request, response);
		return;
	}
	if (first != NULL && g_str_equal(first, "$batch")) {
		sim_batch_handle(self, request, response);
		return;
	}
	if (first != NULL && g_str_equal(first, "users") && sim_call_peek(&call) != NULL) {
		user = sim_call_next(&call);
	} else if (first == NULL || !g_str_equal(first, "me")) {
		sim_call_refuse_segment(&call, first != NULL ? first : "");
		return;
	}
	call.mailbox = find_mailbox(self, user);
	if (call.mailbox == NULL) {
		sim_call_refuse(&call, 404, "Request_ResourceNotFound", "API.md 3",
				"Resource '%s' does not exist or one of its queried reference-property objects are not "
				"present.",
				user);
		return;
	}
	call.immutable = prefers_immutable(request);
	if (call.immutable)
		sim_call_prefer_applied(&call, "IdType=\"ImmutableId\"");
	route(&call);
}

gboolean
sim_graph_add_mailbox(SimGraph *self, const char *address, const char *directory, GError **error)
{
	SimMailbox *mailbox = sim_loader_load(address, directory, error);

	if (mailbox == NULL)
		return FALSE;
	sim_graph_remove_mailbox(self, address);
	g_ptr_array_add(self->mailboxes, mailbox);
	return TRUE;
}

void
sim_graph_remove_mailbox(SimGraph *self, const char *address)
{
	SimMailbox *mailbox = find_mailbox(self, address);

	if (mailbox == NULL)
		return;
	g_hash_table_remove_all(self->uploads);
	g_hash_table_remove_all(self->cursors);
	g_ptr_array_remove(self->mailboxes, mailbox);
}

char **
sim_graph_list_users(SimGraph *self)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (guint i = 0; i < self->mailboxes->len; i++) {
		const SimMailbox *mailbox = g_ptr_array_index(self->mailboxes, i);

		g_strv_builder_add(builder, mailbox->address);
	}
	return g_strv_builder_end(builder);
}

char *
sim_graph_get_user_id(SimGraph *self, const char *address)
{
	SimMailbox *mailbox = find_mailbox(self, address);

	return mailbox != NULL ? sim_id_user(mailbox->address) : NULL;
}

char *
sim_graph_get_user_name(SimGraph *self, const char *address)
{
	SimMailbox *mailbox = find_mailbox(self, address);

	return mailbox != NULL ? g_strdup(mailbox->name) : NULL;
}

static SimFolder *
need_folder(SimGraph *self, const char *address, const char *folder, GError **error)
{
	SimMailbox *mailbox = find_mailbox(self, address);
	SimFolder *found = mailbox != NULL ? sim_mailbox_find_folder(mailbox, folder) : NULL;

	if (found == NULL)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no folder %s of %s.", folder, address);
	return found;
}

static SimMessage *
need_message(SimGraph *self, const char *address, const char *text, GError **error)
{
	SimMailbox *mailbox = find_mailbox(self, address);
	SimMessage *message = NULL;
	gboolean ours = FALSE;
	SimId id;

	if (mailbox != NULL && sim_id_parse(mailbox->address, text, &id, &ours) && ours &&
	    (id.kind == SIM_ID_IMMUTABLE || id.kind == SIM_ID_MUTABLE))
		message = sim_mailbox_get_message(mailbox, id.number);
	if (message == NULL)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no message %s of %s.", text, address);
	return message;
}

char *
sim_graph_deliver(SimGraph *self, const char *address, const char *folder, const char *eml, gssize length,
		  GError **error)
{
	SimFolder *place = need_folder(self, address, folder, error);
	g_autoptr(GBytes) mime = NULL;

	if (place == NULL)
		return NULL;
	mime = g_bytes_new(eml, length < 0 ? strlen(eml) : (gsize)length);
	return sim_message_format_id(sim_send_deliver(place->mailbox, place, mime, g_get_real_time() / G_USEC_PER_SEC),
				     TRUE);
}

gboolean
sim_graph_change(SimGraph *self, const char *address, const char *id, const char *json_patch, GError **error)
{
	SimMessage *message = need_message(self, address, id, error);
	g_autoptr(JsonNode) node = message != NULL ? json_from_string(json_patch, error) : NULL;
	g_autoptr(SimRequest) request = sim_request_new("PATCH", "/me");
	g_auto(SimResponse) response = {0};
	SimCall call = {.graph = self, .request = request, .response = &response};
	g_autoptr(SimMessage) trial = NULL;
	gboolean was_read;
	guint changed;

	sim_response_init(&response);
	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node)) {
		if (error != NULL && *error == NULL)
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The change is not a JSON object.");
		return FALSE;
	}
	call.mailbox = message->folder->mailbox;
	trial = sim_message_copy(message);
	if (!sim_patch_apply(&call, trial, json_node_get_object(node), TRUE, &changed)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The change was refused: %s", response.refusal);
		return FALSE;
	}
	was_read = message->is_read;
	sim_patch_apply(&call, message, json_node_get_object(node), TRUE, &changed);
	message->modified += (changed & ~SIM_CHANGED_READ) != 0 ? CHANGE_TAKES : 0;
	sim_mailbox_commit_message(call.mailbox, message, was_read, changed);
	return TRUE;
}

gboolean
sim_graph_move(SimGraph *self, const char *address, const char *id, const char *folder, GError **error)
{
	SimMessage *message = need_message(self, address, id, error);
	SimFolder *place = message != NULL ? need_folder(self, address, folder, error) : NULL;

	if (place == NULL)
		return FALSE;
	sim_mailbox_move_message(place->mailbox, message, place);
	return TRUE;
}

gboolean
sim_graph_delete(SimGraph *self, const char *address, const char *id, GError **error)
{
	SimMessage *message = need_message(self, address, id, error);

	if (message == NULL)
		return FALSE;
	sim_mailbox_remove_message(message->folder->mailbox, message);
	return TRUE;
}

char *
sim_graph_create_folder(SimGraph *self, const char *address, const char *parent, const char *name, GError **error)
{
	SimFolder *place = need_folder(self, address, parent != NULL ? parent : "msgfolderroot", error);

	if (place == NULL)
		return NULL;
	if (sim_mailbox_get_child(place->mailbox, place, name) != NULL) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS, "There is a folder %s already.", name);
		return NULL;
	}
	return sim_folder_format_id(sim_mailbox_add_folder(place->mailbox, place, name, NULL));
}

/* Not one that came with the mailbox: it keeps its name and place. */
static SimFolder *
need_plain_folder(SimGraph *self, const char *address, const char *id, GError **error)
{
	SimFolder *folder = need_folder(self, address, id, error);

	if (folder == NULL || folder->well_known == NULL)
		return folder;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s is a distinguished folder.", folder->name);
	return NULL;
}

static gboolean
check_free_name(SimFolder *folder, SimFolder *parent, const char *name, GError **error)
{
	SimFolder *other = sim_mailbox_get_child(parent->mailbox, parent, name);

	if (other == NULL || other == folder)
		return TRUE;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS, "There is a folder %s already.", name);
	return FALSE;
}

gboolean
sim_graph_rename_folder(SimGraph *self, const char *address, const char *id, const char *name, GError **error)
{
	SimFolder *folder = need_plain_folder(self, address, id, error);

	if (folder == NULL || !check_free_name(folder, folder->parent, name, error))
		return FALSE;
	sim_mailbox_rename_folder(folder->mailbox, folder, name);
	return TRUE;
}

gboolean
sim_graph_move_folder(SimGraph *self, const char *address, const char *id, const char *parent, GError **error)
{
	SimFolder *folder = need_plain_folder(self, address, id, error);
	SimFolder *place = folder != NULL ? need_folder(self, address, parent, error) : NULL;

	if (place == NULL || !check_free_name(folder, place, folder->name, error))
		return FALSE;
	if (place->filter_query != NULL || sim_folder_is_inside(place, folder)) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_WOULD_RECURSE,
				    "A folder does not go into itself, nor into a search.");
		return FALSE;
	}
	sim_mailbox_move_folder(folder->mailbox, folder, place);
	return TRUE;
}

gboolean
sim_graph_remove_folder(SimGraph *self, const char *address, const char *id, GError **error)
{
	SimFolder *folder = need_plain_folder(self, address, id, error);

	if (folder == NULL)
		return FALSE;
	sim_mailbox_remove_folder(folder->mailbox, folder);
	return TRUE;
}

JsonNode *
sim_graph_list_folders(SimGraph *self, const char *address)
{
	SimFolder *root = need_folder(self, address, "msgfolderroot", NULL);
	JsonArray *array = json_array_new();

	for (guint i = 0; root != NULL && i < root->mailbox->folders->len; i++) {
		SimFolder *folder = g_ptr_array_index(root->mailbox->folders, i);

		if (folder != root && !folder->hidden && folder->filter_query == NULL)
			json_array_add_object_element(array, sim_json_folder(NULL, folder, NULL));
	}
	return json_node_init_array(json_node_alloc(), array);
}

JsonNode *
sim_graph_dump(SimGraph *self, const char *address, const char *folder)
{
	SimFolder *place = need_folder(self, address, folder, NULL);
	JsonArray *array = json_array_new();
	GSequenceIter *iter;

	if (place != NULL) {
		for (iter = g_sequence_get_begin_iter(place->messages); !g_sequence_iter_is_end(iter);
		     iter = g_sequence_iter_next(iter))
			json_array_add_object_element(array, sim_json_message_whole(g_sequence_get(iter)));
	}
	return json_node_init_array(json_node_alloc(), array);
}

void
sim_graph_fill(SimGraph *self, const char *address, const char *folder, guint count)
{
	SimFolder *place = need_folder(self, address, folder, NULL);
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	g_return_if_fail(place != NULL);
	for (guint i = 0; i < count; i++) {
		SimMessage *message = sim_message_new();

		message->received = message->sent = message->created = message->modified =
			now - (gint64)(count - i) * 60;
		message->subject = g_strdup_printf("Report %u of the night watch", i + 1);
		message->preview =
			g_strdup_printf("Nothing happened in round %u. The gate was closed, the lamp was lit.", i + 1);
		message->internet_message_id =
			g_strdup_printf("<watch.%u.%" G_GINT64_FORMAT "@contoso.example>", i + 1, now);
		message->conversation = i / 4 + 1;
		message->from = sim_address_new("Night Watch", "watch@contoso.example");
		message->sender = sim_address_new("Night Watch", "watch@contoso.example");
		message->to = sim_addresses_new();
		g_ptr_array_add(message->to, sim_address_new(place->mailbox->name, place->mailbox->address));
		message->is_read = i % 3 != 0;
		message->size = 900 + i % 700;
		sim_mailbox_add_message(place->mailbox, place, message);
	}
}

void
sim_graph_set_page_limit(SimGraph *self, guint limit)
{
	self->page_limit = MAX(limit, 1);
}

void
sim_graph_set_delta_expand(SimGraph *self, gboolean expand)
{
	self->delta_expand = expand;
}

void
sim_graph_set_expanded_links(SimGraph *self, guint status)
{
	self->expanded_links = status;
}

void
sim_graph_set_nasty(SimGraph *self, guint32 seed)
{
	g_clear_pointer(&self->nasty, g_rand_free);
	self->nasty = seed != 0 ? g_rand_new_with_seed(seed) : NULL;
}

void
sim_graph_set_size_limit(SimGraph *self, gsize bytes)
{
	self->size_limit = bytes;
}

void
sim_graph_expire_uploads(SimGraph *self)
{
	g_hash_table_remove_all(self->uploads);
}

void
sim_graph_expire_links(SimGraph *self)
{
	g_hash_table_remove_all(self->cursors);
}

void
sim_graph_set_faults(SimGraph *self, SimFaults *faults)
{
	self->faults = faults;
}

void
sim_graph_set_batch_limit(SimGraph *self, guint limit)
{
	self->batch_limit = limit;
}

void
sim_graph_set_damage_printable(SimGraph *self, gboolean damage)
{
	self->damage_printable = damage;
}

void
sim_graph_set_drop_bcc(SimGraph *self, gboolean drop)
{
	self->drop_bcc = drop;
}

gboolean
sim_graph_let_send(SimGraph *self, const char *owner, const char *delegate)
{
	SimMailbox *mailbox = find_mailbox(self, owner);
	g_autofree char *user = g_ascii_strdown(delegate, -1);
	SimDelegate *right = mailbox != NULL ? g_hash_table_lookup(mailbox->delegates, user) : NULL;

	if (right != NULL)
		right->sends = TRUE;
	return right != NULL;
}

gboolean
sim_graph_share(SimGraph *self, const char *owner, const char *folder, const char *delegate, gboolean read_only)
{
	SimMailbox *mailbox = find_mailbox(self, owner);
	SimFolder *only = mailbox != NULL && folder != NULL ? sim_mailbox_find_folder(mailbox, folder) : NULL;
	SimDelegate *right;

	if (mailbox == NULL || (folder != NULL && only == NULL))
		return FALSE;
	right = g_new0(SimDelegate, 1);
	right->folder = only != NULL ? only->number : 0;
	right->read_only = read_only;
	right->sends = !read_only;
	g_hash_table_insert(mailbox->delegates, g_ascii_strdown(delegate, -1), right);
	return TRUE;
}
