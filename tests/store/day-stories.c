/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "day.h"

#include <glib/gstdio.h>
#include <string.h>

#include "edits.h"
#include "store-db.h"
#include "store-search.h"

static const char *const blue[] = {"Blue", NULL};

static gboolean
is_whole(Day *self, const char *subject)
{
	guint32 number = edits_number_of(&self->home, self->inbox, subject);
	g_autofree char *path = store_account_fetch_body(self->home.account, self->inbox, number, NULL, NULL);
	g_autofree char *end = g_strdup_printf("This is %s.\r\n", subject);
	g_autofree char *content = NULL;

	return path != NULL && g_file_get_contents(path, &content, NULL, NULL) && g_str_has_suffix(content, end);
}

static const char *const read_mails[] = {"One", "Two", "Three", NULL};

static void
reading_prepare(Day *self)
{
	day_deliver(self, "inbox", read_mails);
}

/* What it names it has to have found; that it finds nothing although it went well would be a lie. */
static void
search(Day *self)
{
	guint32 number = edits_number_of(&self->home, self->inbox, "Two");
	g_autoptr(GError) error = NULL;
	StoreFound *found =
		store_account_search(self->home.account, self->inbox, STORE_SEARCH_BODY, "This is Two", NULL, &error);

	day_note(self, found != NULL, &error);
	if (found != NULL && found->numbers != NULL && number != 0)
		day_demand(self, g_hash_table_contains(found->numbers, GUINT_TO_POINTER(number)));
	if (found != NULL)
		store_found_free(found);
}

/* From nothing: the first check, a mail, a search, the others for offline use. */
static void
reading_run(Day *self)
{
	g_autoptr(GError) error = NULL;
	guint32 number;
	char *path;

	day_check(self, FALSE);
	number = self->inbox != 0 ? edits_number_of(&self->home, self->inbox, "One") : 0;
	if (number != 0) {
		path = store_account_fetch_body(self->home.account, self->inbox, number, NULL, &error);
		day_note(self, path != NULL, &error);
		g_free(path);
		search(self);
		day_note(self, store_account_fetch_bodies(self->home.account, self->inbox, 0, NULL, &error), &error);
	}
	g_free(home_deliver(&self->home, "inbox", "Later"));
	day_check(self, FALSE);
}

/* An answer that is cut and says that it is whole is a mail that ends there: nobody could tell. */
static void
reading_judge(Day *self)
{
	for (guint i = 0; read_mails[i] != NULL; i++) {
		day_demand(self, day_count(self, read_mails[i]) == 1);
		day_demand(self, self->cut || is_whole(self, read_mails[i]));
	}
	day_demand(self, day_count(self, "Later") == 1);
	day_demand(self, self->home.refused->len == 0);
}

/* Delta lost one mail and its folder is due for comparison; other clients moved one and removed one. */
static void
reconciling_prepare(Day *self)
{
	static const char *const subjects[] = {"Stays", "Lost", "Taken", "Removed", NULL};
	g_autofree char *path = g_build_filename(self->home.directory, "mail.db", NULL);
	g_autofree char *folder = simulator_create_folder(self->home.simulator, SIMULATOR_USER, NULL, "Another", NULL);
	g_autofree char *removed = NULL;
	g_autofree char *taken = NULL;
	g_autoptr(StoreDb) db = NULL;

	day_deliver(self, "inbox", subjects);
	g_free(home_deliver(&self->home, folder, "There"));
	for (guint i = 0; i < 2; i++)
		day_check(self, TRUE);
	db = store_db_open(path, NULL, NULL);
	g_assert_true(store_db_run(db, NULL, "DELETE FROM messages WHERE subject = 'Lost'", ""));
	g_assert_true(store_db_run(db, NULL, "UPDATE folders SET reconciled = 2 WHERE key = ?", "l", self->inbox));
	removed = day_get_id(self, "inbox", "Removed");
	taken = day_get_id(self, "inbox", "Taken");
	g_assert_true(simulator_delete(self->home.simulator, SIMULATOR_USER, removed, NULL));
	g_assert_true(simulator_move(self->home.simulator, SIMULATOR_USER, taken, folder, NULL));
}

static void
reconciling_run(Day *self)
{
	day_check(self, TRUE);
	g_free(home_deliver(&self->home, "inbox", "Later"));
	day_check(self, TRUE);
}

