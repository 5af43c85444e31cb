/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gmime/gmime.h>
#include <string.h>

#include "corpus.h"
#include "home.h"
#include "submission-client.h"

/*
 * Every mail of the corpus that has a sender and a recipient goes the plugin's whole way out: as the host speaks to the
 * submission server, from there to the service, into another mailbox. What is there is compared with what was written.
 */

#define AT_LEAST 200 /* mails that are sent */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)

/* The host ends the last line, too. */
static GString *
read_mail(const char *path)
{
	GString *mail = corpus_read(path);

	if (mail->len > 0 && mail->str[mail->len - 1] != '\n')
		g_string_append(mail, "\r\n");
	return mail;
}

static GMimeMessage *
parse(const char *bytes, gsize length)
{
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new_with_buffer(bytes, length);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);

	return g_mime_parser_construct_message(parser, NULL);
}

/* The sender is the one who has the mailbox, and nobody else sees the mail as sent by them. */
static void
set_sender(GString *mail)
{
	static const char *const names[] = {"From:", "Sender:", "Bcc:", "Resent-From:"};
	gsize line = 0;

	while (line < mail->len && mail->str[line] != '\r') {
		gsize end = line;
		gboolean named = FALSE;

		for (guint i = 0; i < G_N_ELEMENTS(names); i++)
			named |= g_ascii_strncasecmp(mail->str + line, names[i], strlen(names[i])) == 0;
		do {
			const char *newline = memchr(mail->str + end, '\n', mail->len - end);

			end = newline != NULL ? (gsize)(newline - mail->str) + 1 : mail->len;
		} while (end < mail->len && (mail->str[end] == ' ' || mail->str[end] == '\t'));
		if (named)
			g_string_erase(mail, line, end - line);
		else
			line = end;
	}
	g_string_prepend(mail, "From: Alice <" SIMULATOR_USER ">\r\n");
}

static void
add_recipients(InternetAddressList *list, GPtrArray *recipients)
{
	for (int i = 0; list != NULL && i < internet_address_list_length(list); i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);

		if (INTERNET_ADDRESS_IS_GROUP(address))
			add_recipients(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)), recipients);
		else
			g_ptr_array_add(recipients,
					g_strdup(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address))));
	}
}

/* ---- what a mail is ------------------------------------------------------------------- */

static void
add_digest(GString *facts, const char *what, const char *path, const void *bytes, gsize length)
{
	g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, length);

	g_string_append_printf(facts, "%s\t%s %s %" G_GSIZE_FORMAT "\n", what, path, digest, length);
}

static GByteArray *
decode(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();

	if (content != NULL)
		g_mime_data_wrapper_write_to_stream(content, stream);
	return g_byte_array_ref(g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream)));
}

/* The line ends of a text are the transport's. */
static void
add_text(GString *facts, const char *path, GMimePart *part)
{
	g_autoptr(GByteArray) bytes = decode(part);
	GString *text = g_string_new_len((const char *)bytes->data, bytes->len);
	const char *charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");

	g_string_replace(text, "\r\n", "\n", 0);
	while (text->len > 0 && text->str[text->len - 1] == '\n')
		g_string_truncate(text, text->len - 1);
	g_string_append_printf(facts, "structure\t%s charset %s\n", path, charset != NULL ? charset : "-");
	add_digest(facts, "text", path, text->str, text->len);
	g_string_free(text, TRUE);
}

static void
add_sealed(GString *facts, const char *path, GMimeObject *object, const char *mail, gsize length)
{
	const char *boundary = g_mime_object_get_content_type_parameter(object, "boundary");
	g_autofree char *first = g_strdup_printf("--%s\r\n", boundary);
	g_autofree char *last = g_strdup_printf("--%s--", boundary);
	const char *start = boundary != NULL ? memmem(mail, length, first, strlen(first)) : NULL;
	const char *end = start != NULL ? memmem(start, (gsize)(mail + length - start), last, strlen(last)) : NULL;

	add_digest(facts, "sealed", path, start, end != NULL ? (gsize)(end - start) : 0);
}

static void
add_object(GString *facts, const char *path, GMimeObject *object, const char *mail, gsize length)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	const char *id = g_mime_object_get_content_id(object);

	g_string_append_printf(facts, "structure\t%s %s/%s id %s\n", path, g_mime_content_type_get_media_type(type),
			       g_mime_content_type_get_media_subtype(type), id != NULL ? id : "-");
	if (GMIME_IS_MULTIPART_SIGNED(object) || GMIME_IS_MULTIPART_ENCRYPTED(object))
		add_sealed(facts, path, object, mail, length);
	if (GMIME_IS_MULTIPART(object)) {
		for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++) {
			g_autofree char *below = g_strdup_printf("%s.%d", path, i + 1);

			add_object(facts, below, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), mail, length);
		}
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		GMimeObject *root = inner != NULL ? g_mime_message_get_mime_part(inner) : NULL;
		g_autofree char *below = g_strconcat(path, ".m", NULL);

		g_string_append_printf(facts, "header\t%s %s\n", below,
				       inner != NULL ? g_mime_message_get_subject(inner) : "-");
		if (root != NULL)
			add_object(facts, below, root, mail, length);
	} else if (GMIME_IS_PART(object)) {
		const char *name = g_mime_part_get_filename(GMIME_PART(object));
		g_autoptr(GByteArray) bytes = NULL;

		g_string_append_printf(facts, "name\t%s %s\n", path, name != NULL ? name : "-");
		if (g_mime_content_type_is_type(type, "text", "*")) {
			add_text(facts, path, GMIME_PART(object));
			return;
		}
		bytes = decode(GMIME_PART(object));
		add_digest(facts, "attachment", path, bytes->data, bytes->len);
	}
}

