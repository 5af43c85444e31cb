/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-account-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <gmime/gmime.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graph-message.h"
#include "oauth-error.h"
#include "store-edit.h"
#include "store-folders.h"
#include "store-import.h"
#include "store-journal.h"
#include "store-messages.h"
#include "store-mime.h"
#include "store-rescue.h"
#include "store-threads.h"

#define FIRST_PAUSE_MS 1000
#define RECONCILE_SECONDS (24 * 3600)
#define LATE_SECONDS 600

enum {
	FOLDERS_CHANGED,
	FOLDER_CHANGED,
	JOURNAL_CHANGED,
	REFUSED,
	PROGRESS,
	N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(StoreAccount, store_account, G_TYPE_OBJECT)

static gboolean
has_database(StoreAccount *self, const char *path)
{
	g_autofree char *bodies = g_build_filename(self->directory, "bodies", NULL);
	GStatBuf status;

	/* They are made after it: a first start that was interrupted has none. */
	return !g_file_test(bodies, G_FILE_TEST_IS_DIR) || (g_stat(path, &status) == 0 && status.st_size > 0);
}

/* One that is damaged is set aside, and what was in it comes from the server again. */
static gboolean
open_database(StoreAccount *self, GError **error)
{
	g_autofree char *path = g_build_filename(self->directory, "mail.db", NULL);
	g_autoptr(GError) failure = NULL;

	if (!store_rescue_finish(self->directory, error))
		return FALSE;
	if (has_database(self, path)) {
		self->worker = store_db_open(path, NULL, &failure);
		if (self->worker == NULL && !g_error_matches(failure, STORE_ERROR, STORE_ERROR_DAMAGED)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return FALSE;
		}
	}
	if (self->worker == NULL) {
		if (!store_rescue_run(self->directory, error))
			return FALSE;
		self->worker = store_db_open(path, NULL, error);
	}
	self->host = self->worker != NULL ? store_db_open(path, self->worker, error) : NULL;
	return self->host != NULL;
}

static gboolean
begin_count(StoreAccount *self, GError **error)
{
	g_autoptr(StoreTransaction) transaction = store_transaction_begin(self->worker, error);

	return transaction != NULL && store_rescue_begin_count(self->worker, error) &&
	       store_transaction_commit(&transaction, error);
}

/* One that was in use before there was a numbering has none. */
static gboolean
read_numbering(StoreAccount *self, GError **error)
{
	g_autofree char *numbering = NULL;

	if (store_db_get_integer(self->worker, 1, NULL, "SELECT count(*) FROM sqlite_sequence", "") == 0 &&
	    !begin_count(self, error))
		return FALSE;
	numbering = store_account_get_value(self->worker, "numbering");
	self->numbering = numbering != NULL ? g_ascii_strtoll(numbering, NULL, 10) : 0;
	return TRUE;
}

StoreAccount *
store_account_new(const char *directory, GraphClient *client, GError **error)
{
	static gsize once;
	g_autoptr(StoreAccount) self = g_object_new(STORE_TYPE_ACCOUNT, NULL);

	if (g_once_init_enter(&once)) {
		g_mime_init();
		g_once_init_leave(&once, 1);
	}
	self->directory = g_strdup(directory);
	self->client = g_object_ref(client);
	if (g_mkdir_with_parents(directory, 0700) != 0 || chmod(directory, 0700) != 0) {
		store_account_fail_on_disk(error);
		return NULL;
	}
	self->lock = store_account_lock(directory, error);
	if (self->lock < 0 || !open_database(self, error) || !read_numbering(self, error))
		return NULL;
	self->bodies = store_bodies_new(directory, error);
	return self->bodies != NULL ? g_steal_pointer(&self) : NULL;
}

char *
store_account_get_value(StoreDb *db, const char *name)
{
	return store_db_get_text(db, NULL, "SELECT value FROM account WHERE name = ?", "s", name);
}

gboolean
store_account_set_value(StoreDb *db, const char *name, const char *value, GError **error)
{
	return store_db_run(db, error, "INSERT OR REPLACE INTO account (name, value) VALUES (?, ?)", "ss", name, value);
}

gboolean
store_account_bind_owner(StoreAccount *self, const char *home, GError **error)
{
	g_autofree char *owner = store_account_get_value(self->host, "home");

	if (owner == NULL)
		return store_account_set_value(self->host, "home", home, error);
	if (g_str_equal(owner, home))
		return TRUE;
	g_set_error_literal(error, OAUTH_ERROR, OAUTH_ERROR_WRONG_ACCOUNT,
			    _("Somebody else signed in than the person whose mail is stored here."));
	return FALSE;
}

char *
store_account_get_owner(StoreAccount *self)
{
	return store_account_get_value(self->host, "home");
}

gboolean
store_account_has_owner(StoreAccount *self)
{
	g_autofree char *owner = store_account_get_value(self->host, "home");
	g_autofree char *left = store_account_get_value(self->host, "left");

	return owner != NULL || left != NULL;
}

gboolean
store_account_note_left(StoreAccount *self, GError **error)
{
	return store_account_set_value(self->host, "left", "1", error);
}

gint64
store_account_get_numbering(StoreAccount *self)
{
	return self->numbering;
}

char *
store_account_take_notice(StoreAccount *self)
{
	char *notice = store_account_get_value(self->host, "notice");

	if (notice != NULL)
		store_db_run(self->host, NULL, "DELETE FROM account WHERE name = 'notice'", "");
	return notice;
}

char *
store_account_get_address(StoreAccount *self)
{
	return store_account_get_value(self->host, "address");
}

gboolean
store_account_is_read_only(StoreAccount *self)
{
	g_autofree char *value = store_account_get_value(self->host, "read_only");

	return g_strcmp0(value, "1") == 0;
}

char *
store_account_get_display_name(StoreAccount *self)
{
	return store_account_get_value(self->host, "display_name");
}

void
store_account_set_draft_delay(StoreAccount *self, guint seconds)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	self->draft_delay = seconds;
}

