/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"

G_BEGIN_DECLS

/* What has to be tracked must be selected from the first page of a round on (CHECKED 2a). */
#define GRAPH_MESSAGE_SELECT                                                                                       \
	"$select=subject,from,sender,toRecipients,ccRecipients,replyTo,receivedDateTime,sentDateTime,"             \
	"internetMessageId,conversationId,conversationIndex,internetMessageHeaders,isRead,isDraft,hasAttachments," \
	"flag,categories,importance,parentFolderId,lastModifiedDateTime"

/* Which members of a #GraphMessage the service sent; the others are unchanged, not empty. */
typedef enum {
	GRAPH_MESSAGE_ENVELOPE = 1 << 0, /* subject, sender, recipients, dates, ids, conversation */
	GRAPH_MESSAGE_READ = 1 << 1,
	GRAPH_MESSAGE_FLAG = 1 << 2,
	GRAPH_MESSAGE_CATEGORIES = 1 << 3,
	GRAPH_MESSAGE_IMPORTANCE = 1 << 4,
	GRAPH_MESSAGE_ATTACHMENT = 1 << 5,
	GRAPH_MESSAGE_DRAFT = 1 << 6,
	GRAPH_MESSAGE_SIZE = 1 << 7,
	GRAPH_MESSAGE_ANSWERED = 1 << 8, /* answered and forwarded */
	GRAPH_MESSAGE_PARENT = 1 << 9,
	GRAPH_MESSAGE_REFERENCES = 1 << 10, /* in_reply_to, references: the headers were among the answer */
	GRAPH_MESSAGE_INCOMPLETE = 1 << 11, /* parts of an envelope came alone; graph_message_delta() looks it up */
} GraphMessageFields;

typedef enum {
	GRAPH_FLAG_NONE,
	GRAPH_FLAG_FLAGGED,
	GRAPH_FLAG_COMPLETE,
} GraphFlag;

typedef enum {
	GRAPH_IMPORTANCE_LOW,
	GRAPH_IMPORTANCE_NORMAL,
	GRAPH_IMPORTANCE_HIGH,
} GraphImportance;

/**
 * GraphMessage:
 * @fields: which of the others are meant
 * @removed: `@removed`: no longer in this folder; only @id is meant
 * @subject: empty only where the mail's header has one that is empty; %NULL if there is none
 * @from, @to, @cc, @reply_to: as in a header, UTF-8, not encoded: `Name <address>, …`; may be %NULL
 * @received, @sent: seconds since 1970 UTC, 0 if unknown
 * @modified: `lastModifiedDateTime`, in the same way; the read state does not move it (CHECKED 2a)
 * @undated: the mail's header tells no date; the service then invents @sent
 * @size: bytes, PidTagMessageSize
 * @references: message ids with their angle brackets, blank between, oldest first
 *
 * A `message`, whole or (in delta answers) in part.
 */
typedef struct {
	GraphMessageFields fields;
	char *id;
	gboolean removed;
	char *parent_id;
	char *subject;
	char *from;
	char *to;
	char *cc;
	char *reply_to;
	gint64 received;
	gint64 sent;
	gint64 modified;
	gboolean undated;
	char *internet_message_id;
	char *in_reply_to;
	char *references;
	char *conversation_id;
	char *conversation_index; /* base64 */
	gboolean is_read;
	gboolean is_draft;
	gboolean has_attachments;
	gboolean answered;
	gboolean forwarded;
	GraphFlag flag;
	GraphImportance importance;
	char **categories;
	gint64 size;
} GraphMessage;

void graph_message_free(GraphMessage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphMessage, graph_message_free)

GraphMessage *graph_message_from_json(JsonObject *object, GError **error);

/* `lastModifiedDateTime` of the answer to a change, which need not be a whole message; 0 if it does not tell. */
gint64 graph_message_read_modified(JsonObject *object);

/* What a PATCH carries of @changes: READ, FLAG, CATEGORIES, IMPORTANCE as its fields say; and its answered state.
 * (transfer full) */
JsonObject *graph_message_changes_to_json(const GraphMessage *changes);
JsonObject *graph_message_answered_to_json(const GraphMessage *changes);

