/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-loader.h"

#include <gio/gio.h>
#include <string.h>

#include "sim-data.h"
#include "sim-mime.h"
#include "sim-send.h"
#include "sim-text.h"

#define INVENTED "/org/example/simulator"

static const struct {
	const char *role;
	const char *english;
	const char *german;
} usual[] = {
	{"inbox", "Inbox", "Posteingang"},
	{"drafts", "Drafts", "Entwürfe"},
	{"sentitems", "Sent Items", "Gesendete Elemente"},
	{"deleteditems", "Deleted Items", "Gelöschte Elemente"},
	{"junkemail", "Junk Email", "Junk-E-Mail"},
	{"archive", "Archive", "Archiv"},
	{"outbox", "Outbox", "Postausgang"},
	{"conversationhistory", "Conversation History", "Aufgezeichnete Unterhaltungen"},
};

static void
add_usual_folders(SimMailbox *mailbox)
{
	gboolean german = g_str_has_prefix(mailbox->language, "de");
	SimFolder *folder;

	for (guint i = 0; i < G_N_ELEMENTS(usual); i++)
		sim_mailbox_add_folder(mailbox, mailbox->root, german ? usual[i].german : usual[i].english,
				       usual[i].role);
	/* outside of what people see */
	sim_mailbox_add_folder(mailbox, NULL, "Recoverable Items Deletions", "recoverableitemsdeletions")->hidden =
		TRUE;
	sim_mailbox_add_folder(mailbox, NULL, "Finder", "searchfolders")->hidden = TRUE;
	folder = sim_mailbox_add_folder(mailbox, mailbox->root, "PersonMetadata", NULL);
	folder->hidden = TRUE;
	folder = sim_mailbox_add_folder(mailbox, mailbox->root, german ? "Wochenberichte" : "Weekly digests", NULL);
	folder->filter_query = g_strdup("contains(subject, 'weekly digest')");
}

static GKeyFile *
read_notes(GFile *directory)
{
	g_autoptr(GFile) file = g_file_get_child(directory, ".mailbox");
	GKeyFile *notes = g_key_file_new();
	g_autofree char *text = NULL;
	gsize length;

	if (g_file_load_contents(file, NULL, &text, &length, NULL, NULL))
		g_key_file_load_from_data(notes, text, length, G_KEY_FILE_NONE, NULL);
	return notes;
}

static SimFolder *
find_or_add_folder(SimMailbox *mailbox, SimFolder *parent, const char *basename, GKeyFile *notes)
{
	g_autofree char *name = g_key_file_get_string(notes, "folder", "name", NULL);
	g_autofree char *role = g_key_file_get_string(notes, "folder", "role", NULL);
	g_autofree char *clean = sim_text_clean(basename, -1);
	SimFolder *folder = role != NULL ? sim_mailbox_get_well_known(mailbox, role) : NULL;

	for (guint i = 0; i < G_N_ELEMENTS(usual) && folder == NULL && parent == mailbox->root; i++) {
		if (g_ascii_strcasecmp(basename, usual[i].role) == 0 ||
		    g_ascii_strcasecmp(basename, usual[i].english) == 0)
			folder = sim_mailbox_get_well_known(mailbox, usual[i].role);
	}
	if (folder == NULL)
		folder = sim_mailbox_get_child(mailbox, parent, name != NULL ? name : clean);
	if (folder == NULL)
		folder = sim_mailbox_add_folder(mailbox, parent, name != NULL ? name : clean, NULL);
	else if (name != NULL)
		sim_mailbox_rename_folder(mailbox, folder, name);
	folder->hidden = g_key_file_get_boolean(notes, "folder", "hidden", NULL);
	return folder;
}

static void
apply_notes(SimMessage *message, GKeyFile *notes, const char *name)
{
	static const struct {
		const char *word;
		const char *verb;
		const char *icon;
	} answers[] = {{"reply", "102", "261"}, {"replyall", "103", "261"}, {"forward", "104", "262"}};
	static const char *const flags[] = {"flagged", "complete", "notFlagged"};
	static const char *const importances[] = {"low", "normal", "high"};
	g_autofree char *flag = g_key_file_get_string(notes, name, "flag", NULL);
	g_autofree char *importance = g_key_file_get_string(notes, name, "importance", NULL);
	g_autofree char *answered = g_key_file_get_string(notes, name, "answered", NULL);
	g_autofree char *received = g_key_file_get_string(notes, name, "received", NULL);

	message->is_read = g_key_file_get_boolean(notes, name, "read", NULL);
	message->is_draft = g_key_file_get_boolean(notes, name, "draft", NULL);
	message->categories = g_key_file_get_string_list(notes, name, "categories", NULL, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(flags); i++) {
		if (g_strcmp0(flag, flags[i]) == 0)
			message->flag_status = flags[i];
	}
	for (guint i = 0; i < G_N_ELEMENTS(importances); i++) {
		if (g_strcmp0(importance, importances[i]) == 0)
			message->importance = importances[i];
	}
	for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
		if (g_strcmp0(answered, answers[i].word) == 0) {
			sim_message_set_extended(message, "Integer 0x1081", answers[i].verb);
			sim_message_set_extended(message, "Integer 0x1080", answers[i].icon);
		}
	}
	if (received != NULL)
		sim_text_parse_time(received, &message->received);
}

