/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oracle.h"

#include <string.h>

#include "oracle-folders.h"

typedef enum {
	THERE,
	MAYBE,
	GONE,
} Fate;

typedef struct _Mail Mail;
struct _Mail {
	char *subject;
	char *id;	/* %NULL: not known yet */
	Mail *original; /* of a copy */
	Mail *older;	/* of a version */
	gint64 folder;
	guint32 number;
	Fate fate;
	gboolean removed; /* by another client, with its folder */
	gboolean spared;  /* refused after its original was removed: one of them is there */
	guint wanted;	  /* bits of OracleField: must be @value */
	guint contested;  /* bits: they set it to @theirs, and the host may not see it yet */
	gint64 value[ORACLE_FIELDS];
	gint64 theirs[ORACLE_FIELDS];
};

struct _Oracle {
	Home *home;
	GPtrArray *mails;  /* of Mail */
	GHashTable *by_id; /* id → Mail */
	OracleFolders *folders;
	guint heard; /* of what was refused */
};

static void
mail_free(gpointer data)
{
	Mail *mail = data;

	g_free(mail->subject);
	g_free(mail->id);
	g_free(mail);
}

Oracle *
oracle_new(Home *home)
{
	Oracle *self = g_new0(Oracle, 1);

	self->home = home;
	self->mails = g_ptr_array_new_with_free_func(mail_free);
	self->by_id = g_hash_table_new(g_str_hash, g_str_equal);
	self->folders = oracle_folders_new(home);
	return self;
}

void
oracle_free(Oracle *self)
{
	g_hash_table_unref(self->by_id);
	g_ptr_array_unref(self->mails);
	oracle_folders_free(self->folders);
	g_free(self);
}

gint64
oracle_join_categories(const char *const *categories)
{
	g_autofree char *text = g_strjoinv(",", (char **)categories);

	return g_quark_from_string(text);
}

gint64
oracle_read(const StoreMessage *message, gint64 folder, OracleField field)
{
	switch (field) {
	case ORACLE_PLACE:
		return folder;
	case ORACLE_READ:
		return (message->flags & STORE_FLAG_READ) != 0;
	case ORACLE_FLAG:
		return message->flags & (STORE_FLAG_FLAGGED | STORE_FLAG_COMPLETE);
	case ORACLE_IMPORTANCE:
		return message->flags & (STORE_FLAG_HIGH | STORE_FLAG_LOW);
	case ORACLE_CATEGORIES:
		return oracle_join_categories((const char *const *)message->categories);
	default:
		g_assert_not_reached();
	}
}

/* ---- who is who ------------------------------------------------------------------------------------------------- */

static Mail *
add_mail(Oracle *self, const char *subject, const char *id)
{
	Mail *mail = g_new0(Mail, 1);

	mail->subject = g_strdup(subject);
	mail->id = g_strdup(id);
	g_ptr_array_add(self->mails, mail);
	if (id != NULL)
		g_hash_table_insert(self->by_id, mail->id, mail);
	return mail;
}

static Mail *
find_at(Oracle *self, gint64 folder, guint32 number)
{
	for (guint i = 0; i < self->mails->len; i++) {
		Mail *mail = g_ptr_array_index(self->mails, i);

		if (mail->fate != GONE && mail->folder == folder && mail->number == number && number != 0)
			return mail;
	}
	return NULL;
}

/* One that was made here, has an id by now and lies elsewhere: another of its kind would do as well. */
static Mail *
find_nameless(Oracle *self, const StoreMessage *message)
{
	Mail *found = NULL;

	for (guint i = 0; i < self->mails->len; i++) {
		Mail *mail = g_ptr_array_index(self->mails, i);

		if (mail->id != NULL || mail->fate == GONE || strcmp(mail->subject, message->subject) != 0)
			continue;
		if (found != NULL)
			found->wanted = mail->wanted = 0;
		found = mail;
	}
	return found;
}

