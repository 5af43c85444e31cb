/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-test.h"

#include <string.h>

#define MIME                                                                                                       \
	"From: Somebody Else <else@fabrikam.example>\r\nTo: Bob <" SIMULATOR_OTHER                                 \
	">\r\nBcc: hidden@fabrikam.example, " SIMULATOR_USER                                                       \
	"\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <sent.1@contoso.example>\r\n"                     \
	"X-Mailer: Claws\r\nAutocrypt: addr=x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" \
	"Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8K\r\n"

static JsonArray *
dump(SimTest *self, const char *address, const char *folder, JsonNode **node)
{
	*node = sim_graph_dump(self->graph, address, folder);
	return json_node_get_array(*node);
}

static char *
mime_of(JsonObject *message)
{
	gsize length;
	guchar *bytes = g_base64_decode(sim_test_string(message, "x-mime"), &length);
	char *text = g_strndup((char *)bytes, length);

	g_free(bytes);
	return text;
}

static void
test_mime_reaches_everybody_once(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonNode) sent_node = NULL;
	g_autoptr(JsonNode) other_node = NULL;
	g_autoptr(JsonNode) own_node = NULL;
	g_autoptr(JsonNode) drafts_node = NULL;
	JsonArray *sent, *other;
	JsonObject *from;
	g_autofree char *kept = NULL;
	g_autofree char *delivered = NULL;

	self->scopes = "Mail.Send";
	g_assert_null(sim_test_post_mime(self, "/me/sendMail", MIME));
	g_assert_cmpuint(self->status, ==, 202); /* API.md 6 */
	g_assert_cmpuint(g_bytes_get_size(self->body), ==, 0);

	sent = dump(self, SIMULATOR_USER, "sentitems", &sent_node);
	other = dump(self, SIMULATOR_OTHER, "inbox", &other_node);
	g_assert_cmpuint(json_array_get_length(sent), ==, 1);
	g_assert_cmpuint(json_array_get_length(other), ==, 1);
	g_assert_cmpuint(json_array_get_length(dump(self, SIMULATOR_USER, "inbox", &own_node)), ==, 1);
	g_assert_cmpuint(json_array_get_length(dump(self, SIMULATOR_USER, "drafts", &drafts_node)), ==, 0);

	kept = mime_of(json_array_get_object_element(sent, 0));
	delivered = mime_of(json_array_get_object_element(other, 0));
	g_assert_nonnull(strstr(kept, "Bcc: hidden@fabrikam.example"));
	g_assert_null(strstr(delivered, "Bcc:"));	/* CHECKED.md 6 */
	g_assert_null(strstr(delivered, "Autocrypt:")); /* CHECKED.md 6e */
	g_assert_nonnull(strstr(delivered, "X-Mailer: Claws"));
	g_assert_nonnull(strstr(delivered, "\r\n\r\nSGVsbG8K\r\n"));
	g_assert_nonnull(strstr(delivered, "Message-ID: <sent.1@contoso.example>"));
	from = json_object_get_object_member(
		json_object_get_object_member(json_array_get_object_element(other, 0), "from"), "emailAddress");
	g_assert_cmpstr(sim_test_string(from, "address"), ==, SIMULATOR_USER); /* CHECKED.md E */
	g_assert_false(json_object_get_boolean_member(json_array_get_object_element(other, 0), "isRead"));
	g_assert_true(json_object_get_boolean_member(json_array_get_object_element(sent, 0), "isRead"));
	g_assert_false(json_object_get_boolean_member(json_array_get_object_element(sent, 0), "isDraft"));
	g_assert_cmpstr(sim_test_string(json_array_get_object_element(other, 0), "subject"), ==, "Grüße");
}

static void
refuse_mime(SimTest *self, const char *mime, const char *code)
{
	g_autoptr(JsonObject) answer = sim_test_post_mime(self, "/me/sendMail", mime);

	g_assert_cmpuint(self->status, ==, 400);
	g_assert_cmpstr(sim_test_string(json_object_get_object_member(answer, "error"), "code"), ==, code);
	g_assert_nonnull(self->refusal);
}