static void
add_addresses(GString *facts, GMimeMessage *message, const char *name, GMimeAddressType type)
{
	InternetAddressList *list = g_mime_message_get_addresses(message, type);
	g_autofree char *text = list != NULL ? internet_address_list_to_string(list, NULL, FALSE) : NULL;

	g_string_append_printf(facts, "header\t%s %s\n", name, text != NULL ? text : "");
}

/* A line for each fact: its kind, a tab, the rest. */
static GString *
describe(const char *mail, gsize length)
{
	static const char *const headers[] = {"Message-ID", "In-Reply-To", "References",
					      "Importance", "X-Priority",  "Disposition-Notification-To"};
	g_autoptr(GMimeMessage) message = parse(mail, length);
	GString *facts = g_string_new(NULL);
	GDateTime *date;

	g_assert_nonnull(message);
	date = g_mime_message_get_date(message);
	g_string_append_printf(facts, "header\tSubject %s\n", g_mime_message_get_subject(message));
	if (date != NULL)
		g_string_append_printf(facts, "header\tDate %" G_GINT64_FORMAT "\n", g_date_time_to_unix(date));
	add_addresses(facts, message, "From", GMIME_ADDRESS_TYPE_FROM);
	add_addresses(facts, message, "To", GMIME_ADDRESS_TYPE_TO);
	add_addresses(facts, message, "Cc", GMIME_ADDRESS_TYPE_CC);
	add_addresses(facts, message, "Reply-To", GMIME_ADDRESS_TYPE_REPLY_TO);
	for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
		const char *value = g_mime_object_get_header(GMIME_OBJECT(message), headers[i]);

		if (value != NULL)
			g_string_append_printf(facts, "header\t%s %s\n", headers[i], value);
	}
	if (g_mime_message_get_mime_part(message) != NULL)
		add_object(facts, "1", g_mime_message_get_mime_part(message), mail, length);
	return facts;
}

/* A mail without a date or an id gets one on its way. */
static gboolean
was_added(const char *fact, const char *written)
{
	static const char *const made[] = {"header\tDate ", "header\tMessage-ID "};

	for (guint i = 0; i < G_N_ELEMENTS(made); i++) {
		if (g_str_has_prefix(fact, made[i]) && strstr(written, made[i]) == NULL)
			return TRUE;
	}
	return FALSE;
}

/* Kinds of facts that are of one of the two alone, each once, with what they are. */
static void
compare(const char *name, const char *written, const char *arrived, GHashTable *found)
{
	const char *texts[] = {written, arrived};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_auto(GStrv) facts = g_strsplit(texts[i], "\n", -1);
		g_auto(GStrv) others = g_strsplit(texts[1 - i], "\n", -1);

		for (guint j = 0; facts[j] != NULL; j++) {
			const char *tab = strchr(facts[j], '\t');
			g_autofree char *kind = NULL;

			if (tab == NULL || g_strv_contains((const char *const *)others, facts[j]) ||
			    (i == 1 && was_added(facts[j], written)))
				continue;
			kind = g_strndup(facts[j], tab - facts[j]);
			g_test_message("%s: %s: %s", name, i == 0 ? "only written" : "only arrived", facts[j]);
			g_hash_table_add(found, g_strdup_printf("%s\t%s", name, kind));
		}
	}
}

/* ---- the way out ---------------------------------------------------------------------- */

static void
say_mail(Client *client, const GString *mail)
{
	GString *stuffed = g_string_new_len(mail->str, mail->len);

	g_string_replace(stuffed, "\r\n.", "\r\n..", 0);
	if (stuffed->str[0] == '.')
		g_string_prepend_c(stuffed, '.');
	g_string_append(stuffed, ".\r\n");
	say_bytes(client, stuffed->str, stuffed->len);
	g_string_free(stuffed, TRUE);
}

/* FALSE: an address that the server does not take. */
static gboolean
say_envelope(Client *client, GPtrArray *recipients)
{
	exchange(client, "MAIL FROM:<" SIMULATOR_USER "> BODY=8BITMIME", "250 ");
	for (guint i = 0; i < recipients->len; i++) {
		g_autofree char *line =
			g_strdup_printf("RCPT TO:<%s>\r\n", (const char *)g_ptr_array_index(recipients, i));
		g_autofree char *reply = NULL;

		say(client, line);
		reply = hear(client);
		if (!g_str_has_prefix(reply, "250 ")) {
			exchange(client, "RSET", "250 ");
			return FALSE;
		}
	}
	exchange(client, "DATA", "354 ");
	return TRUE;
}