static gboolean
is_folder_gone(Oracle *self, gint64 folder)
{
	g_autoptr(StoreFolder) found = store_account_get_folder(self->home->account, folder, NULL);

	return found == NULL;
}

/* One that was made here, and that outlived its folder. */
static Mail *
find_saved(Oracle *self, const StoreMessage *message)
{
	for (guint i = 0; i < self->mails->len; i++) {
		Mail *mail = g_ptr_array_index(self->mails, i);

		if (mail->id == NULL && mail->fate != GONE && strcmp(mail->subject, message->subject) == 0 &&
		    is_folder_gone(self, mail->folder))
			return mail;
	}
	return NULL;
}

static void
see(Oracle *self, gint64 folder, const StoreMessage *message, gboolean quiet)
{
	Mail *mail = message->id != NULL ? g_hash_table_lookup(self->by_id, message->id) : NULL;

	if (mail == NULL) {
		mail = find_at(self, folder, message->number);
		if (mail != NULL && strcmp(mail->subject, message->subject) != 0)
			mail = NULL;
		if (mail != NULL && mail->id != NULL)
			mail = NULL;
	}
	if (mail == NULL)
		mail = message->id != NULL ? find_nameless(self, message) : find_saved(self, message);
	if (mail == NULL)
		return;
	mail->folder = folder;
	mail->number = message->number;
	if (mail->id == NULL && message->id != NULL) {
		mail->id = g_strdup(message->id);
		g_hash_table_insert(self->by_id, mail->id, mail);
	}
	for (guint field = 0; quiet && field < ORACLE_FIELDS; field++) {
		if (oracle_read(message, folder, field) == mail->theirs[field])
			mail->contested &= ~(1U << field);
	}
}

/* ---- what was refused ------------------------------------------------------------------------------------------- */

static gboolean
names(const char *text, const char *name)
{
	g_autofree char *quoted = g_strdup_printf("“%s”", name);

	return strstr(text, quoted) != NULL;
}

static gboolean
is_awaited_copy(const Mail *mail)
{
	return mail->original != NULL && mail->id == NULL && mail->fate == THERE;
}

/* The original of one that was not made is not removed then. Of several copies of a mail nothing tells which it was. */
static void
hear_of_copies(Oracle *self, const char *text)
{
	g_autoptr(GPtrArray) copies = g_ptr_array_new();

	for (guint i = 0; i < self->mails->len; i++) {
		Mail *mail = g_ptr_array_index(self->mails, i);

		if (is_awaited_copy(mail) && names(text, mail->subject))
			g_ptr_array_add(copies, mail);
	}
	for (guint i = 0; i < copies->len; i++) {
		Mail *copy = g_ptr_array_index(copies, i);

		copy->spared = copy->original->fate == GONE && !copy->original->removed;
		copy->fate = copies->len > 1 ? MAYBE : GONE;
		if (!copy->spared)
			continue;
		copy->original->fate = copies->len > 1 ? MAYBE : THERE;
		copy->original->wanted = 0;
	}
}

/* The server has none that is newer. */
static void
spare_versions(Mail *mail)
{
	for (mail = mail->older; mail != NULL && mail->fate == GONE; mail = mail->older) {
		mail->fate = MAYBE;
		mail->wanted = 0;
	}
}

static void
hear_of_mail(Oracle *self, const char *text, Mail *mail)
{
	if (strstr(text, " to mark ") != NULL)
		mail->wanted &= 1U << ORACLE_PLACE;
	else if (strstr(text, " to move ") != NULL)
		mail->wanted &= ~(1U << ORACLE_PLACE);
	else if (strstr(text, " to store ") != NULL)
		spare_versions(mail);
	else if (strstr(text, " to delete ") != NULL && mail->fate == GONE && !mail->removed)
		mail->fate = MAYBE;
}