static gboolean
load_message(SimMailbox *mailbox, SimFolder *folder, GFile *file, const char *name, GKeyFile *notes, GError **error)
{
	g_autoptr(GBytes) mime = g_file_load_bytes(file, NULL, NULL, error);
	SimMessage *message;

	if (mime == NULL)
		return FALSE;
	message = sim_message_new();
	sim_mime_read_message(message, mime);
	message->received = message->sent;
	apply_notes(message, notes, name);
	message->created = message->modified = message->received;
	message->is_from_me =
		message->from != NULL && g_ascii_strcasecmp(message->from->address, mailbox->address) == 0;
	sim_mailbox_add_message(mailbox, folder, message);
	return TRUE;
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean
load_directory(SimMailbox *mailbox, SimFolder *folder, GFile *directory, GError **error)
{
	g_autoptr(GFileEnumerator) enumerator =
		g_file_enumerate_children(directory, G_FILE_ATTRIBUTE_STANDARD_NAME "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
					  G_FILE_QUERY_INFO_NONE, NULL, error);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GKeyFile) notes = NULL;
	GFileInfo *info = NULL;

	if (enumerator == NULL)
		return FALSE;
	for (;;) {
		if (!g_file_enumerator_iterate(enumerator, &info, NULL, NULL, error))
			return FALSE;
		if (info == NULL)
			break;
		/* directories are told from files by a slash, which sorts them as well */
		g_ptr_array_add(names,
				g_strconcat(g_file_info_get_name(info),
					    g_file_info_get_file_type(info) == G_FILE_TYPE_DIRECTORY ? "/" : NULL,
					    NULL));
	}
	g_ptr_array_sort(names, compare_names);
	notes = read_notes(directory);
	for (guint i = 0; i < names->len; i++) {
		char *name = g_ptr_array_index(names, i);
		gboolean is_directory = g_str_has_suffix(name, "/");
		g_autoptr(GFile) child = NULL;

		if (is_directory)
			name[strlen(name) - 1] = '\0';
		child = g_file_get_child(directory, name);
		if (is_directory) {
			g_autoptr(GKeyFile) inner = read_notes(child);

			if (!load_directory(mailbox, find_or_add_folder(mailbox, folder, name, inner), child, error))
				return FALSE;
		} else if (g_str_has_suffix(name, ".eml")) {
			SimFolder *place =
				folder == mailbox->root ? sim_mailbox_get_well_known(mailbox, "inbox") : folder;

			if (!load_message(mailbox, place, child, name, notes, error))
				return FALSE;
		}
	}
	return TRUE;
}

SimMailbox *
sim_loader_load(const char *address, const char *directory, GError **error)
{
	g_autofree char *local = g_strndup(address, strcspn(address, "@"));
	g_autofree char *uri = g_strconcat("resource://" INVENTED "/", local, NULL);
	g_autoptr(GFile) top = directory != NULL ? g_file_new_for_path(directory) : g_file_new_for_uri(uri);
	g_autoptr(GKeyFile) notes = NULL;
	g_autofree char *name = NULL;
	g_autofree char *language = NULL;
	SimMailbox *mailbox;

	/* asked for by its name, or a linker leaves the resource out of a program */
	sim_data_get_resource();
	notes = read_notes(top);
	name = g_key_file_get_string(notes, "mailbox", "name", NULL);
	language = g_key_file_get_string(notes, "mailbox", "language", NULL);
	*local = g_ascii_toupper(*local);
	mailbox = sim_mailbox_new(address, name != NULL ? name : local, language != NULL ? language : "en");
	add_usual_folders(mailbox);
	if (directory != NULL && *directory == '\0')
		return mailbox;
	/* an address for which nothing was invented has an empty mailbox */
	if (directory == NULL && !g_file_query_exists(top, NULL))
		return mailbox;
	if (load_directory(mailbox, mailbox->root, top, error))
		return mailbox;
	sim_mailbox_free(mailbox);
	return NULL;
}
