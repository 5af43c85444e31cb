/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "day.h"

#include <string.h>

#include "agreement.h"
#include "edits.h"

#define BACK_OFF 5  /* milliseconds */
#define HASTE 1	    /* seconds without a byte, where an answer may not come */
#define PATIENCE 60 /* and where it does, however busy the machine */

static void
on_log(const char *line, gpointer user_data)
{
	g_ptr_array_add(user_data, g_strdup(line));
}

gboolean
day_tells_trouble(const char *line)
{
	return !g_regex_match_simple("^[A-Z]+ [^ ]+ ([0-9]{3} request-id |no answer).*, [0-9]+ ms$", line, 0, 0);
}

static gboolean
is_trouble(Day *self, const char *line)
{
	return day_tells_trouble(line) && (self->expected == NULL || strstr(line, self->expected) == NULL);
}

static void
add_sentences(GHashTable *sentences, Day *self, GPtrArray *texts)
{
	g_autoptr(GRegex) ids = g_regex_new("request-id [-0-9a-f]+", 0, 0, NULL);

	for (guint i = 0; i < texts->len; i++) {
		const char *text = g_ptr_array_index(texts, i);
		char *sentence;

		if (!is_trouble(self, text))
			continue;
		sentence = g_regex_replace_literal(ids, text, -1, 0, "", 0, NULL);
		g_hash_table_replace(sentences, sentence,
				     GUINT_TO_POINTER(GPOINTER_TO_UINT(g_hash_table_lookup(sentences, sentence)) + 1));
	}
}

GHashTable *
day_list_trouble(Day *self)
{
	GHashTable *sentences = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	add_sentences(sentences, self, self->log);
	add_sentences(sentences, self, self->failures);
	add_sentences(sentences, self, self->home.refused);
	return sentences;
}

void
day_note(Day *self, gboolean done, GError **error)
{
	if (done)
		return;
	g_assert_nonnull(*error);
	g_assert_cmpuint(strlen((*error)->message), >, 0);
	g_ptr_array_add(self->failures, g_strdup((*error)->message));
	g_clear_error(error);
}

void
day_look(Day *self)
{
	self->inbox = FIND(&self->home, INBOX);
	self->archive = FIND(&self->home, ARCHIVE);
	self->drafts = FIND(&self->home, DRAFTS);
	self->trash = FIND(&self->home, TRASH);
}

void
day_check(Day *self, gboolean thorough)
{
	g_autoptr(GError) error = NULL;

	day_note(self, store_account_check(self->home.account, self->inbox, thorough, NULL, &error), &error);
	day_look(self);
}

void
day_push(Day *self)
{
	g_autoptr(GError) error = NULL;

	day_note(self, store_account_push(self->home.account, NULL, &error), &error);
}

static const char *
get_correspondent(Day *self)
{
	return self->home.mailbox != NULL ? SIMULATOR_USER : SIMULATOR_OTHER;
}

void
day_send(Day *self)
{
	const char *to[] = {get_correspondent(self), NULL};
	const char *from = self->home.mailbox != NULL ? self->home.mailbox : SIMULATOR_USER;
	char *mail = g_strdup_printf("From: <%s>\r\nTo: <%s>\r\nSubject: Sent\r\nMessage-ID: <sent@contoso.example>\r\n"
				     "Date: Tue, 03 Mar 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
				     "Content-Type: text/plain\r\n\r\nHello.\r\n",
				     from, to[0]);
	g_autoptr(GBytes) mime = g_bytes_new_take(mail, strlen(mail));
	g_autoptr(GError) error = NULL;

	self->sends = TRUE;
	self->sent = store_account_send(self->home.account, mime, to, NULL, &error);
	day_note(self, self->sent, &error);
}

void
day_deliver(Day *self, const char *folder, const char *const *subjects)
{
	for (guint i = 0; subjects[i] != NULL; i++)
		g_free(home_deliver(&self->home, folder, subjects[i]));
}

char *
day_get_id(Day *self, const char *folder, const char *subject)
{
	g_autoptr(JsonObject) message = home_get(&self->home, folder, subject);

	g_assert_nonnull(message);
	return g_strdup(json_object_get_string_member(message, "id"));
}

