/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SimFolder SimFolder;

typedef struct {
	char *name;
	char *address;
} SimAddress;

SimAddress *sim_address_new(const char *name, const char *address);
void sim_address_free(SimAddress *self);
GPtrArray *sim_addresses_new(void); /* (element-type SimAddress) */
GPtrArray *sim_addresses_copy(GPtrArray *addresses);

typedef struct {
	char *name;
	char *value;
} SimHeader;

SimHeader *sim_header_new(const char *name, const char *value);
void sim_header_free(SimHeader *self);

typedef struct {
	guint number;
	char *name;
	char *content_type;
	char *content_id; /* without brackets; may be %NULL, as the location */
	char *content_location;
	gboolean is_inline;
	gboolean is_item; /* a message inside */
	GBytes *content;
} SimAttachment;

void sim_attachment_free(SimAttachment *self);

/* What is inside a message: its body and what hangs on it. */
typedef struct {
	gboolean html;
	char *text;		/* UTF-8 */
	GPtrArray *attachments; /* (element-type SimAttachment) */
	GPtrArray *headers;	/* (element-type SimHeader): custom ones of a JSON draft */
} SimContent;

SimContent *sim_content_new(void);
SimContent *sim_content_copy(SimContent *self);
void sim_content_free(SimContent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimContent, sim_content_free)

/* Which properties a change touched. */
typedef enum {
	SIM_CHANGED_READ = 1 << 0,
	SIM_CHANGED_FLAG = 1 << 1,
	SIM_CHANGED_CATEGORIES = 1 << 2,
	SIM_CHANGED_IMPORTANCE = 1 << 3,
	SIM_CHANGED_INFERENCE = 1 << 4,
	SIM_CHANGED_RECEIPTS = 1 << 5,
	SIM_CHANGED_CONTENT = 1 << 6, /* what only drafts can change */
	SIM_CHANGED_ATTACHMENTS = 1 << 7,
	SIM_CHANGED_EXTENDED = 1 << 8,
	SIM_CHANGED_STAMP = 1 << 9, /* lastModifiedDateTime, changeKey: with everything but READ */
} SimChanged;

typedef struct {
	char *date_time;
	char *time_zone;
} SimDateTime;

void sim_date_time_free(SimDateTime *self);

/**
 * SimMessage:
 * @generation: how often it has moved; a part of the ids that are not immutable
 * @mime: its bytes; %NULL: built from the rest when asked for
 * @content: of a message that came as JSON; %NULL: it is in @mime, or, without one, the filler's sentence
 * @headers: (element-type SimHeader): those of the MIME as of @headers_version, so that a page of a list need not
 * build and read it again; %NULL: not asked for yet
 * @extended: (element-type utf8 utf8): normalised id to value; may be %NULL
 *
 * Dates are seconds since 1970 UTC.
 */
typedef struct {
	guint64 number;
	guint32 generation;
	guint64 version;
	SimFolder *folder;
	GSequenceIter *place;

	gint64 created;
	gint64 modified;
	gint64 received;
	gint64 sent;
	char *subject;
	char *preview;
	char *internet_message_id;
	char *conversation_index;
	guint64 conversation;
	SimAddress *from;
	SimAddress *sender;
	GPtrArray *to;
	GPtrArray *cc;
	GPtrArray *bcc;
	GPtrArray *reply_to;
	gboolean is_read;
	gboolean is_draft;
	gboolean is_from_me;
	gboolean has_attachments;
	gboolean wants_read_receipt;
	int wants_delivery_receipt; /* -1: null */
	const char *importance;
	const char *inference;
	const char *flag_status;
	SimDateTime *flag_start;
	SimDateTime *flag_due;
	SimDateTime *flag_completed;
	char **categories;
	GHashTable *extended;
	gsize size;

	GBytes *mime;
	SimContent *content;
	GPtrArray *headers;
	guint64 headers_version;
} SimMessage;

SimMessage *sim_message_new(void);
SimMessage *sim_message_copy(SimMessage *self); /* belongs to no folder */
void sim_message_free(SimMessage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimMessage, sim_message_free)

void sim_message_set_recipients(GPtrArray **place, GPtrArray *addresses); /* takes @addresses */
void sim_message_set_extended(SimMessage *self, const char *id, const char *value);

G_END_DECLS