void
store_account_set_reconcile_interval(StoreAccount *self, guint seconds)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	self->reconcile_after = seconds;
}

void
store_account_set_late_after(StoreAccount *self, guint seconds)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	self->late_after = seconds;
}

void
store_account_set_patience(StoreAccount *self, guint milliseconds)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->settings);

	self->patience = milliseconds;
}

static void
tell(StoreAccount *self, StoreChanges *changes)
{
	GHashTableIter iter;
	gpointer folder;
	gpointer arrived;

	for (guint i = 0; i < changes->bodies->len; i++)
		store_bodies_remove(self->bodies, g_array_index(changes->bodies, gint64, i));
	if (changes->tree)
		g_signal_emit(self, signals[FOLDERS_CHANGED], 0);
	g_hash_table_iter_init(&iter, changes->folders);
	while (g_hash_table_iter_next(&iter, &folder, &arrived))
		g_signal_emit(self, signals[FOLDER_CHANGED], 0, *(gint64 *)folder, GPOINTER_TO_UINT(arrived));
	if (changes->journal)
		g_signal_emit(self, signals[JOURNAL_CHANGED], 0, store_account_count_waiting(self));
	for (guint i = 0; i < changes->refused->len; i++)
		g_signal_emit(self, signals[REFUSED], 0, g_ptr_array_index(changes->refused, i));
}

gboolean
store_account_finish(StoreAccount *self, StoreTransaction **transaction, StoreChanges *changes, GError **error)
{
	if (!store_transaction_commit(transaction, error))
		return FALSE;
	tell(self, changes);
	return TRUE;
}

void
store_account_tell_progress(StoreAccount *self, const char *text, guint done, guint total)
{
	g_signal_emit(self, signals[PROGRESS], 0, text, done, total);
}

GPtrArray *
store_account_list_folders(StoreAccount *self, GError **error)
{
	return store_folders_list(self->host, error);
}

StoreFolder *
store_account_get_folder(StoreAccount *self, gint64 folder, GError **error)
{
	return store_folders_get(self->host, folder, error);
}

gint64
store_account_find_role(StoreAccount *self, StoreRole role)
{
	return store_folders_find_role(self->host, role);
}

GArray *
store_account_list_numbers(StoreAccount *self, gint64 folder, GError **error)
{
	return store_messages_list_numbers(self->host, folder, error);
}

GArray *
store_account_list_flags(StoreAccount *self, gint64 folder, GError **error)
{
	return store_messages_list_flags(self->host, folder, error);
}

GHashTable *
store_account_list_categories(StoreAccount *self, gint64 folder, GError **error)
{
	return store_messages_list_categories(self->host, folder, error);
}

GHashTable *
store_account_list_parents(StoreAccount *self, gint64 folder, GError **error)
{
	return store_threads_list_parents(self->host, folder, error);
}

GPtrArray *
store_account_list_messages(StoreAccount *self, gint64 folder, GArray *numbers, GError **error)
{
	return store_messages_list(self->host, folder, numbers, error);
}

/* A change of the host's: what it reads and writes is one transaction. */
static StoreTransaction *
begin_edit(StoreAccount *self, StoreEdit *edit, StoreChanges *changes, GError **error)
{
	*edit = (StoreEdit){.db = self->host, .bodies = self->bodies, .changes = changes};
	return store_transaction_begin(self->host, error);
}

