/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model.h"

/* Another client, and the service itself. */

static const char *
pick_theirs(Model *self)
{
	return self->theirs->len > 0 ? g_ptr_array_index(self->theirs, model_pick(self, self->theirs->len)) : NULL;
}

static void
note(Model *self, const char *id, OracleField field, gint64 value)
{
	oracle_they_set(self->oracle, id, field, value);
}

/* Beside a host that works at the same moment, nothing tells whose change came last. */
static void
contest(Model *self, const char *id)
{
	for (guint field = 0; field < ORACLE_FIELDS; field++)
		note(self, id, field, -1);
}

void
model_they_deliver(Model *self)
{
	gboolean theirs = model_pick(self, 2) != 0;
	g_autofree char *subject = g_strdup_printf("%s %u", theirs ? "X" : "Delivered", self->made++);
	g_autofree char *id = home_deliver(&self->home, model_pick(self, 3) ? "inbox" : "archive", subject);

	oracle_they_delivered(self->oracle, id, subject);
	if (theirs && self->contested)
		contest(self, id);
	if (theirs)
		g_ptr_array_add(self->theirs, g_steal_pointer(&id));
}

void
model_they_change(Model *self)
{
	static const struct {
		const char *json;
		OracleField field;
		gint64 value;
	} changes[] = {
		{"{\"isRead\":true}", ORACLE_READ, TRUE},
		{"{\"isRead\":false}", ORACLE_READ, FALSE},
		{"{\"flag\":{\"flagStatus\":\"complete\"}}", ORACLE_FLAG, STORE_FLAG_COMPLETE},
		{"{\"flag\":{\"flagStatus\":\"flagged\"}}", ORACLE_FLAG, STORE_FLAG_FLAGGED},
		{"{\"categories\":[\"Theirs\"]}", ORACLE_CATEGORIES, 0},
		{"{\"importance\":\"high\",\"isRead\":true}", ORACLE_IMPORTANCE, STORE_FLAG_HIGH},
	};
	const char *const categories[] = {"Theirs", NULL};
	const char *id = pick_theirs(self);
	guint i = model_pick(self, G_N_ELEMENTS(changes));

	if (id == NULL || !simulator_change(self->home.simulator, SIMULATOR_USER, id, changes[i].json, NULL))
		return;
	if (self->contested)
		contest(self, id);
	else if (changes[i].field == ORACLE_CATEGORIES)
		note(self, id, ORACLE_CATEGORIES, oracle_join_categories(categories));
	else
		note(self, id, changes[i].field, changes[i].value);
	if (changes[i].field == ORACLE_IMPORTANCE && !self->contested)
		note(self, id, ORACLE_READ, TRUE);
}

void
model_they_move(Model *self)
{
	static const struct {
		const char *name;
		StoreRole role;
	} folders[] = {
		{"inbox", STORE_ROLE_INBOX},
		{"archive", STORE_ROLE_ARCHIVE},
		{"deleteditems", STORE_ROLE_TRASH},
		{"junkemail", STORE_ROLE_JUNK},
	};
	const char *id = pick_theirs(self);
	guint i = model_pick(self, G_N_ELEMENTS(folders));

	if (id == NULL || !simulator_move(self->home.simulator, SIMULATOR_USER, id, folders[i].name, NULL))
		return;
	if (self->contested)
		contest(self, id);
	else
		note(self, id, ORACLE_PLACE, store_account_find_role(self->home.account, folders[i].role));
}

void
model_they_delete(Model *self)
{
	const char *id = pick_theirs(self);

	if (id != NULL && simulator_delete(self->home.simulator, SIMULATOR_USER, id, NULL))
		oracle_they_deleted(self->oracle, id);
}

void
model_they_create_folder(Model *self)
{
	g_autofree char *name = g_strdup_printf("Theirs %u", self->made++);
	g_autofree char *id = simulator_create_folder(self->home.simulator, SIMULATOR_USER, NULL, name, NULL);

	g_assert_nonnull(id);
}

