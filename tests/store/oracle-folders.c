/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oracle-folders.h"

#include <string.h>

#define DEEPEST 100 /* two clients may put two folders into each other */

typedef struct {
	gint64 key;
	GPtrArray *names; /* all that it ever had */
	char *name;	  /* the host's; %NULL: not wanted */
	char *their_name;
	gint64 parent;
	gboolean put;	    /* @parent is wanted */
	char *their_parent; /* id */
	gboolean loose;	    /* something about it was refused: it may be anything */
} Place;

struct _OracleFolders {
	Home *home;
	GHashTable *places;  /* key → Place */
	GHashTable *keys;    /* id → gint64 */
	GHashTable *removed; /* of keys */
};

static void
place_free(gpointer data)
{
	Place *place = data;

	g_ptr_array_unref(place->names);
	g_free(place->name);
	g_free(place->their_name);
	g_free(place->their_parent);
	g_free(place);
}

OracleFolders *
oracle_folders_new(Home *home)
{
	OracleFolders *self = g_new0(OracleFolders, 1);

	self->home = home;
	self->places = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, place_free);
	self->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	self->removed = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	return self;
}

void
oracle_folders_free(OracleFolders *self)
{
	g_hash_table_unref(self->places);
	g_hash_table_unref(self->keys);
	g_hash_table_unref(self->removed);
	g_free(self);
}

void
oracle_folders_look(OracleFolders *self)
{
	g_autoptr(GPtrArray) folders = store_account_list_folders(self->home->account, NULL);

	g_assert_nonnull(folders);
	for (guint i = 0; i < folders->len; i++) {
		const StoreFolder *folder = g_ptr_array_index(folders, i);

		if (folder->id != NULL)
			g_hash_table_replace(self->keys, g_strdup(folder->id),
					     g_memdup2(&folder->key, sizeof folder->key));
	}
}

static Place *
get_place(OracleFolders *self, gint64 key)
{
	Place *place = g_hash_table_lookup(self->places, &key);

	if (place == NULL) {
		place = g_new0(Place, 1);
		place->key = key;
		place->names = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(self->places, &place->key, place);
	}
	return place;
}

/* ---- what the host does ----------------------------------------------------------------------------------------- */

static void
set_text(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
}

void
oracle_folders_name(OracleFolders *self, gint64 key, const char *name)
{
	Place *place = get_place(self, key);

	g_ptr_array_add(place->names, g_strdup(name));
	set_text(&place->name, name);
	set_text(&place->their_name, NULL);
}

void
oracle_folders_put(OracleFolders *self, gint64 key, gint64 parent)
{
	Place *place = get_place(self, key);

	place->parent = parent;
	place->put = TRUE;
	set_text(&place->their_parent, NULL);
}

/* By a name that it ever had, or the one that it has. */
static gboolean
is_named(OracleFolders *self, const char *text, const Place *place)
{
	g_autoptr(StoreFolder) folder = store_account_get_folder(self->home->account, place->key, NULL);

	for (guint i = 0; i <= place->names->len; i++) {
		const char *name = i < place->names->len ? g_ptr_array_index(place->names, i)
				   : folder != NULL	 ? folder->name
							 : "";
		g_autofree char *quoted = g_strdup_printf("“%s”", name);

		if (strstr(text, quoted) != NULL)
			return TRUE;
	}
	return FALSE;
}

void
oracle_folders_hear(OracleFolders *self, const char *text)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, self->places);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		Place *place = value;

		place->loose |= is_named(self, text, place);
	}
}

/* ---- what another client does ----------------------------------------------------------------------------------- */

static Place *
find_theirs(OracleFolders *self, const char *id)
{
	const gint64 *key = g_hash_table_lookup(self->keys, id);

	return key != NULL ? get_place(self, *key) : NULL;
}

/* What the host wants is at the server by now, and nothing comes after theirs. */
static gboolean
is_quiet(OracleFolders *self)
{
	return store_account_count_waiting(self->home->account) == 0;
}

