/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
	STORE_FLAG_READ = 1 << 0,
	STORE_FLAG_FLAGGED = 1 << 1,
	STORE_FLAG_COMPLETE = 1 << 2,
	STORE_FLAG_ANSWERED = 1 << 3,
	STORE_FLAG_FORWARDED = 1 << 4,
	STORE_FLAG_DRAFT = 1 << 5,
	STORE_FLAG_ATTACHMENT = 1 << 6,
	STORE_FLAG_HIGH = 1 << 7,
	STORE_FLAG_LOW = 1 << 8,
	STORE_FLAG_NEW = 1 << 9,   /* arrived unread since the folder was filled and was not looked at; local alone */
	STORE_FLAG_BODY = 1 << 10, /* the body is on disk; local alone */
} StoreFlags;

/* Those that store_account_change_flags() takes. */
#define STORE_FLAGS_CHANGEABLE                                                                                     \
	(STORE_FLAG_READ | STORE_FLAG_FLAGGED | STORE_FLAG_COMPLETE | STORE_FLAG_ANSWERED | STORE_FLAG_FORWARDED | \
	 STORE_FLAG_HIGH | STORE_FLAG_LOW | STORE_FLAG_NEW)

/* @flags, and those of which each says what the others do not: they are written together. */
StoreFlags store_flags_join(StoreFlags flags);

/**
 * StoreMessage:
 * @number: ours: per folder, rising, never used again
 * @flags: with pending local changes laid over the server's
 * @subject: empty if the mail has an empty one, %NULL if it has none
 * @from, @to, @cc, @reply_to: UTF-8, decoded: `Name <address>, …`; may be %NULL
 * @date: when it was sent, else received; seconds since 1970 UTC, 0 if unknown or the mail tells none
 * @references: with angle brackets, blank between, oldest first; may be %NULL
 * @size: bytes, 0 if unknown
 *
 * All text is valid UTF-8 without control characters.
 */
typedef struct {
	guint32 number;
	StoreFlags flags;
	char *id;
	char *subject;
	char *from;
	char *to;
	char *cc;
	char *reply_to;
	char *message_id;
	char *in_reply_to;
	char *references;
	char **categories;
	gint64 date;
	gint64 received;
	gint64 size;
} StoreMessage;

void store_message_free(StoreMessage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreMessage, store_message_free)

typedef struct {
	guint32 number;
	StoreFlags flags;
} StoreMessageFlags;

G_END_DECLS
