/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-test.h"

#include <string.h>

#define FILE_SIZE 3483322
#define CHUNK 2097152

static char *
make_draft(SimTest *self)
{
	g_autoptr(JsonObject) draft = sim_test_expect(
		self, 201, "POST", "/me/messages",
		"{\"subject\":\"x\",\"toRecipients\":[{\"emailAddress\":{\"address\":\"" SIMULATOR_OTHER "\"}}]}");

	return g_strconcat("/me/messages/", sim_test_string(draft, "id"), NULL);
}

static void
test_small_ones_are_added_listed_and_read(SimTest *self, gconstpointer data)
{
	g_autofree char *draft = make_draft(self);
	g_autofree char *list = g_strconcat(draft, "/attachments", NULL);
	g_autofree char *slim = g_strconcat(list, "?$select=id,name,contentType,size,isInline", NULL);
	g_autoptr(JsonObject) added =
		sim_test_expect(self, 201, "POST", list,
				"{\"@odata.type\":\"#microsoft.graph.fileAttachment\",\"name\":\"smile\","
				"\"contentBytes\":\"R0lGODdhEAYEAA7/\"}");
	g_autofree char *one = g_strconcat(list, "/", sim_test_string(added, "id"), NULL);
	g_autofree char *value = g_strconcat(one, "/$value", NULL);
	g_autoptr(JsonObject) all = sim_test_expect(self, 200, "GET", slim, NULL);
	g_autoptr(JsonObject) got = sim_test_expect(self, 200, "GET", one, NULL);
	g_autoptr(JsonObject) none = NULL;
	g_autoptr(JsonObject) message = sim_test_expect(self, 200, "GET", draft, NULL);

	g_assert_cmpuint(sim_test_length(all), ==, 1);
	g_assert_false(json_object_has_member(sim_test_item(all, 0), "contentBytes")); /* API.md 7.1 */
	g_assert_cmpstr(sim_test_string(got, "contentBytes"), ==, "R0lGODdhEAYEAA7/");
	g_assert_true(json_object_get_boolean_member(message, "hasAttachments"));
	none = sim_test_expect(self, 200, "GET", value, NULL);
	g_assert_cmpmem(g_bytes_get_data(self->body, NULL), 6, "GIF87a", 6);
	g_assert_null(sim_test_expect(self, 204, "DELETE", one, NULL));
	sim_test_refused(self, 404, "ErrorItemNotFound", "GET", one, NULL);
	sim_test_refused(self, 400, "BadRequest", "POST", list,
			 "{\"name\":\"no type\",\"contentBytes\":\"AAAA\"}"); /* API.md 7.2 */
	sim_test_refused(self, 400, "RequestBodyRead", "POST", list,
			 "{\"@odata.type\":\"#microsoft.graph.fileAttachment\",\"name\":\"x\","
			 "\"contentBytes\":\"no base64!\"}");
}

static void
test_inline_images_do_not_count(SimTest *self, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) found = NULL;
	g_autofree char *list = NULL;
	g_autoptr(JsonObject) attachments = NULL;

	g_assert_true(sim_graph_add_mailbox(self->graph, SIMULATOR_USER, NULL, &error));
	g_assert_no_error(error);
	found = sim_test_expect(self, 200, "GET",
				"/me/mailFolders/inbox/messages?$filter=startswith(subject,'Your%20order%204711')",
				NULL);
	g_assert_false(json_object_get_boolean_member(sim_test_item(found, 0), "hasAttachments")); /* API.md 5.1 */
	list = g_strconcat("/me/messages/", sim_test_string(sim_test_item(found, 0), "id"), "/attachments", NULL);
	attachments = sim_test_expect(self, 200, "GET", list, NULL);
	g_assert_true(json_object_get_boolean_member(sim_test_item(attachments, 0), "isInline"));
	g_assert_cmpstr(sim_test_string(sim_test_item(attachments, 0), "contentId"), ==, "logo@contoso.example");
	sim_test_refused(
		self, 403, "ErrorAccessDenied", "POST", list,
		"{\"@odata.type\":\"#microsoft.graph.fileAttachment\",\"name\":\"x\",\"contentBytes\":\"AAAA\"}");
}

static char *
open_session(SimTest *self, const char *draft, gsize size)
{
	g_autofree char *target = g_strconcat(draft, "/attachments/createUploadSession", NULL);
	g_autofree char *body = g_strdup_printf(
		"{\"AttachmentItem\":{\"attachmentType\":\"file\",\"name\":\"flower\",\"size\":%" G_GSIZE_FORMAT "}}",
		size);
	g_autoptr(JsonObject) session = sim_test_expect(self, 201, "POST", target, body);

	g_assert_cmpstr(json_array_get_string_element(json_object_get_array_member(session, "nextExpectedRanges"), 0),
			==, "0-");
	g_assert_true(g_str_has_prefix(sim_test_string(session, "uploadUrl"), "http://127.0.0.1:1/"));
	return g_strdup(sim_test_string(session, "uploadUrl"));
}

