/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Ids as the service hands them out: long, opaque, with `-`, `_` and `=`, some differing in case alone
 * (API.md 2.2). */
typedef enum {
	SIM_ID_FOLDER = 'F',
	SIM_ID_IMMUTABLE = 'I', /* a message, for its life */
	SIM_ID_MUTABLE = 'M',	/* a message, in its present folder */
	SIM_ID_ATTACHMENT = 'A',
	SIM_ID_CONVERSATION = 'C',
} SimIdKind;

typedef struct {
	SimIdKind kind;
	guint32 generation; /* of a mutable id: how often the message had moved */
	guint32 part;	    /* of an attachment: its number; 0 otherwise */
	guint64 number;
} SimId;

char *sim_id_format(const char *mailbox, const SimId *id);
/* FALSE: not an id at all. @mailbox_matches tells whether it is one of @mailbox. */
gboolean sim_id_parse(const char *mailbox, const char *text, SimId *id, gboolean *mailbox_matches);

/* A stand-in for the binary that Exchange would print, with the alphabet of change keys and tokens. */
char *sim_id_token(void);
char *sim_id_change_key(guint64 version);
char *sim_id_user(const char *address);

G_END_DECLS
