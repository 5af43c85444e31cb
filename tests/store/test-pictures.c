/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "home.h"
#include "store-mime.h"

/* A mail with pictures in its text that is too large for one request, as the recipient's mailbox has it. */

#define MEGABYTE 1000000

static const char *const other[] = {SIMULATOR_OTHER, NULL};

/* Of what was written, in its order: a picture in the mail, one too large for one request, and a file. */
static const struct {
	const char *type;
	const char *disposition;
	const char *id; /* NULL: it is not in the text */
	gsize size;
} pictures[] = {
	{"image/png", "inline", "small@contoso.example", 60000},
	{"image/jpeg", "inline", "large@contoso.example", 4 * MEGABYTE},
	{"application/pdf", "attachment", NULL, 70000},
};

static GBytes *
write_pictures(void)
{
	GString *mail = g_string_new(
		"From: " SIMULATOR_USER "\r\nTo: " SIMULATOR_OTHER "\r\nSubject: pictures\r\n"
		"Message-ID: <pictures@contoso.example>\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
		"Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\n"
		"Content-Type: text/html; charset=utf-8\r\n\r\n"
		"<p>Größe <img src=\"cid:small@contoso.example\"><img src=\"cid:large@contoso.example\"></p>\r\n");
	gsize length;

	for (guint i = 0; i < G_N_ELEMENTS(pictures); i++) {
		g_autoptr(GBytes) bytes = home_make_bytes(pictures[i].size, i);
		g_autofree char *text = g_base64_encode(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));

		g_string_append_printf(
			mail, "%s--%s\r\nContent-Type: %s; name=%u\r\nContent-Disposition: %s; filename=%u\r\n",
			pictures[i].id == NULL ? "--r--\r\n" : "", pictures[i].id == NULL ? "m" : "r", pictures[i].type,
			i, pictures[i].disposition, i);
		if (pictures[i].id != NULL)
			g_string_append_printf(mail, "Content-ID: <%s>\r\n", pictures[i].id);
		g_string_append_printf(mail, "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n", text);
	}
	g_string_append(mail, "--m--\r\n");
	length = mail->len;
	return g_bytes_new_take(g_string_free(mail, FALSE), length);
}

static void
check_picture(GMimeMultipart *parent, int index, guint picture)
{
	GMimeObject *object = g_mime_multipart_get_part(parent, index);
	g_autofree char *name = g_strdup_printf("%u", picture);
	g_autofree char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
	g_autoptr(GBytes) expected = home_make_bytes(pictures[picture].size, picture);
	GByteArray *bytes;

	g_assert_cmpstr(type, ==, pictures[picture].type);
	g_assert_cmpstr(g_mime_part_get_filename(GMIME_PART(object)), ==, name);
	g_assert_cmpstr(g_mime_object_get_disposition(object), ==, pictures[picture].disposition);
	g_assert_cmpstr(g_mime_object_get_content_id(object), ==, pictures[picture].id);
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), stream);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	g_assert_cmpmem(bytes->data, bytes->len, g_bytes_get_data(expected, NULL), g_bytes_get_size(expected));
}

/* What the recipient's mailbox says of it. */
static void
check_listed(GraphClient *recipient, const char *id)
{
	g_autofree char *path = g_strdup_printf("/messages/%s/attachments", id);
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = graph_client_get(recipient, path, 0, NULL, &error);
	JsonArray *list;
	guint found = 0;

	g_assert_no_error(error);
	list = json_object_get_array_member(answer, "value");
	g_assert_cmpuint(json_array_get_length(list), ==, G_N_ELEMENTS(pictures));
	for (guint i = 0; i < G_N_ELEMENTS(pictures); i++) {
		JsonObject *about = json_array_get_object_element(list, i);
		guint picture = (guint)g_ascii_strtoull(json_object_get_string_member(about, "name"), NULL, 10);

		g_assert_cmpuint(picture, <, G_N_ELEMENTS(pictures));
		found |= 1u << picture;
		g_assert_cmpint(json_object_get_boolean_member(about, "isInline"), ==, pictures[picture].id != NULL);
		g_assert_cmpstr(json_object_get_string_member_with_default(about, "contentId", NULL), ==,
				pictures[picture].id);
	}
	g_assert_cmpuint(found, ==, 7);
}