static void
add_fault(Model *self, const char *const *faults, guint n)
{
	g_autoptr(GError) error = NULL;

	simulator_add_fault(self->home.simulator, faults[model_pick(self, n)], &error);
	g_assert_no_error(error);
}

void
model_something_breaks(Model *self)
{
	static const char *const faults[] = {
		"{\"method\":\"POST\",\"kind\":\"close\",\"when\":\"work\"}",
		"{\"method\":\"POST\",\"kind\":\"close\",\"when\":\"before\"}",
		"{\"method\":\"POST\",\"kind\":\"cut\",\"work\":true}",
		"{\"method\":\"PATCH\",\"status\":401,\"count\":2}",
		"{\"path\":\"delta\",\"status\":410}",
		"{\"path\":\"delta\",\"kind\":\"html\"}",
		"{\"path\":\"delta\",\"kind\":\"cut\"}",
		"{\"path\":\"mailFolders\",\"kind\":\"type\"}",
		"{\"path\":\"batch\",\"kind\":\"close\",\"when\":\"work\"}",
		"{\"path\":\"batch\",\"status\":501}",
		"{\"target\":\"part\",\"kind\":\"close\",\"when\":\"work\",\"skip\":1,\"count\":2}",
		"{\"target\":\"part\",\"kind\":\"close\",\"when\":\"before\",\"count\":2}",
		"{\"target\":\"part\",\"status\":429,\"headers\":{\"Retry-After\":\"0\"},\"skip\":1,\"count\":3}",
		"{\"target\":\"part\",\"status\":412,\"count\":2}",
		"{\"target\":\"part\",\"path\":\"/move$\",\"status\":404}",
		"{\"target\":\"part\",\"status\":424,\"skip\":2}",
		"{\"target\":\"part\",\"status\":500,\"work\":true,\"skip\":1}",
		"{\"target\":\"part\",\"status\":504,\"count\":2}",
		"{\"method\":\"POST\",\"path\":\"/move$\",\"status\":504,\"count\":4}",
		"{\"method\":\"POST\",\"path\":\"/move$\",\"status\":504,\"work\":true,\"count\":4}",
		"{\"target\":\"part\",\"path\":\"/move$\",\"status\":504,\"work\":true,\"count\":2}",
	};

	if (model_pick(self, 8) == 0)
		simulator_expire_links(self->home.simulator);
	add_fault(self, faults, G_N_ELEMENTS(faults));
}

/* For good: the change is undone, and it is said. */
void
model_something_is_refused(Model *self)
{
	static const char *const faults[] = {
		"{\"target\":\"part\",\"method\":\"PATCH\",\"status\":403}",
		"{\"target\":\"part\",\"path\":\"/move$\",\"status\":403}",
		"{\"target\":\"part\",\"path\":\"/copy$\",\"status\":403}",
		"{\"target\":\"part\",\"method\":\"DELETE\",\"status\":403}",
		"{\"method\":\"PATCH\",\"path\":\"/messages/\",\"status\":403}",
		"{\"method\":\"POST\",\"path\":\"/messages/[^/]*/move$\",\"status\":403}",
		"{\"method\":\"POST\",\"path\":\"/copy$\",\"status\":403}",
		"{\"method\":\"DELETE\",\"path\":\"/messages/\",\"status\":403}",
		"{\"method\":\"POST\",\"path\":\"/messages$\",\"status\":403}",
		"{\"method\":\"POST\",\"path\":\"(mailFolders|childFolders)$\",\"status\":403}",
		"{\"method\":\"PATCH\",\"path\":\"/mailFolders/[^/]*$\",\"status\":403}",
		"{\"method\":\"POST\",\"path\":\"/mailFolders/[^/]*/move$\",\"status\":403}",
	};

	self->refusals++;
	add_fault(self, faults, G_N_ELEMENTS(faults));
}

void
model_service_changes_its_mood(Model *self)
{
	simulator_set_nasty(self->home.simulator, model_pick(self, 4) ? 1 + model_pick(self, 1000000) : 0);
}