void
oracle_folders_they_name(OracleFolders *self, const char *id, const char *before, const char *name)
{
	Place *place = find_theirs(self, id);

	if (place == NULL)
		return;
	g_ptr_array_add(place->names, g_strdup(before));
	g_ptr_array_add(place->names, g_strdup(name));
	set_text(&place->their_name, name);
	if (is_quiet(self))
		set_text(&place->name, NULL);
}

void
oracle_folders_they_put(OracleFolders *self, const char *id, const char *parent)
{
	Place *place = find_theirs(self, id);

	if (place == NULL)
		return;
	set_text(&place->their_parent, parent);
	if (is_quiet(self))
		place->put = FALSE;
}

gint64
oracle_folders_they_remove(OracleFolders *self, const char *id)
{
	const gint64 *key = g_hash_table_lookup(self->keys, id);

	if (key == NULL)
		return 0;
	g_hash_table_add(self->removed, g_memdup2(key, sizeof *key));
	return *key;
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

static gboolean
is_loose(OracleFolders *self, gint64 key, guint depth)
{
	const Place *place = g_hash_table_lookup(self->places, &key);

	return place != NULL &&
	       (depth > DEEPEST || place->loose || (place->put && is_loose(self, place->parent, depth + 1)));
}

gboolean
oracle_folders_is_loose(OracleFolders *self, gint64 key)
{
	return is_loose(self, key, 0);
}

gboolean
oracle_folders_is_removed(OracleFolders *self, gint64 key)
{
	return g_hash_table_contains(self->removed, &key);
}

static gboolean
has_name(const Place *place, const StoreFolder *folder)
{
	return (place->name == NULL && place->their_name == NULL) || g_strcmp0(folder->name, place->name) == 0 ||
	       g_strcmp0(folder->name, place->their_name) == 0;
}

static gboolean
is_put(OracleFolders *self, const Place *place, const StoreFolder *folder)
{
	g_autoptr(StoreFolder) parent = NULL;

	if ((!place->put && place->their_parent == NULL) || (place->put && folder->parent == place->parent))
		return TRUE;
	if (place->their_parent == NULL)
		return FALSE;
	if (folder->parent == 0)
		return strcmp(place->their_parent, "msgfolderroot") == 0;
	parent = store_account_get_folder(self->home->account, folder->parent, NULL);
	return parent != NULL && g_strcmp0(parent->id, place->their_parent) == 0;
}

static char *
check_place(OracleFolders *self, const Place *place)
{
	g_autoptr(StoreFolder) folder = store_account_get_folder(self->home->account, place->key, NULL);
	const char *name = place->name != NULL ? place->name : "?";
	const char *theirs = place->their_name != NULL ? place->their_name : "?";

	if (oracle_folders_is_removed(self, place->key))
		return folder != NULL ? g_strdup_printf("the folder “%s” was removed", folder->name) : NULL;
	if (oracle_folders_is_loose(self, place->key))
		return NULL;
	if (folder == NULL)
		return g_strdup_printf("the folder “%s” is gone", name);
	if (!has_name(place, folder))
		return g_strdup_printf("the folder “%s” was to be “%s”, or theirs “%s”", folder->name, name, theirs);
	if (!is_put(self, place, folder))
		return g_strdup_printf("the folder “%s” is in %" G_GINT64_FORMAT ", not in %" G_GINT64_FORMAT,
				       folder->name, folder->parent, place->put ? place->parent : -1);
	return NULL;
}

char *
oracle_folders_find_fault(OracleFolders *self)
{
	char *fault = NULL;
	GHashTableIter iter;
	gpointer place;

	g_hash_table_iter_init(&iter, self->places);
	while (fault == NULL && g_hash_table_iter_next(&iter, NULL, &place))
		fault = check_place(self, place);
	return fault;
}
