/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "day.h"

#include "store-db.h"

/* Lists that do not fit on a page, and what is asked for one by one. */

#define PAGE 11 /* more than are asked for their size by themselves */
#define IN_PAGES (2 * PAGE)

static void
run_sql(Day *self, const char *const *statements)
{
	g_autofree char *path = g_build_filename(self->home.directory, "mail.db", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(StoreDb) db = store_db_open(path, NULL, &error);

	g_assert_no_error(error);
	for (guint i = 0; statements[i] != NULL; i++) {
		store_db_run(db, &error, statements[i], "");
		g_assert_no_error(error);
	}
}

static void
deliver_many(Day *self, const char *name, guint n)
{
	for (guint i = 0; i < n; i++) {
		g_autofree char *subject = g_strdup_printf("%s %u", name, i);

		g_free(home_deliver(&self->home, "inbox", subject));
	}
}

static void
demand_many(Day *self, const char *name, guint n, guint each)
{
	for (guint i = 0; i < n; i++) {
		g_autofree char *subject = g_strdup_printf("%s %u", name, i);

		day_demand(self, day_count(self, subject) == each);
	}
}

/* The Inbox and the roles of the folders are not known any more; those are asked for together in vain. */
static void
pages_prepare(Day *self)
{
	static const char *const forget[] = {"UPDATE folders SET link = NULL, initial = 1, filled = 0 WHERE role = 1",
					     "UPDATE folders SET role = 0", NULL};
	g_autoptr(GError) error = NULL;

	G_STATIC_ASSERT(STORE_ROLE_INBOX == 1);
	simulator_set_delta_expand(self->home.simulator, FALSE);
	day_check(self, TRUE);
	run_sql(self, forget);
	deliver_many(self, "Mail", IN_PAGES);
	simulator_set_page_limit(self->home.simulator, PAGE);
	simulator_add_fault(self->home.simulator,
			    "{\"target\": \"part\", \"path\": \"mailFolders/archive\", \"status\": 400, \"count\": 0}",
			    &error);
	g_assert_no_error(error);
	self->expected = "/archive: 400 BadRequest";
}

/* Folders, messages, their sizes; then ids, and one size by itself. */
static void
pages_run(Day *self)
{
	static const char *const due[] = {"UPDATE folders SET reconciled = 2 WHERE role = 1", NULL};

	day_check(self, FALSE);
	run_sql(self, due);
	g_free(home_deliver(&self->home, "inbox", "Later"));
	day_check(self, TRUE);
}

static void
pages_judge(Day *self)
{
	g_autoptr(GPtrArray) messages = store_account_list_messages(self->home.account, self->inbox, NULL, NULL);

	demand_many(self, "Mail", IN_PAGES, 1);
	day_demand(self, day_count(self, "Later") == 1);
	day_demand(self, messages->len == IN_PAGES + 1);
	for (guint i = 0; i < messages->len; i++)
		day_demand(self, ((StoreMessage *)g_ptr_array_index(messages, i))->size > 0);
	day_demand(self, self->drafts != 0 && self->trash != 0);
	day_demand(self, self->home.refused->len == 0);
}

#define STAYING 9
#define LEAVING 21 /* more than a batch holds */
#define CROWD_PAGE 8

/* Other clients removed many and moved one, which was read here. */
static void
crowd_prepare(Day *self)
{
	g_autofree char *moved = NULL;
	g_autofree char *path = NULL;
	g_autoptr(StoreMessage) message = NULL;

	deliver_many(self, "Stays", STAYING);
	deliver_many(self, "Leaves", LEAVING);
	g_free(home_deliver(&self->home, "inbox", "Moved"));
	day_check(self, TRUE);
	message = home_find(&self->home, self->inbox, "Moved");
	path = store_account_fetch_body(self->home.account, self->inbox, message->number, NULL, NULL);
	g_assert_nonnull(path);
	self->home.arrived = 0;

	for (guint i = 0; i < LEAVING; i++) {
		g_autofree char *subject = g_strdup_printf("Leaves %u", i);
		g_autofree char *id = day_get_id(self, "inbox", subject);

		g_assert_true(simulator_delete(self->home.simulator, SIMULATOR_USER, id, NULL));
	}
	moved = day_get_id(self, "inbox", "Moved");
	g_assert_true(simulator_move(self->home.simulator, SIMULATOR_USER, moved, "archive", NULL));
	simulator_set_page_limit(self->home.simulator, CROWD_PAGE);
}

static void
crowd_run(Day *self)
{
	day_check(self, TRUE);
}

/* The one that was moved is the same as before: its body is here, and it is no new mail. */
static void
crowd_judge(Day *self)
{
	g_autoptr(StoreMessage) moved = home_find(&self->home, self->archive, "Moved");
	g_autofree char *path = NULL;

	demand_many(self, "Stays", STAYING, 1);
	demand_many(self, "Leaves", LEAVING, 0);
	day_demand(self, moved != NULL && day_count(self, "Moved") == 1);
	path = store_account_get_body(self->home.account, self->archive, moved->number);
	day_demand(self, path != NULL);
	day_demand(self, self->home.arrived == 0);
	day_demand(self, self->home.refused->len == 0);
}

static const DayStory stories[] = {
	{"pages", FALSE, pages_prepare, pages_run, pages_judge},
	{"crowd", FALSE, crowd_prepare, crowd_run, crowd_judge},
};

const DayStory *
day_get_list_story(guint i)
{
	return i < G_N_ELEMENTS(stories) ? &stories[i] : NULL;
}