static char *
find_id(GraphClient *recipient)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer =
		graph_client_get(recipient, "/mailFolders/inbox/messages?$select=id,subject", 0, NULL, &error);
	JsonArray *list;
	char *id = NULL;

	g_assert_no_error(error);
	list = json_object_get_array_member(answer, "value");
	for (guint i = 0; i < json_array_get_length(list); i++) {
		JsonObject *message = json_array_get_object_element(list, i);

		if (g_strcmp0(json_object_get_string_member_with_default(message, "subject", NULL), "pictures") != 0)
			continue;
		g_assert_null(id);
		id = g_strdup(json_object_get_string_member(message, "id"));
	}
	g_assert_nonnull(id);
	return id;
}

static GMimeMessage *
download(GraphClient *recipient, const char *id)
{
	g_autofree char *path = g_strdup_printf("/messages/%s/$value", id);
	g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable();
	g_autoptr(GBytes) source = NULL;
	g_autoptr(GError) error = NULL;
	GMimeMessage *message;

	graph_client_download(recipient, path, stream, NULL, &error);
	g_assert_no_error(error);
	g_output_stream_close(stream, NULL, NULL);
	source = g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(stream));
	message = store_mime_parse(source, NULL);
	g_assert_nonnull(message);
	return message;
}

/* As the recipient has it: with its source, and by its attachments. */
static void
test_pictures_in_the_text_arrive_as_they_were_written(Home *home, gconstpointer data)
{
	g_autoptr(GBytes) mime = write_pictures();
	g_autoptr(GError) error = NULL;
	g_autofree char *token = simulator_issue_access_token(home->simulator, SIMULATOR_OTHER, "Mail.Read");
	g_autofree char *directory = g_dir_make_tmp("recipient-XXXXXX", &error);
	g_autofree char *id = NULL;
	g_autofree char *text = NULL;
	g_autoptr(GMimeMessage) message = NULL;
	g_auto(GStrv) refusals = NULL;
	GMimeMultipart *mixed, *related;
	Home recipient = {0};

	home_join(&recipient, simulator_get_origin(home->simulator), token, directory);
	store_account_send(home->account, mime, other, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(home_get_n_requests(home, "POST /v1.0/me/sendMail"), ==, 0);
	g_assert_cmpuint(home_get_n_requests(home, "PUT"), ==, 1);
	id = find_id(recipient.client);
	check_listed(recipient.client, id);
	message = download(recipient.client, id);
	mixed = GMIME_MULTIPART(g_mime_message_get_mime_part(message));
	g_assert_true(
		g_mime_content_type_is_type(g_mime_object_get_content_type(GMIME_OBJECT(mixed)), "multipart", "mixed"));
	g_assert_cmpint(g_mime_multipart_get_count(mixed), ==, 2);
	related = GMIME_MULTIPART(g_mime_multipart_get_part(mixed, 0));
	g_assert_true(g_mime_content_type_is_type(g_mime_object_get_content_type(GMIME_OBJECT(related)), "multipart",
						  "related"));
	g_assert_cmpint(g_mime_multipart_get_count(related), ==, 3);
	text = g_mime_text_part_get_text(GMIME_TEXT_PART(g_mime_multipart_get_part(related, 0)));
	g_assert_cmpstr(g_strchomp(text), ==,
			"<p>Größe <img src=\"cid:small@contoso.example\"><img src=\"cid:large@contoso.example\"></p>");
	check_picture(related, 1, 0);
	check_picture(related, 2, 1);
	check_picture(mixed, 1, 2);
	refusals = simulator_get_refusals(home->simulator);
	g_assert_cmpstr(refusals[0], ==, NULL);
	home_tear_down(&recipient, NULL);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_mime_init();
	g_test_add("/store/pictures/in the text arrive as they were written", Home, NULL, home_set_up,
		   test_pictures_in_the_text_arrive_as_they_were_written, home_tear_down);
	return g_test_run();
}