static void
test_bad_mime_is_refused(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(JsonObject) large = NULL;
	g_autofree char *big = g_strnfill(4 * 1024 * 1024 + 4, 'A');

	refuse_mime(self, "Subject: nobody\r\n\r\nx\r\n", "ErrorInvalidRecipients");
	refuse_mime(self, "To: undisclosed-recipients:;\r\nBcc: " SIMULATOR_OTHER "\r\nSubject: x\r\n\r\nx\r\n",
		    "ErrorInvalidRecipients"); /* CHECKED.md 6 */
	refuse_mime(self, "To: nonsense\r\nSubject: x\r\n\r\nx\r\n", "ErrorInvalidRecipients");
	answer = sim_test_send_raw(self, "POST", "/me/sendMail", "text/plain", "not base64!", 11, NULL, NULL);
	g_assert_cmpuint(self->status, ==, 400); /* API.md 5.5 */
	g_assert_cmpstr(sim_test_string(json_object_get_object_member(answer, "error"), "code"), ==,
			"ErrorMimeContentInvalidBase64String");
	g_assert_false(json_object_has_member(json_object_get_object_member(answer, "error"), "innerError"));
	large = sim_test_send_raw(self, "POST", "/me/sendMail", "text/plain", big, strlen(big), NULL, NULL);
	g_assert_cmpuint(self->status, ==, 413); /* CHECKED.md 6b */
	self->scopes = "Mail.ReadWrite";
	g_clear_pointer(&answer, json_object_unref);
	answer = sim_test_post_mime(self, "/me/sendMail", MIME);
	g_assert_cmpuint(self->status, ==, 403); /* SCOPES.md 3 */
}

static void
test_json_is_sent_too(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonNode) sent = NULL;
	g_autoptr(JsonNode) node = NULL;
	JsonObject *message;
	g_autofree char *mime = NULL;

	g_assert_null(sim_test_expect(
		self, 202, "POST", "/me/sendMail",
		"{\"message\":{\"subject\":\"Lunch?\",\"body\":{\"contentType\":\"HTML\",\"content\":\"<b>Now</b>\"},"
		"\"toRecipients\":[{\"emailAddress\":{\"address\":\"" SIMULATOR_OTHER "\"}}],"
		"\"internetMessageHeaders\":[{\"name\":\"x-team\",\"value\":\"Nevada\"}],"
		"\"attachments\":[{\"@odata.type\":\"#microsoft.graph.fileAttachment\",\"name\":\"a.txt\","
		"\"contentType\":\"text/"
		"plain\",\"contentBytes\":\"SGVsbG8gV29ybGQh\"}]},\"saveToSentItems\":\"false\"}"));
	message = json_array_get_object_element(dump(self, SIMULATOR_OTHER, "inbox", &node), 0);
	g_assert_cmpstr(sim_test_string(message, "bodyPreview"), ==, "Now");
	g_assert_true(json_object_get_boolean_member(message, "hasAttachments"));
	mime = mime_of(message);
	g_assert_nonnull(strstr(mime, "x-team: Nevada"));
	g_assert_cmpuint(json_array_get_length(dump(self, SIMULATOR_USER, "sentitems", &sent)), ==, 0);
	sim_test_refused(self, 400, "BadRequest", "POST", "/me/sendMail", "{\"subject\":\"unwrapped\"}"); /* API.md 6 */
	sim_test_refused(
		self, 400, "InvalidInternetMessageHeader", "POST", "/me/sendMail",
		"{\"message\":{\"internetMessageHeaders\":[{\"name\":\"References\",\"value\":\"<x>\"}]}}"); /* API.md 5.5
													      */
	sim_test_refused(self, 403, "ErrorSendAsDenied", "POST", "/me/sendMail",
			 "{\"message\":{\"toRecipients\":[{\"emailAddress\":{\"address\":\"a@b.example\"}}],\"from\":{"
			 "\"emailAddress\":{\"address\":\"" SIMULATOR_OTHER "\"}}}}"); /* API.md 6.1 */
}