static void
hear(Oracle *self)
{
	for (; self->heard < self->home->refused->len; self->heard++) {
		const char *text = g_ptr_array_index(self->home->refused, self->heard);

		g_assert_true(g_str_has_prefix(text, "The server refused to "));
		if (strstr(text, " the message ") == NULL)
			oracle_folders_hear(self->folders, text);
		else if (strstr(text, " to copy ") != NULL)
			hear_of_copies(self, text);
		for (guint i = 0; i < self->mails->len; i++) {
			Mail *mail = g_ptr_array_index(self->mails, i);

			if (names(text, mail->subject))
				hear_of_mail(self, text, mail);
		}
	}
}

void
oracle_look(Oracle *self)
{
	gboolean quiet = store_account_count_waiting(self->home->account) == 0;
	g_autoptr(GPtrArray) folders = store_account_list_folders(self->home->account, NULL);

	g_assert_nonnull(folders);
	oracle_folders_look(self->folders);
	for (guint i = 0; i < folders->len; i++) {
		gint64 folder = ((StoreFolder *)g_ptr_array_index(folders, i))->key;
		g_autoptr(GPtrArray) messages = store_account_list_messages(self->home->account, folder, NULL, NULL);

		g_assert_nonnull(messages);
		for (guint j = 0; j < messages->len; j++)
			see(self, folder, g_ptr_array_index(messages, j), quiet);
	}
	hear(self);
}

/* ---- what the host does ----------------------------------------------------------------------------------------- */

static void
want(Mail *mail, OracleField field, gint64 value)
{
	mail->value[field] = value;
	if (mail->contested & 1U << field)
		mail->wanted &= ~(1U << field);
	else
		mail->wanted |= 1U << field;
}

/* A folder that is there no more, as the host will learn, keeps nothing. */
static void
put(Oracle *self, Mail *mail, gint64 folder, guint32 number)
{
	mail->folder = folder;
	mail->number = number;
	want(mail, ORACLE_PLACE, folder);
	if (oracle_folders_is_removed(self->folders, folder))
		mail->wanted &= ~(1U << ORACLE_PLACE);
}

void
oracle_appended(Oracle *self, gint64 folder, guint32 number, const char *subject)
{
	put(self, add_mail(self, subject, NULL), folder, number);
}

void
oracle_replaces(Oracle *self, gint64 folder, guint32 number, guint32 older)
{
	Mail *mail = find_at(self, folder, number);

	if (mail != NULL)
		mail->older = find_at(self, folder, older);
}

void
oracle_copied(Oracle *self, gint64 folder, guint32 number, gint64 destination, guint32 copy)
{
	Mail *original = find_at(self, folder, number);
	Mail *mail;

	if (original == NULL || copy == 0)
		return;
	mail = add_mail(self, original->subject, NULL);
	memcpy(mail->value, original->value, sizeof mail->value);
	mail->wanted = original->wanted;
	mail->original = original;
	put(self, mail, destination, copy);
}

void
oracle_moved(Oracle *self, gint64 folder, guint32 number, gint64 destination, guint32 moved)
{
	Mail *mail = find_at(self, folder, number);

	if (mail != NULL && moved != 0)
		put(self, mail, destination, moved);
}

void
oracle_set(Oracle *self, gint64 folder, guint32 number, OracleField field, gint64 value)
{
	Mail *mail = find_at(self, folder, number);

	if (mail != NULL)
		want(mail, field, value);
}

void
oracle_deleted(Oracle *self, gint64 folder, guint32 number)
{
	Mail *mail = find_at(self, folder, number);

	if (mail != NULL)
		mail->fate = GONE;
}

void
oracle_named_folder(Oracle *self, gint64 folder, const char *name)
{
	oracle_folders_name(self->folders, folder, name);
}

void
oracle_put_folder(Oracle *self, gint64 folder, gint64 parent)
{
	oracle_folders_put(self->folders, folder, parent);
}

/* ---- what another client does ----------------------------------------------------------------------------------- */

void
oracle_they_delivered(Oracle *self, const char *id, const char *subject)
{
	add_mail(self, subject, id);
}

void
oracle_they_set(Oracle *self, const char *id, OracleField field, gint64 value)
{
	Mail *mail = g_hash_table_lookup(self->by_id, id);

	g_assert_nonnull(mail);
	mail->wanted &= ~(1U << field);
	mail->contested |= 1U << field;
	mail->theirs[field] = value;
}

