/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-attachment.h"
#include "graph-message.h"

G_BEGIN_DECLS

/* What a request holds, in JSON (API.md 5.5). */
#define GRAPH_DRAFT_MOST_JSON (4 * 1024 * 1024)

/* The service answers 400 to more: "Maximum number of headers in one message should be less than or equal to 5." */
#define GRAPH_DRAFT_MOST_HEADERS 5

/* @name: (nullable) */
typedef struct {
	char *name;
	char *address;
} GraphRecipient;

GraphRecipient *graph_recipient_new(const char *name, const char *address);
void graph_recipient_free(GraphRecipient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphRecipient, graph_recipient_free)
JsonObject *graph_recipient_to_json(const GraphRecipient *self); /* `{"emailAddress":{…}}` (transfer full) */
JsonArray *graph_recipients_to_json(GPtrArray *recipients);	 /* of GraphRecipient; (transfer full) */

/**
 * GraphDraft:
 * @from: (nullable): nobody for the mailbox itself
 * @sender: (nullable): who sent it for @from; for what is to be sent the service knows that itself (API.md 6.1)
 * @to, @cc, @bcc, @reply_to: (element-type GraphRecipient)
 * @body: UTF-8
 * @internet_message_id: (nullable): with its angle brackets
 * @headers: (element-type utf8): name, value, name, value, …; names begin with `x-` (API.md 5.5); at most
 *   GRAPH_DRAFT_MOST_HEADERS of them
 * @properties: (element-type utf8): id, value, …: extended (MAPI) properties; see graph_draft_add_property()
 *
 * A message to be made from JSON. The service makes it a draft unless `Integer 0x0E07` says otherwise (CHECKED 13).
 * JSON holds neither In-Reply-To nor References, and one body only.
 */
typedef struct {
	char *subject;
	GraphRecipient *from;
	GraphRecipient *sender;
	GPtrArray *to;
	GPtrArray *cc;
	GPtrArray *bcc;
	GPtrArray *reply_to;
	gboolean is_html;
	char *body;
	char *internet_message_id;
	GraphImportance importance;
	gboolean wants_read_receipt;
	gboolean wants_delivery_receipt;
	GPtrArray *headers;
	GPtrArray *properties;
} GraphDraft;

GraphDraft *graph_draft_new(void); /* empty, of normal importance */
void graph_draft_free(GraphDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphDraft, graph_draft_free)

/* @id as in `Integer 0x0E07`, `SystemTime 0x0E06` (API.md 5.3); @value in text. */
void graph_draft_add_property(GraphDraft *self, const char *id, const char *value);

/* A `message` without attachments, for POST; add `attachments` (of graph_attachment_to_json()) or members of your own.
 * (transfer full) */
JsonObject *graph_draft_to_json(const GraphDraft *self);

/*
 * Makes it in @folder_id (or a well-known name; %NULL for Drafts). @attachments: (nullable) (transfer none): an array
 * of graph_attachment_to_json(). %GRAPH_ERROR_TOO_LARGE, without a request, when they do not fit into one;
 * %GRAPH_ERROR_UNCERTAIN when the answer was lost.
 */
GraphMessage *graph_draft_create(GraphClient *client, const GraphDraft *self, const char *folder_id,
				 JsonArray *attachments, GCancellable *cancellable, GError **error);

/**
 * GraphDraftState:
 * @from: (nullable): the address alone
 * @to, @cc, @bcc: (element-type utf8): addresses; empty where the service named none
 *
 * What the service says of a draft that is to be sent.
 */
typedef struct {
	char *id;
	char *from;
	GPtrArray *to;
	GPtrArray *cc;
	GPtrArray *bcc;
	gboolean is_draft;
	GraphImportance importance;
	gboolean wants_read_receipt;
	gboolean wants_delivery_receipt;
} GraphDraftState;

void graph_draft_state_free(GraphDraftState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphDraftState, graph_draft_state_free)

/*
 * A draft from MIME, in Drafts: it keeps Message-ID, In-Reply-To and References, but not From (CHECKED 6c, 6e). Whether
 * it keeps Bcc is not documented.
 */
GraphDraftState *graph_draft_create_mime(GraphClient *client, GBytes *mime, GCancellable *cancellable, GError **error);

/* %GRAPH_ERROR_PROTOCOL where the answer does not tell whether it is a draft still. */
GraphDraftState *graph_draft_get(GraphClient *client, const char *id, GCancellable *cancellable, GError **error);

/*
 * *@whole: the answer to the PATCH had what the draft has to be checked for. A service may answer without a body, or
 * with part of the draft (API.md 2.1): then the draft is what it was found to be afterwards.
 */
GraphDraftState *graph_draft_change(GraphClient *client, const char *id, JsonObject *changes, gboolean *whole,
				    GCancellable *cancellable, GError **error);

/* 202 alone is success; the draft's id is that of the sent mail then. @leaving: (nullable) */
gboolean graph_draft_send(GraphClient *client, const char *id, GraphLeaving leaving, gpointer user_data,
			  GCancellable *cancellable, GError **error);

G_END_DECLS