static void
test_a_mime_draft_is_made_changed_and_sent(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) draft = sim_test_post_mime(self, "/me/messages", MIME);
	g_autoptr(JsonObject) patched = NULL;
	g_autoptr(JsonObject) after = NULL;
	g_autofree char *path = NULL;
	g_autofree char *send = NULL;
	g_autofree char *value = NULL;
	g_autoptr(JsonObject) none = NULL;

	g_assert_cmpuint(self->status, ==, 201); /* API.md 5.5 */
	g_assert_true(json_object_get_boolean_member(draft, "isDraft"));
	g_assert_true(json_object_get_boolean_member(draft, "isRead"));
	path = g_strconcat("/me/messages/", sim_test_string(draft, "id"), NULL);
	value = g_strconcat(path, "/$value", NULL);
	patched = sim_test_expect(self, 200, "PATCH", path, "{\"subject\":\"Other words\",\"bccRecipients\":[]}");
	none = sim_test_expect(self, 200, "GET", value, NULL);
	g_assert_nonnull(g_strstr_len(g_bytes_get_data(self->body, NULL), (gssize)g_bytes_get_size(self->body),
				      "Subject: Other words\r\n"));
	g_assert_nonnull(g_strstr_len(g_bytes_get_data(self->body, NULL), (gssize)g_bytes_get_size(self->body),
				      "\r\n\r\nSGVsbG8K\r\n"));
	send = g_strconcat(path, "/send", NULL);
	g_assert_null(sim_test_expect(self, 202, "POST", send, NULL));
	after = sim_test_expect(self, 200, "GET", path, NULL); /* the id stays: CHECKED.md 4d */
	g_assert_false(json_object_get_boolean_member(after, "isDraft"));
	sim_test_refused(self, 400, "ErrorInvalidOperation", "POST", send, NULL);
	{
		g_autoptr(JsonObject) refused = sim_test_post_mime(self, "/me/mailFolders/inbox/messages", MIME);

		g_assert_cmpuint(self->status, ==, 400); /* CHECKED.md 5 */
		g_assert_cmpstr(sim_test_string(json_object_get_object_member(refused, "error"), "code"), ==,
				"UnableToDeserializePostBody");
	}
}

static void
test_json_with_message_flags_is_no_draft(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonObject) made = sim_test_expect(
		self, 201, "POST", "/me/mailFolders/archive/messages",
		"{\"subject\":\"Old\",\"singleValueExtendedProperties\":[{\"id\":\"Integer 0x0E07\",\"value\":\"1\"},"
		"{\"id\":\"SystemTime 0x0E06\",\"value\":\"2020-01-02T03:04:05Z\"},"
		"{\"id\":\"SystemTime 0x0039\",\"value\":\"2020-01-02T03:04:00Z\"}]}");

	g_assert_false(json_object_get_boolean_member(made, "isDraft")); /* CHECKED.md 13, 13b */
	g_assert_true(json_object_get_boolean_member(made, "isRead"));
	g_assert_cmpstr(sim_test_string(made, "receivedDateTime"), ==, "2020-01-02T03:04:05Z");
	g_assert_cmpstr(sim_test_string(made, "sentDateTime"), ==, "2020-01-02T03:04:00Z");
	g_assert_false(json_object_has_member(made, "singleValueExtendedProperties"));
}

static void
test_the_passing_draft_shows_in_drafts(SimTest *self, gconstpointer data)
{
	g_autoptr(JsonArray) before = json_array_new();
	g_autoptr(JsonArray) after = json_array_new();
	g_autofree char *link = sim_test_round(self, "/me/mailFolders/drafts/messages/delta?$select=subject", before);
	g_autofree char *next = NULL;

	g_assert_null(sim_test_post_mime(self, "/me/sendMail", MIME));
	next = sim_test_round(self, link, after); /* API.md 6: a removal of an id never seen */
	g_assert_cmpuint(json_array_get_length(after), ==, 1);
	g_assert_true(json_object_has_member(json_array_get_object_element(after, 0), "@removed"));
}