static void
reconciling_judge(Day *self)
{
	day_demand(self, day_count(self, "Stays") == 1);
	day_demand(self, day_count_in(self, "inbox", "Lost") == 1);
	day_demand(self, day_count_in(self, "Another", "Taken") == 1);
	day_demand(self, day_count(self, "Removed") == 0);
	day_demand(self, day_count(self, "There") == 1);
	day_demand(self, day_count(self, "Later") == 1);
	day_demand(self, self->home.refused->len == 0);
}

static void
changing_prepare(Day *self)
{
	static const char *const subjects[] = {"Flagged", "Moved", "Moved too",	  "Copied",    "Copied too",
					       "Deleted", "Done",  "Deleted too", "Unflagged", NULL};
	g_autoptr(JsonObject) message = NULL;

	day_deliver(self, "inbox", subjects);
	message = home_get(&self->home, "inbox", "Unflagged");
	g_assert_true(simulator_change(self->home.simulator, SIMULATOR_USER,
				       json_object_get_string_member(message, "id"),
				       "{\"flag\": {\"flagStatus\": \"flagged\"}, \"categories\": [\"Red\"]}", NULL));
	day_check(self, TRUE);
}

static guint32
number_of(Day *self, const char *subject)
{
	return edits_number_of(&self->home, self->inbox, subject);
}

static void
set_tags(Day *self, guint32 number, const char *const *tags)
{
	g_autoptr(GError) error = NULL;

	store_account_set_categories(self->home.account, self->inbox, number, tags, &error);
	g_assert_no_error(error);
}

/* Some go together, and some by themselves. */
static void
changing_run(Day *self)
{
	static const char *const none[] = {NULL};
	Home *home = &self->home;

	edits_mark(home, self->inbox, number_of(self, "Flagged"), STORE_FLAG_READ | STORE_FLAG_FLAGGED, 0);
	set_tags(self, number_of(self, "Flagged"), blue);
	edits_move(home, self->inbox, number_of(self, "Moved"), self->archive);
	edits_copy(home, self->inbox, number_of(self, "Copied"), self->archive);
	edits_delete(home, self->inbox, number_of(self, "Deleted"));
	home_append(home, self->inbox, "Appended", STORE_FLAG_READ);
	day_push(self);
	edits_move(home, self->inbox, number_of(self, "Moved too"), self->archive);
	day_push(self);
	edits_copy(home, self->inbox, number_of(self, "Copied too"), self->archive);
	day_push(self);
	edits_delete(home, self->inbox, number_of(self, "Deleted too"));
	day_push(self);
	edits_mark(home, self->inbox, number_of(self, "Unflagged"), 0, STORE_FLAG_FLAGGED);
	set_tags(self, number_of(self, "Unflagged"), none);
	day_push(self);
	edits_mark(home, self->inbox, number_of(self, "Done"), STORE_FLAG_COMPLETE, STORE_FLAG_FLAGGED);
	day_push(self);
	day_check(self, FALSE);
}

/* As the host wanted it, or, if that was refused, as it was before. */
static void
demand_flags(Day *self, const char *subject, StoreFlags before, StoreFlags after, const char *tag_before,
	     const char *tag_after)
{
	gboolean refused = day_was_refused(self, "mark the message", subject);
	const char *tag = refused ? tag_before : tag_after;
	g_autoptr(StoreMessage) message = home_find(&self->home, self->inbox, subject);
	const StoreFlags asked = STORE_FLAG_READ | STORE_FLAG_FLAGGED | STORE_FLAG_COMPLETE;
	const char *here;

	g_test_message("%s", subject);
	day_demand(self, message != NULL && day_count(self, subject) == 1);
	day_demand(self, (message->flags & asked) == (refused ? before : after));
	here = message->categories != NULL ? message->categories[0] : NULL;
	day_demand(self, g_strcmp0(here, tag) == 0);
}

static void
demand_copies(Day *self, const char *subject)
{
	guint copies = day_was_refused(self, "copy the message", subject) ? 0 : 1;

	day_demand(self, day_count_in(self, "inbox", subject) == 1);
	day_demand(self, day_count_in(self, "archive", subject) == copies);
	day_demand(self, day_count(self, subject) == 1 + copies);
}

static void
demand_deleted(Day *self, const char *subject)
{
	guint left = day_was_refused(self, "delete the message", subject) ? 1 : 0;

	day_demand(self, day_count_in(self, "inbox", subject) == left);
	day_demand(self, day_count(self, subject) == left);
}

