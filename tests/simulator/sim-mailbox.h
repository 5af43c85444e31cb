/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-id.h"
#include "sim-message.h"

G_BEGIN_DECLS

typedef enum {
	SIM_CHANGE_ADDED,
	SIM_CHANGE_UPDATED,
	SIM_CHANGE_REMOVED,
} SimChangeKind;

/* One line of a folder's journal, from which delta rounds are made. */
typedef struct {
	guint64 sequence;
	guint64 number;
	guint32 generation; /* the message's then */
	SimChangeKind kind;
	guint changed;	     /* SimChanged of an update */
	gboolean restorable; /* of a removal: it lies in Deleted Items */
} SimChange;

/* What somebody else may do in a mailbox. */
typedef struct {
	guint64 folder; /* number of the only one; 0: all of them */
	gboolean read_only;
	gboolean sends; /* in its name */
} SimDelegate;

typedef struct _SimMailbox SimMailbox;

struct _SimFolder {
	SimMailbox *mailbox;
	SimFolder *parent; /* %NULL: the root */
	guint64 number;
	char *name;
	const char *well_known; /* %NULL, or its lower-case name */
	gboolean hidden;
	char *filter_query;  /* of a search folder: holds nothing itself */
	GSequence *messages; /* (element-type SimMessage), newest first */
	guint unread;
	GArray *journal; /* (element-type SimChange), rising */
};

struct _SimMailbox {
	char *address;
	char *name;
	char *given_name;
	char *surname;
	char *language;
	guint64 last_number;
	guint64 last_version;
	guint64 sequence;
	GHashTable *messages; /* number to SimMessage; owns them */
	GPtrArray *folders;   /* (element-type SimFolder): parents before children at first; owns them */
	SimFolder *root;
	GArray *folder_journal; /* (element-type SimChange) */
	GHashTable *purged;	/* numbers of messages that were deleted for good */
	GHashTable *delegates;	/* address in lower case to SimDelegate */
};

SimMailbox *sim_mailbox_new(const char *address, const char *name, const char *language);
void sim_mailbox_free(SimMailbox *self);

/* Folders */
SimFolder *sim_mailbox_add_folder(SimMailbox *self, SimFolder *parent, const char *name, const char *well_known);
SimFolder *sim_mailbox_get_folder(SimMailbox *self, guint64 number);
SimFolder *sim_mailbox_get_well_known(SimMailbox *self, const char *name); /* any case */
SimFolder *sim_mailbox_get_child(SimMailbox *self, SimFolder *parent, const char *name);
SimFolder *sim_mailbox_find_folder(SimMailbox *self,
				   const char *text); /* well-known name, id, or path of display names */
GPtrArray *sim_mailbox_list_children(SimMailbox *self, SimFolder *parent, gboolean hidden); /* (transfer container) */
void sim_mailbox_rename_folder(SimMailbox *self, SimFolder *folder, const char *name);
void sim_mailbox_move_folder(SimMailbox *self, SimFolder *folder, SimFolder *parent);
SimFolder *sim_mailbox_copy_folder(SimMailbox *self, SimFolder *folder, SimFolder *parent);
void sim_mailbox_remove_folder(SimMailbox *self, SimFolder *folder); /* with all that is in it */
gboolean sim_folder_is_inside(SimFolder *self, SimFolder *other);    /* or is the same */
guint sim_folder_count_children(SimFolder *self);
char *sim_folder_format_id(SimFolder *self);

/* Messages; the mailbox owns what it is given. */
void sim_mailbox_add_message(SimMailbox *self, SimFolder *folder, SimMessage *message);
SimMessage *sim_mailbox_get_message(SimMailbox *self, guint64 number);
void sim_mailbox_move_message(SimMailbox *self, SimMessage *message, SimFolder *folder);
void sim_mailbox_remove_message(SimMailbox *self, SimMessage *message);
/* To be called after the properties named by @changed were written; @was_read: as it was before. */
void sim_mailbox_commit_message(SimMailbox *self, SimMessage *message, gboolean was_read, guint changed);
char *sim_message_format_id(SimMessage *self, gboolean immutable);
char *sim_message_format_attachment_id(SimMessage *self, guint number, gboolean immutable);

int sim_message_compare(gconstpointer a, gconstpointer b, gpointer unused); /* newest first */

G_END_DECLS