static void
test_a_reply_marks_the_original(SimTest *self, gconstpointer data)
{
	g_autofree char *id = sim_test_deliver(self, "inbox", "one");
	g_autofree char *path = g_strconcat("/me/messages/", id, NULL);
	g_autofree char *reply = g_strconcat(path, "/reply", NULL);
	g_autofree char *create = g_strconcat(path, "/createReplyAll", NULL);
	g_autofree char *forward = g_strconcat(path, "/forward", NULL);
	g_autofree char *expanded =
		g_strconcat(path, "?$expand=singleValueExtendedProperties($filter=id%20eq%20'Integer%200x1081')", NULL);
	g_autoptr(JsonObject) message = NULL;
	g_autoptr(JsonObject) draft = NULL;

	g_assert_null(sim_test_expect(self, 202, "POST", reply, "{\"comment\":\"Yes\"}"));
	message = sim_test_expect(self, 200, "GET", expanded, NULL);
	g_assert_cmpstr(
		sim_test_string(json_array_get_object_element(
					json_object_get_array_member(message, "singleValueExtendedProperties"), 0),
				"value"),
		==, "102");
	draft = sim_test_expect(self, 201, "POST", create, NULL);
	g_assert_cmpstr(sim_test_string(draft, "subject"), ==, "RE: one");
	sim_test_refused(self, 400, "ErrorInvalidRecipients", "POST", forward, "{\"comment\":\"x\"}"); /* API.md 5.8 */
	sim_test_refused(
		self, 400, "ErrorInvalidRequest", "POST", reply,
		"{\"comment\":\"x\",\"message\":{\"body\":{\"contentType\":\"text\",\"content\":\"y\"}}}"); /* API.md 5.8
													     */
}

#define PRINTABLE                                                        \
	"To: " SIMULATOR_OTHER "\r\nSubject: x\r\nMIME-Version: 1.0\r\n" \
	"Content-Type: text/plain; charset=utf-8\r\n"                    \
	"Content-Transfer-Encoding: quoted-printable\r\n\r\none long =\r\nline\r\n"

static void
test_quoted_printable_suffers_when_asked_to(SimTest *self, gconstpointer data)
{
	static const struct {
		const char *target;
		const char *user;
		const char *folder;
	} ways[] = {{"/me/sendMail", SIMULATOR_OTHER, "inbox"}, {"/me/messages", SIMULATOR_USER, "drafts"}};

	sim_graph_set_damage_printable(self->graph, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		g_autoptr(JsonNode) node = NULL;
		g_autofree char *mime = NULL;

		sim_test_drop(sim_test_post_mime(self, ways[i].target, PRINTABLE));
		mime = mime_of(json_array_get_object_element(dump(self, ways[i].user, ways[i].folder, &node), 0));
		g_assert_null(strstr(mime, "one long =\r\nline")); /* CHECKED.md 6d */
	}
}

static void
test_a_mime_draft_may_lose_its_bcc(SimTest *self, gconstpointer data)
{
	for (guint drop = 0; drop < 2; drop++) {
		g_autoptr(JsonObject) draft = NULL;

		sim_graph_set_drop_bcc(self->graph, drop == 1);
		draft = sim_test_post_mime(self, "/me/messages",
					   "To: " SIMULATOR_OTHER "\r\nBcc: " SIMULATOR_USER
					   "\r\nSubject: x\r\n\r\nx\r\n");
		g_assert_cmpuint(self->status, ==, 201);
		g_assert_cmpuint(json_array_get_length(json_object_get_array_member(draft, "bccRecipients")), ==,
				 1 - drop);
		g_assert_cmpuint(json_array_get_length(json_object_get_array_member(draft, "toRecipients")), ==, 1);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	sim_test_add("/simulator/send/MIME reaches everybody once", test_mime_reaches_everybody_once);
	sim_test_add("/simulator/send/bad MIME is refused", test_bad_mime_is_refused);
	sim_test_add("/simulator/send/JSON is sent too", test_json_is_sent_too);
	sim_test_add("/simulator/send/a MIME draft is made, changed and sent",
		     test_a_mime_draft_is_made_changed_and_sent);
	sim_test_add("/simulator/send/JSON with message flags is no draft", test_json_with_message_flags_is_no_draft);
	sim_test_add("/simulator/send/the passing draft shows in Drafts", test_the_passing_draft_shows_in_drafts);
	sim_test_add("/simulator/send/a reply marks the original", test_a_reply_marks_the_original);
	sim_test_add("/simulator/send/quoted-printable suffers when asked to",
		     test_quoted_printable_suffers_when_asked_to);
	sim_test_add("/simulator/send/a MIME draft may lose its Bcc", test_a_mime_draft_may_lose_its_bcc);
	return g_test_run();
}