void
day_begin(Day *self, const DayStory *story)
{
	memset(self, 0, sizeof *self);
	if (story->shared)
		home_set_up_shared(&self->home, NULL);
	else
		home_set_up(&self->home, NULL);
	graph_client_set_patience(self->home.client, BACK_OFF, HASTE);
	self->log = g_ptr_array_new_with_free_func(g_free);
	self->failures = g_ptr_array_new_with_free_func(g_free);
	self->counted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	story->prepare(self);
	g_assert_cmpuint(self->failures->len, ==, 0);
	graph_client_set_log(self->home.client, on_log, g_ptr_array_ref(self->log), (GDestroyNotify)g_ptr_array_unref);
	simulator_reset_log(self->home.simulator);
}

void
day_end(Day *self)
{
	home_tear_down(&self->home, NULL);
	g_ptr_array_unref(self->log);
	g_ptr_array_unref(self->failures);
	g_hash_table_unref(self->counted);
}

static guint
count_received(Day *self)
{
	g_autoptr(JsonNode) inbox = simulator_dump(self->home.simulator, get_correspondent(self), "inbox");
	JsonArray *messages = json_node_get_array(inbox);
	guint n = 0;

	for (guint i = 0; i < json_array_get_length(messages); i++)
		n += g_strcmp0(json_object_get_string_member(json_array_get_object_element(messages, i), "subject"),
			       "Sent") == 0;
	return n;
}

/* What Get Mail does once more, soon after the last time: after one such check nothing is left to be done. */
static void
check_once(Day *self)
{
	g_autofree char *difference = NULL;
	g_autoptr(GError) error = NULL;

	store_account_check(self->home.account, 0, FALSE, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(store_account_count_waiting(self->home.account), ==, 0);
	g_hash_table_remove_all(self->counted);
	difference = agreement_find_difference(&self->home, self->counted);
	g_assert_cmpstr(difference, ==, NULL);
	day_look(self);
}

/* What was not sent the host sends again: the store looks before it does. */
void
day_settle(Day *self)
{
	simulator_clear_faults(self->home.simulator);
	graph_client_set_patience(self->home.client, BACK_OFF, PATIENCE);
	check_once(self);
	if (!self->sends)
		return;
	if (!self->sent) {
		day_send(self);
		check_once(self);
	}
	day_demand(self, self->sent);
	day_demand(self, count_received(self) == 1);
	day_demand(self, day_count_in(self, "sentitems", "Sent") == 1);
}

gboolean
day_was_refused(Day *self, const char *verb, const char *name)
{
	g_autofree char *start = g_strdup_printf("The server refused to %s “%s”", verb, name);
	gboolean refused = FALSE;

	for (guint i = 0; i < self->home.refused->len; i++)
		refused |= g_str_has_prefix(g_ptr_array_index(self->home.refused, i), start);
	return refused;
}

char *
day_describe(Day *self)
{
	g_autoptr(GPtrArray) copy = g_ptr_array_new();

	for (guint i = 0; i < self->home.refused->len; i++)
		g_ptr_array_add(copy, g_ptr_array_index(self->home.refused, i));
	g_ptr_array_add(copy, NULL);
	return g_strjoinv(" | ", (char **)copy->pdata);
}

guint
day_count(Day *self, const char *subject)
{
	guint n = GPOINTER_TO_UINT(g_hash_table_lookup(self->counted, subject));

	return self->softly ? n - home_count(&self->home, "deleteditems", subject) : n;
}

guint
day_count_in(Day *self, const char *folder, const char *subject)
{
	return home_count(&self->home, folder, subject);
}

StoreFolder *
day_find_folder(Day *self, const char *name)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(self->home.account, NULL);
	StoreFolder *found = NULL;

	for (guint i = 0; i < folders->len; i++) {
		StoreFolder *folder = g_ptr_array_index(folders, i);

		if (!g_str_equal(folder->name, name))
			continue;
		g_assert_null(found);
		found = g_ptr_array_steal_index(folders, i--);
	}
	return found;
}

void
day_demand_place(Day *self, const char *subject, const char *verb, const char *from, const char *to)
{
	gboolean refused = day_was_refused(self, verb, subject);

	g_test_message("%s: %s", subject, refused ? "refused" : "done");
	day_demand(self, day_count(self, subject) == 1);
	day_demand(self, day_count_in(self, refused ? from : to, subject) == 1);
}