void
oracle_they_deleted(Oracle *self, const char *id)
{
	Mail *mail = g_hash_table_lookup(self->by_id, id);

	g_assert_nonnull(mail);
	mail->fate = GONE;
}

void
oracle_they_named_folder(Oracle *self, const char *id, const char *before, const char *name)
{
	oracle_folders_they_name(self->folders, id, before, name);
}

void
oracle_they_put_folder(Oracle *self, const char *id, const char *parent)
{
	oracle_folders_they_put(self->folders, id, parent);
}

/* What the host had not learnt to be there it may make once more. */
void
oracle_they_removed_mail(Oracle *self, const char *id, const char *subject)
{
	Mail *known = g_hash_table_lookup(self->by_id, id);

	if (known != NULL) {
		known->fate = GONE;
		known->removed = TRUE;
	}
	for (guint i = 0; known == NULL && i < self->mails->len; i++) {
		Mail *mail = g_ptr_array_index(self->mails, i);

		if (mail->id != NULL || mail->fate != THERE || strcmp(mail->subject, subject) != 0)
			continue;
		mail->fate = MAYBE;
		mail->wanted = 0;
	}
}

/* What was on its way to it is somewhere else in the end. */
void
oracle_they_removed_folder(Oracle *self, const char *id)
{
	gint64 folder = oracle_folders_they_remove(self->folders, id);

	for (guint i = 0; folder != 0 && i < self->mails->len; i++) {
		Mail *mail = g_ptr_array_index(self->mails, i);

		if (mail->value[ORACLE_PLACE] == folder)
			mail->wanted &= ~(1U << ORACLE_PLACE);
	}
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

typedef struct {
	gint64 folder;
	StoreMessage *message;
	const Mail *taken;
} Found;

static void
found_free(gpointer data)
{
	store_message_free(((Found *)data)->message);
	g_free(data);
}

/* subject → GPtrArray of Found */
static GHashTable *
list_found(Oracle *self)
{
	GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	g_autoptr(GPtrArray) folders = store_account_list_folders(self->home->account, NULL);

	for (guint i = 0; i < folders->len; i++) {
		gint64 folder = ((StoreFolder *)g_ptr_array_index(folders, i))->key;
		g_autoptr(GPtrArray) messages = store_account_list_messages(self->home->account, folder, NULL, NULL);

		while (messages->len > 0) {
			Found *one = g_new0(Found, 1);
			GPtrArray *same;

			one->folder = folder;
			one->message = g_ptr_array_steal_index_fast(messages, 0);
			same = g_hash_table_lookup(found, one->message->subject);
			if (same == NULL) {
				same = g_ptr_array_new_with_free_func(found_free);
				g_hash_table_insert(found, g_strdup(one->message->subject), same);
			}
			g_ptr_array_add(same, one);
		}
	}
	return found;
}

static gboolean
fits(Oracle *self, const Mail *mail, const Found *found)
{
	if (mail->id != NULL && g_strcmp0(mail->id, found->message->id) != 0)
		return FALSE;
	for (guint field = 0; field < ORACLE_FIELDS; field++) {
		if (!(mail->wanted & 1U << field) ||
		    (field == ORACLE_PLACE && oracle_folders_is_loose(self->folders, mail->value[field])))
			continue;
		if (oracle_read(found->message, found->folder, field) != mail->value[field])
			return FALSE;
	}
	return TRUE;
}

/* Gives each wanted mail from the @i-th on one that was found, each found one to one mail at most. */
static gboolean
assign(Oracle *self, GPtrArray *mails, guint i, GPtrArray *found)
{
	const Mail *mail = i < mails->len ? g_ptr_array_index(mails, i) : NULL;

	if (mail == NULL) {
		for (guint j = 0; j < found->len; j++) {
			if (((Found *)g_ptr_array_index(found, j))->taken == NULL)
				return FALSE;
		}
		return TRUE;
	}
	for (guint j = 0; j < found->len && mail->fate != GONE; j++) {
		Found *one = g_ptr_array_index(found, j);

		if (one->taken != NULL || !fits(self, mail, one))
			continue;
		one->taken = mail;
		if (assign(self, mails, i + 1, found))
			return TRUE;
		one->taken = NULL;
	}
	return mail->fate != THERE && assign(self, mails, i + 1, found);
}

static void
write_values(GString *text, const gint64 *value, guint which)
{
	static const char *const words[] = {"folder", "read", "flag", "importance"};

	for (guint field = 0; field < ORACLE_CATEGORIES; field++) {
		if (which & 1U << field)
			g_string_append_printf(text, " %s %" G_GINT64_FORMAT, words[field], value[field]);
	}
	if (which & 1U << ORACLE_CATEGORIES)
		g_string_append_printf(text, " tags “%s”", g_quark_to_string((GQuark)value[ORACLE_CATEGORIES]));
}

static char *
describe(const char *subject, GPtrArray *mails, GPtrArray *found)
{
	static const char *const fates[] = {"there", "there or refused", "gone"};
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "“%s” was to be", subject);
	for (guint i = 0; i < mails->len; i++) {
		const Mail *mail = g_ptr_array_index(mails, i);

		g_string_append_printf(text, "%s %s", i > 0 ? " and" : "", fates[mail->fate]);
		write_values(text, mail->value, mail->fate != GONE ? mail->wanted : 0);
	}
	g_string_append(text, ", and is");
	for (guint i = 0; i < found->len; i++) {
		const Found *one = g_ptr_array_index(found, i);
		gint64 value[ORACLE_FIELDS];

		for (guint field = 0; field < ORACLE_FIELDS; field++)
			value[field] = oracle_read(one->message, one->folder, field);
		g_string_append(text, i > 0 ? " and there" : " there");
		write_values(text, value, (1U << ORACLE_FIELDS) - 1);
	}
	return g_string_free(g_string_append(text, found->len > 0 ? "" : " nowhere"), FALSE);
}