/* What is refused to be stored stays here. */
static void
demand_appended(Day *self, gint64 folder, const char *place, const char *subject)
{
	guint there = day_was_refused(self, "store the message", subject) ? 0 : 1;

	day_demand(self, edits_number_of(&self->home, folder, subject) != 0);
	day_demand(self, day_count_in(self, place, subject) == there);
	day_demand(self, day_count(self, subject) == there);
}

static void
changing_judge(Day *self)
{
	demand_flags(self, "Flagged", 0, STORE_FLAG_READ | STORE_FLAG_FLAGGED, NULL, "Blue");
	demand_flags(self, "Unflagged", STORE_FLAG_FLAGGED, 0, "Red", NULL);
	demand_flags(self, "Done", 0, STORE_FLAG_COMPLETE, NULL, NULL);
	day_demand_place(self, "Moved", "move the message", "inbox", "archive");
	day_demand_place(self, "Moved too", "move the message", "inbox", "archive");
	demand_copies(self, "Copied");
	demand_copies(self, "Copied too");
	demand_deleted(self, "Deleted");
	demand_deleted(self, "Deleted too");
	demand_appended(self, self->inbox, "inbox", "Appended");
}

static void
folders_prepare(Day *self)
{
	static const char *const names[] = {"Wandering", "Doomed", "Old"};
	static const char *const mails[] = {"Carried", "Inside", "Rubbish"};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *id = simulator_create_folder(self->home.simulator, SIMULATOR_USER,
							      i == 2 ? "deleteditems" : NULL, names[i], NULL);

		g_free(home_deliver(&self->home, id, mails[i]));
	}
	g_free(home_deliver(&self->home, "inbox", "Moved"));
	day_check(self, TRUE);
}

static gint64
key_of(Day *self, const char *name)
{
	g_autoptr(StoreFolder) folder = day_find_folder(self, name);

	return folder != NULL ? folder->key : 0;
}

static void
folders_run(Day *self)
{
	g_autoptr(GError) error = NULL;

	self->made = store_account_create_folder(self->home.account, self->inbox, "Made", &error);
	g_assert_no_error(error);
	edits_move(&self->home, self->inbox, number_of(self, "Moved"), self->made);
	day_push(self);
	/* It may have been undone by now. */
	if (!store_account_rename_folder(self->home.account, self->made, "Renamed", &error))
		g_clear_error(&error);
	day_push(self);
	store_account_move_folder(self->home.account, key_of(self, "Wandering"), self->archive, &error);
	g_assert_no_error(error);
	day_push(self);
	store_account_delete_folder(self->home.account, key_of(self, "Doomed"), &error);
	g_assert_no_error(error);
	day_push(self);
	store_account_delete_folder(self->home.account, key_of(self, "Old"), &error);
	g_assert_no_error(error);
	day_push(self);
	day_check(self, FALSE);
}

static gboolean
is_below(Day *self, const char *name, gint64 parent)
{
	g_autoptr(StoreFolder) folder = day_find_folder(self, name);

	return folder != NULL && folder->parent == parent;
}

static void
folders_judge(Day *self)
{
	gboolean unmade = day_was_refused(self, "create the folder", "Made");
	gboolean unnamed = day_was_refused(self, "rename the folder", "Made");
	gboolean fixed = day_was_refused(self, "move the folder", "Wandering");
	gboolean spared = day_was_refused(self, "move the folder", "Doomed"); /* to Deleted Items */
	gboolean left = day_was_refused(self, "delete the folder", "Old");

	if (!self->remade)
		day_demand(self, is_below(self, "Made", self->inbox) == (!unmade && unnamed));
	day_demand(self, is_below(self, "Renamed", self->inbox) == (!unmade && !unnamed));
	day_demand_place(self, "Moved", unmade ? "create the folder" : "move the message", "inbox",
			 unmade	   ? "inbox"
			 : unnamed ? "Inbox/Made"
				   : "Inbox/Renamed");
	day_demand(self, is_below(self, "Wandering", fixed ? 0 : self->archive));
	day_demand(self, day_count(self, "Carried") == 1);
	day_demand(self, is_below(self, "Doomed", spared ? 0 : self->trash));
	day_demand(self, day_count(self, "Inside") == 1);
	day_demand(self, (key_of(self, "Old") != 0) == left);
	day_demand(self, day_count(self, "Rubbish") == (left ? 1 : 0));
}