static JsonObject *
put(SimTest *self, const char *url, const char *bytes, gsize first, gsize last, gsize total)
{
	g_autofree char *range =
		g_strdup_printf("bytes %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT "/%" G_GSIZE_FORMAT, first, last, total);

	return sim_test_send_raw(self, "PUT", url, "application/octet-stream", bytes + first, last - first + 1,
				 "Content-Range", range);
}

static void
test_a_large_one_is_uploaded_in_ranges(SimTest *self, gconstpointer data)
{
	g_autofree char *draft = make_draft(self);
	g_autofree char *url = open_session(self, draft, FILE_SIZE);
	g_autofree char *bytes = g_strnfill(FILE_SIZE, 'f');
	g_autoptr(JsonObject) first = put(self, url, bytes, 0, CHUNK - 1, FILE_SIZE);
	g_autofree char *value = NULL;
	g_auto(GStrv) quoted = NULL;
	g_autoptr(JsonObject) none = NULL;

	g_assert_cmpuint(self->status, ==, 200); /* API.md 7.3: no dash in a later one */
	g_assert_cmpstr(json_array_get_string_element(json_object_get_array_member(first, "NextExpectedRanges"), 0), ==,
			"2097152");
	g_assert_null(put(self, url, bytes, CHUNK, FILE_SIZE - 1, FILE_SIZE));
	g_assert_cmpuint(self->status, ==, 201);
	g_assert_cmpuint(g_bytes_get_size(self->body), ==, 0);
	quoted = g_strsplit(self->location, "'", -1);
	value = g_strconcat(draft, "/attachments/", quoted[g_strv_length(quoted) - 2], "/$value", NULL);
	none = sim_test_expect(self, 200, "GET", value, NULL);
	g_assert_cmpuint(g_bytes_get_size(self->body), ==, FILE_SIZE);
}

static void
refused_range(SimTest *self, guint status, const char *code, const char *url, const char *bytes, gsize first,
	      gsize last)
{
	g_autoptr(JsonObject) answer = put(self, url, bytes, first, last, FILE_SIZE);

	g_assert_cmpuint(self->status, ==, status);
	g_assert_cmpstr(sim_test_string(json_object_get_object_member(answer, "error"), "code"), ==, code);
	g_assert_nonnull(strstr(self->refusal, "API.md 7.3"));
}

static void
test_wrong_uploads_are_refused(SimTest *self, gconstpointer data)
{
	g_autofree char *draft = make_draft(self);
	g_autofree char *create = g_strconcat(draft, "/attachments/createUploadSession", NULL);
	g_autofree char *url = open_session(self, draft, FILE_SIZE);
	g_autofree char *bytes = g_strnfill(FILE_SIZE + 1024 * 1024, 'f');
	g_autoptr(JsonObject) good = NULL;
	g_autoptr(JsonObject) refused = NULL;

	sim_test_refused(
		self, 400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize", "POST", create,
		"{\"AttachmentItem\":{\"attachmentType\":\"file\",\"name\":\"x\",\"size\":100}}"); /* API.md 7.3 */
	refused =
		sim_test_send_raw(self, "PUT", url, "application/octet-stream", bytes, 10, "Authorization", "Bearer x");
	g_assert_cmpuint(self->status, ==, 401);
	g_clear_pointer(&refused, json_object_unref);
	refused = sim_test_send_raw(self, "PUT", url, "text/plain", bytes, 10, "Content-Range", "bytes 0-9/3483322");
	g_assert_cmpuint(self->status, ==, 415);
	refused_range(self, 416, "fragmentOutOfOrder", url, bytes, 100, 200);
	good = put(self, url, bytes, 0, 999, FILE_SIZE);
	g_assert_cmpuint(self->status, ==, 200);
	refused_range(self, 416, "fragmentOverlap", url, bytes, 500, 1500);
	refused_range(self, 416, "invalidRange", url, bytes, 1000, FILE_SIZE + 5);
	g_assert_null(sim_test_expect(self, 204, "DELETE", url, NULL));
	refused_range(self, 404, "itemNotFound", url, bytes, 1000, 2000);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	sim_test_add("/simulator/attachments/small ones are added, listed and read",
		     test_small_ones_are_added_listed_and_read);
	sim_test_add("/simulator/attachments/inline images do not count", test_inline_images_do_not_count);
	sim_test_add("/simulator/attachments/a large one is uploaded in ranges",
		     test_a_large_one_is_uploaded_in_ranges);
	sim_test_add("/simulator/attachments/wrong uploads are refused", test_wrong_uploads_are_refused);
	return g_test_run();
}