static GPtrArray *
list_mails(Oracle *self, const char *subject)
{
	GPtrArray *mails = g_ptr_array_new();

	for (guint i = 0; i < self->mails->len; i++) {
		Mail *mail = g_ptr_array_index(self->mails, i);

		if (strcmp(mail->subject, subject) == 0)
			g_ptr_array_add(mails, mail);
	}
	return mails;
}

static gboolean
is_one_spared(GPtrArray *mails)
{
	for (guint i = 0; i < mails->len; i++) {
		const Mail *mail = g_ptr_array_index(mails, i);

		if (mail->spared && mail->fate == MAYBE && mail->original->fate != GONE)
			return TRUE;
	}
	return FALSE;
}

static char *
check_subject(Oracle *self, const char *subject, GHashTable *all)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	g_autoptr(GPtrArray) mails = list_mails(self, subject);
	GPtrArray *found = g_hash_table_lookup(all, subject);

	if (found == NULL)
		found = none;
	for (guint i = 0; i < found->len; i++)
		((Found *)g_ptr_array_index(found, i))->taken = NULL;
	return assign(self, mails, 0, found) && (found->len > 0 || !is_one_spared(mails))
		       ? NULL
		       : describe(subject, mails, found);
}

char *
oracle_find_fault(Oracle *self)
{
	g_autoptr(GHashTable) all = NULL;
	char *fault = NULL;
	GHashTableIter iter;
	gpointer subject;

	oracle_look(self);
	all = list_found(self);
	for (guint i = 0; i < self->mails->len && fault == NULL; i++)
		fault = check_subject(self, ((Mail *)g_ptr_array_index(self->mails, i))->subject, all);
	g_hash_table_iter_init(&iter, all);
	while (fault == NULL && g_hash_table_iter_next(&iter, &subject, NULL))
		fault = check_subject(self, subject, all);
	return fault != NULL ? fault : oracle_folders_find_fault(self->folders);
}