gboolean
store_account_change_flags(StoreAccount *self, gint64 folder, GArray *numbers, StoreFlags set, StoreFlags clear,
			   GError **error)
{
	StoreEdit edit;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = begin_edit(self, &edit, changes, error);

	return transaction != NULL && store_edit_flags(&edit, folder, numbers, set, clear, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

gboolean
store_account_set_categories(StoreAccount *self, gint64 folder, guint32 number, const char *const *categories,
			     GError **error)
{
	StoreEdit edit;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = begin_edit(self, &edit, changes, error);

	return transaction != NULL && store_edit_categories(&edit, folder, number, categories, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

GArray *
store_account_move_messages(StoreAccount *self, gint64 folder, GArray *numbers, gint64 destination, GError **error)
{
	StoreEdit edit;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = begin_edit(self, &edit, changes, error);
	g_autoptr(GArray) moved =
		transaction != NULL ? store_edit_move(&edit, folder, numbers, destination, error) : NULL;

	if (moved == NULL || !store_account_finish(self, &transaction, changes, error))
		return NULL;
	return g_steal_pointer(&moved);
}

GArray *
store_account_copy_messages(StoreAccount *self, gint64 folder, GArray *numbers, gint64 destination, GError **error)
{
	StoreEdit edit;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = begin_edit(self, &edit, changes, error);
	g_autoptr(GArray) copies =
		transaction != NULL ? store_edit_copy(&edit, folder, numbers, destination, error) : NULL;

	if (copies == NULL || !store_account_finish(self, &transaction, changes, error))
		return NULL;
	return g_steal_pointer(&copies);
}

gboolean
store_account_turn_copies_into_moves(StoreAccount *self, gint64 folder, GArray *numbers, gint64 destination,
				     GArray *copies, GError **error)
{
	StoreEdit edit;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = begin_edit(self, &edit, changes, error);

	return transaction != NULL && store_edit_turn_copies(&edit, folder, numbers, destination, copies, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

gboolean
store_account_delete_messages(StoreAccount *self, gint64 folder, GArray *numbers, GError **error)
{
	StoreEdit edit;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = begin_edit(self, &edit, changes, error);

	return transaction != NULL && store_edit_delete(&edit, folder, numbers, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

static GBytes *
read_file(const char *path, gsize most, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, error);
	gsize length;

	if (file == NULL)
		return NULL;
	length = g_mapped_file_get_length(file);
	if (length <= most)
		return g_bytes_new(g_mapped_file_get_contents(file), length);
	store_import_fail_size(length, error);
	return NULL;
}

guint32
store_account_append_message(StoreAccount *self, gint64 folder, const char *path, StoreFlags flags, GError **error)
{
	return store_account_append_with_lines(self, folder, path, NULL, flags, error);
}

guint32
store_account_append_with_lines(StoreAccount *self, gint64 folder, const char *path, const char *lines,
				StoreFlags flags, GError **error)
{
	StoreEdit edit = {.db = self->host, .bodies = self->bodies};
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(GBytes) mime =
		read_file(path, flags & STORE_FLAG_DRAFT ? STORE_IMPORT_MOST_DRAFT : STORE_IMPORT_MOST, error);
	g_autoptr(StoreTransaction) transaction = NULL;
	guint32 number;

	if (mime == NULL)
		return 0;
	transaction = store_transaction_begin_durable(self->host, error);
	edit.changes = changes;
	number = transaction != NULL ? store_edit_append(&edit, folder, mime, flags, error) : 0;
	if (number != 0 && lines != NULL && !store_messages_set_lines(self->host, folder, number, lines, error))
		return 0;
	return number != 0 && store_account_finish(self, &transaction, changes, error) ? number : 0;
}

gint64
store_account_create_folder(StoreAccount *self, gint64 parent, const char *name, GError **error)
{
	StoreEdit edit;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = begin_edit(self, &edit, changes, error);
	gint64 folder = transaction != NULL ? store_edit_create_folder(&edit, parent, name, error) : 0;

	return folder != 0 && store_account_finish(self, &transaction, changes, error) ? folder : 0;
}

gboolean
store_account_rename_folder(StoreAccount *self, gint64 folder, const char *name, GError **error)
{
	StoreEdit edit;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = begin_edit(self, &edit, changes, error);

	return transaction != NULL && store_edit_rename_folder(&edit, folder, name, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

gboolean
store_account_move_folder(StoreAccount *self, gint64 folder, gint64 parent, GError **error)
{
	StoreEdit edit;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = begin_edit(self, &edit, changes, error);

	return transaction != NULL && store_edit_move_folder(&edit, folder, parent, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

gboolean
store_account_delete_folder(StoreAccount *self, gint64 folder, GError **error)
{
	StoreEdit edit;
	g_autoptr(StoreChanges) changes = store_changes_new();
	g_autoptr(StoreTransaction) transaction = begin_edit(self, &edit, changes, error);

	return transaction != NULL && store_edit_delete_folder(&edit, folder, error) &&
	       store_account_finish(self, &transaction, changes, error);
}

guint
store_account_count_waiting(StoreAccount *self)
{
	return store_journal_count(self->host);
}

guint
store_account_count_only_here(StoreAccount *self)
{
	return store_journal_count_only_here(self->host);
}

gint64
store_account_get_last_check(StoreAccount *self)
{
	g_autofree char *time = store_account_get_value(self->host, "last_check");

	return time != NULL ? g_ascii_strtoll(time, NULL, 10) : 0;
}

gboolean
store_account_pause(StoreAccount *self, guint attempt, GCancellable *cancellable, GError **error)
{
	gint64 end;
	guint patience;

	g_mutex_lock(&self->settings);
	patience = self->patience;
	g_mutex_unlock(&self->settings);
	end = g_get_monotonic_time() + ((gint64)patience << attempt) * G_TIME_SPAN_MILLISECOND;
	while (!g_cancellable_is_cancelled(cancellable)) {
		gint64 left = (end - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND;
		GPollFD poll = {0};

		if (left <= 0)
			break;
		if (g_cancellable_make_pollfd(cancellable, &poll)) {
			g_poll(&poll, 1, (gint)MIN(left, G_MAXINT));
			g_cancellable_release_fd(cancellable);
		} else {
			g_usleep(left * G_TIME_SPAN_MILLISECOND);
		}
	}
	return !g_cancellable_set_error_if_cancelled(cancellable, error);
}

gboolean
store_account_check(StoreAccount *self, gint64 open, gboolean thorough, GCancellable *cancellable, GError **error)
{
	if (!store_check_run(self, open, thorough, cancellable, error))
		return FALSE;
	store_outbox_tidy(self, cancellable);
	return TRUE;
}

/* What this run left in doubt; a failure is for the next check to tell. */
static gboolean
resolve(StoreAccount *self, gboolean done, GCancellable *cancellable)
{
	g_autoptr(GError) failure = NULL;

	if (done && !store_reconcile_doubts(self, cancellable, &failure))
		graph_client_log(self->client, failure->message);
	return done;
}

gboolean
store_account_sync_folder(StoreAccount *self, gint64 folder, GCancellable *cancellable, GError **error)
{
	return resolve(self, store_sync_run(self, folder, cancellable, error), cancellable);
}

gboolean
store_account_push(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	return resolve(self, store_push_run(self, FALSE, cancellable, error), cancellable);
}

gboolean
store_account_flush(StoreAccount *self, GCancellable *cancellable, GError **error)
{
	return resolve(self, store_push_run(self, TRUE, cancellable, error), cancellable);
}

gboolean
store_account_send(StoreAccount *self, GBytes *mime, const char *const *recipients, GCancellable *cancellable,
		   GError **error)
{
	g_autoptr(StoreDigest) digest = store_digest_new(mime, recipients);

	return store_outbox_send(self, digest, mime, recipients, NULL, cancellable, error);
}

static void
store_account_finalize(GObject *object)
{
	StoreAccount *self = STORE_ACCOUNT(object);

	g_clear_object(&self->host);
	g_clear_object(&self->worker);
	g_clear_object(&self->client);
	g_clear_error(&self->full);
	g_hash_table_unref(self->plain);
	store_bodies_free(self->bodies);
	store_gate_free(self->gate);
	store_settled_free(self->settled);
	if (self->lock >= 0)
		close(self->lock);
	g_free(self->directory);
	g_weak_ref_clear(&self->heir);
	g_mutex_clear(&self->passing);
	g_mutex_clear(&self->settings);
	G_OBJECT_CLASS(store_account_parent_class)->finalize(object);
}

static void
store_account_class_init(StoreAccountClass *klass)
{
	GType type = G_TYPE_FROM_CLASS(klass);

	G_OBJECT_CLASS(klass)->finalize = store_account_finalize;
	signals[FOLDERS_CHANGED] =
		g_signal_new("folders-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[FOLDER_CHANGED] = g_signal_new("folder-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
					       G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_UINT);
	signals[JOURNAL_CHANGED] = g_signal_new("journal-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
						G_TYPE_NONE, 1, G_TYPE_UINT);
	signals[REFUSED] =
		g_signal_new("refused", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
	signals[PROGRESS] = g_signal_new("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
					 G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT);
}

static void
store_account_init(StoreAccount *self)
{
	self->plain = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	g_mutex_init(&self->settings);
	g_mutex_init(&self->passing);
	g_weak_ref_init(&self->heir, NULL);
	self->lock = -1;
	self->gate = store_gate_new();
	self->settled = store_settled_new();
	self->draft_delay = STORE_DRAFT_DELAY;
	self->patience = FIRST_PAUSE_MS;
	self->page_size = STORE_PAGE_SIZE;
	self->reconcile_after = RECONCILE_SECONDS;
	self->late_after = LATE_SECONDS;
}