/* A page of a collection: exactly one of the links on a delta page, none on the last page of a list. */
typedef struct {
	GPtrArray *messages; /* (element-type GraphMessage) */
	char *next_link;
	char *delta_link;
	gboolean extended; /* no message lacks its size; so an empty page is extended */
} GraphMessagePage;

void graph_message_page_free(GraphMessagePage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphMessagePage, graph_message_page_free)

/*
 * @link: %NULL for the first page of an initial round, else a stored next or delta link.
 * @page_size: what to ask for; the service grants what it likes.
 * @extended: on a first page, ask for sizes and answered state by `expand=` (API.md 5.3, CHECKED 2b); with a
 * link, that its round may have been begun so.
 * %GRAPH_ERROR_SYNC_RESET: the link is dead, start over. %GRAPH_ERROR_TOO_LARGE: the service fails on a later page of a
 * round that may be extended; a smaller one may do, or a round without (CHECKED 2b).
 */
GraphMessagePage *graph_message_delta(GraphClient *client, const char *folder_id, const char *link, guint page_size,
				      gboolean extended, GCancellable *cancellable, GError **error);

/*
 * Asks many stored delta links at once: for each of @links (of char *) the link to go on with where nothing has changed
 * since, %NULL where something has, or the answer does not tell. (transfer full) (element-type utf8), %NULL on failure.
 */
GPtrArray *graph_message_probe(GraphClient *client, GPtrArray *links, GCancellable *cancellable, GError **error);

/* A plain list of the folder (`$top`, newest first): the second step where delta brings no sizes, and for
 * reconciliation. */
GraphMessagePage *graph_message_list(GraphClient *client, const char *folder_id, const char *link, guint page_size,
				     GCancellable *cancellable, GError **error);

/* The ids of all messages in the folder, a set; @requests is raised by how many it took. (transfer full) */
GHashTable *graph_message_list_ids(GraphClient *client, const char *folder_id, guint *requests,
				   GCancellable *cancellable, GError **error);
GraphMessage *graph_message_get(GraphClient *client, const char *id, GCancellable *cancellable, GError **error);

/* In @folder_id (or a well-known name, or %NULL for the whole mailbox) by Message-ID; (element-type GraphMessage),
 * maybe empty. */
GPtrArray *graph_message_find(GraphClient *client, const char *folder_id, const char *internet_message_id,
			      GCancellable *cancellable, GError **error);

/* `$value` */
gboolean graph_message_get_mime(GraphClient *client, const char *id, GOutputStream *stream, GCancellable *cancellable,
				GError **error);

/*
 * Of @changes only READ, FLAG, CATEGORIES, IMPORTANCE and ANSWERED are sent, as its fields say. ANSWERED goes by
 * itself after the others and is best effort: where the service refuses it, the rest counts as done. @modified: (out)
 * (optional): as in a #GraphMessage, after the change.
 */
gboolean graph_message_update(GraphClient *client, const char *id, const GraphMessage *changes, gint64 *modified,
			      GCancellable *cancellable, GError **error);

/* The message as it is at the destination (same id, immutable). A copy whose answer was lost is %GRAPH_ERROR_UNCERTAIN.
 */
GraphMessage *graph_message_move(GraphClient *client, const char *id, const char *destination_id,
				 GCancellable *cancellable, GError **error);
GraphMessage *graph_message_copy(GraphClient *client, const char *id, const char *destination_id,
				 GCancellable *cancellable, GError **error);

/* For good: permanentDelete where the cloud has it, else DELETE. Gone already is success. */
gboolean graph_message_delete(GraphClient *client, const char *id, GCancellable *cancellable, GError **error);

/* A draft in Drafts, whatever is wanted later (API.md 5.5). */
GraphMessage *graph_message_create_mime(GraphClient *client, GBytes *mime, GCancellable *cancellable, GError **error);

/* `sendMail` with MIME: 202 alone is success; at most graph_message_get_mime_limit() bytes. @leaving
 * and @post as in graph_client_send_mime(). */
gboolean graph_message_send_mime(GraphClient *client, GBytes *mime, GraphLeaving leaving, gpointer user_data,
				 GraphPost *post, GCancellable *cancellable, GError **error);
gsize graph_message_get_mime_limit(void);

G_END_DECLS