/* The only mail of the other person, which is then taken away. */
static GBytes *
take_arrived(Home *home)
{
	g_autoptr(JsonNode) node = simulator_dump(home->simulator, SIMULATOR_OTHER, "inbox");
	JsonArray *messages = json_node_get_array(node);
	JsonObject *message;
	guchar *bytes;
	gsize length;
	g_autoptr(GError) error = NULL;

	g_assert_cmpuint(json_array_get_length(messages), <=, 1);
	if (json_array_get_length(messages) == 0)
		return NULL;
	message = json_array_get_object_element(messages, 0);
	bytes = g_base64_decode(json_object_get_string_member(message, "x-mime"), &length);
	simulator_delete(home->simulator, SIMULATOR_OTHER, json_object_get_string_member(message, "id"), &error);
	g_assert_no_error(error);
	return g_bytes_new_take(bytes, length);
}

static void
empty_inbox(Home *home)
{
	g_autoptr(JsonNode) node = simulator_dump(home->simulator, SIMULATOR_OTHER, "inbox");
	JsonArray *messages = json_node_get_array(node);

	for (guint i = 0; i < json_array_get_length(messages); i++)
		simulator_delete(home->simulator, SIMULATOR_OTHER,
				 json_object_get_string_member(json_array_get_object_element(messages, i), "id"), NULL);
}

/* Whether the mail is one that has a sender and a recipient. */
static gboolean
send_one(Home *home, Fixture *fixture, Client *client, const char *path, const char *name, GHashTable *found)
{
	GString *mail = read_mail(path);
	g_autoptr(GMimeMessage) message = parse(mail->str, mail->len);
	g_autoptr(GPtrArray) recipients = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) arrived = NULL;
	guint count = fixture->deliveries;

	if (message != NULL) {
		add_recipients(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_TO), recipients);
		add_recipients(g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_CC), recipients);
	}
	if (recipients->len == 0 || internet_address_list_length(g_mime_message_get_from(message)) == 0) {
		g_string_free(mail, TRUE);
		return FALSE;
	}
	g_ptr_array_add(recipients, g_strdup(SIMULATOR_OTHER));
	set_sender(mail);

	if (!say_envelope(client, recipients)) {
		g_test_message("%s: a recipient was refused", name);
		g_hash_table_add(found, g_strdup_printf("%s\trecipient", name));
		g_string_free(mail, TRUE);
		return TRUE;
	}
	say_mail(client, mail);
	wait_for_deliveries(fixture, count + 1);
	store_account_send(home->account, fixture->mime, (const char *const *)fixture->recipients, NULL, &error);
	outlook_submission_answer(fixture->submission, fixture->token, error, FALSE);
	expect(client, error == NULL ? "250 " : "554 ");
	arrived = take_arrived(home);
	if (error != NULL) {
		g_test_message("%s: %s", name, error->message);
		g_hash_table_add(found, g_strdup_printf("%s\trefused", name));
		g_assert_null(arrived);
	} else if (arrived == NULL) {
		g_hash_table_add(found, g_strdup_printf("%s\tknown", name));
	} else {
		GString *written = describe(mail->str, mail->len);
		GString *got = describe(g_bytes_get_data(arrived, NULL), g_bytes_get_size(arrived));

		compare(name, written->str, got->str, found);
		g_string_free(written, TRUE);
		g_string_free(got, TRUE);
	}
	g_string_free(mail, TRUE);
	return TRUE;
}

static void
test_what_arrives_is_what_was_written(void)
{
	g_autoptr(GPtrArray) paths = corpus_list();
	g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) exceptions = corpus_read_exceptions("send-corpus.exceptions");
	Home home = {0};
	Fixture fixture = {0};
	Client *client;
	guint sent = 0, news, stale;

	if (paths == NULL)
		return;
	home_set_up(&home, NULL);
	simulator_set_damage_printable(home.simulator, TRUE);
	empty_inbox(&home);
	submission_set_up(&fixture, GSIZE_TO_POINTER((gsize)16 * 1024 * 1024));
	client = client_new_signed_in(&fixture, "one");
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);

		sent += send_one(&home, &fixture, client, path, path + strlen(CORPUS) + 1, found);
	}
	g_test_message("%u of %u mails have a sender and a recipient", sent, paths->len);
	news = corpus_count_without(found, exceptions, "a difference that is no exception");
	stale = corpus_count_without(exceptions, found, "an exception that is none any more");
	g_assert_cmpuint(sent, >=, AT_LEAST);
	g_assert_cmpuint(news, ==, 0);
	g_assert_cmpuint(stale, ==, 0);
	client_free(client);
	submission_tear_down(&fixture, NULL);
	home_tear_down(&home, NULL);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_mime_init();
	g_test_add_func("/send corpus/what arrives is what was written", test_what_arrives_is_what_was_written);
	return g_test_run();
}