static void
save(Day *self, const char *text, const char *message_id)
{
	g_autofree char *mail = home_write_mail(text, message_id);

	home_append_mail(&self->home, self->drafts, mail, STORE_FLAG_READ);
}

static void
throw_away(Day *self, const char *text)
{
	edits_delete(&self->home, self->drafts, edits_number_of(&self->home, self->drafts, text));
}

#define DRAFT "<draft@contoso.example>"

static void
drafts_prepare(Day *self)
{
	day_check(self, TRUE);
	save(self, "First", DRAFT);
	day_push(self);
}

/* At every moment one version is at the server. */
static void
push_draft(Day *self)
{
	day_push(self);
	day_demand(self, day_count_in(self, "drafts", NULL) > 0);
}

/* A draft is saved anew, twice; another one is thrown away. */
static void
drafts_run(Day *self)
{
	save(self, "Second", DRAFT);
	throw_away(self, "First");
	push_draft(self);
	save(self, "Third", DRAFT);
	throw_away(self, "Second");
	push_draft(self);
	save(self, "Thrown", "<thrown@contoso.example>");
	day_push(self);
	throw_away(self, "Thrown");
	day_push(self);
	day_check(self, FALSE);
}

/* An older version stays only where a newer one was refused, or its removal. */
static void
drafts_judge(Day *self)
{
	gboolean second = !day_was_refused(self, "store the message", "Second");
	gboolean third = !day_was_refused(self, "store the message", "Third");

	demand_appended(self, self->drafts, "drafts", "Third");
	day_demand(self, day_count(self, "First") ==
				 (!second || day_was_refused(self, "delete the message", "First") ? 1 : 0));
	day_demand(self, day_count(self, "Second") ==
				 (second && (!third || day_was_refused(self, "delete the message", "Second")) ? 1 : 0));
	day_demand(self, day_count(self, "Thrown") == (day_was_refused(self, "delete the message", "Thrown") ? 1 : 0));
}

static void
sending_prepare(Day *self)
{
	day_check(self, TRUE);
}

static void
sending_run(Day *self)
{
	day_send(self);
	day_check(self, FALSE);
}

static void
sending_judge(Day *self)
{
	day_demand(self, day_count(self, "Sent") == 1);
	day_demand(self, self->home.refused->len == 0);
}

static void
shared_prepare(Day *self)
{
	static const char *const subjects[] = {"Flagged", "Moved", "Deleted", NULL};

	day_deliver(self, "inbox", subjects);
	day_check(self, TRUE);
}

static void
shared_run(Day *self)
{
	g_autoptr(GError) error = NULL;
	char *path;

	path = store_account_fetch_body(self->home.account, self->inbox, number_of(self, "Flagged"), NULL, &error);
	day_note(self, path != NULL, &error);
	g_free(path);
	edits_mark(&self->home, self->inbox, number_of(self, "Flagged"), STORE_FLAG_FLAGGED, 0);
	set_tags(self, number_of(self, "Flagged"), blue);
	day_push(self);
	edits_move(&self->home, self->inbox, number_of(self, "Moved"), self->archive);
	edits_delete(&self->home, self->inbox, number_of(self, "Deleted"));
	day_push(self);
	g_free(home_deliver(&self->home, "inbox", "Later"));
	day_send(self);
	day_check(self, FALSE);
}

static void
shared_judge(Day *self)
{
	demand_flags(self, "Flagged", 0, STORE_FLAG_FLAGGED, NULL, "Blue");
	day_demand_place(self, "Moved", "move the message", "inbox", "archive");
	demand_deleted(self, "Deleted");
	day_demand(self, self->cut || is_whole(self, "Flagged"));
	day_demand(self, day_count(self, "Later") == 1);
}

static const DayStory stories[] = {
	{"reading", FALSE, reading_prepare, reading_run, reading_judge},
	{"reconciling", FALSE, reconciling_prepare, reconciling_run, reconciling_judge},
	{"changing", FALSE, changing_prepare, changing_run, changing_judge},
	{"folders", FALSE, folders_prepare, folders_run, folders_judge},
	{"drafts", FALSE, drafts_prepare, drafts_run, drafts_judge},
	{"sending", FALSE, sending_prepare, sending_run, sending_judge},
	{"shared mailbox", TRUE, shared_prepare, shared_run, shared_judge},
};

const DayStory *
day_get_story(guint i)
{
	return i < G_N_ELEMENTS(stories) ? &stories[i] : day_get_list_story(i - G_N_ELEMENTS(stories));
}
