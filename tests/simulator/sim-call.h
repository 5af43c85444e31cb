/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-faults.h"
#include "sim-mailbox.h"
#include "sim-request.h"

G_BEGIN_DECLS

/* API.md 5.5, 13: what one request may hold */
#define SIM_MAX_REQUEST (4 * 1024 * 1024)

struct _SimGraph {
	GPtrArray *mailboxes; /* (element-type SimMailbox) */
	GHashTable *cursors;  /* token to SimCursor */
	GHashTable *uploads;  /* token to SimUpload */
	guint page_limit;
	gsize size_limit; /* of a whole message */
	gboolean delta_expand;
	guint expanded_links;	   /* status of later pages of a delta round with `expand=`; 0: they are served */
	SimFaults *faults;	   /* those of parts of batches; the tenant's, or %NULL */
	GRand *nasty;		   /* %NULL: it behaves; see sim-nasty.h */
	guint batch_limit;	   /* unchained mailbox parts of a batch that are served; 0: all */
	gboolean damage_printable; /* quoted-printable text suffers in MIME that comes in (CHECKED 6d) */
	gboolean drop_bcc;	   /* a draft of MIME has no Bcc, which no documentation rules out */
};

/**
 * SimCall:
 * @segments: the path, keys in parentheses made segments of their own, from behind the mailbox on
 * @immutable: the request asked for immutable ids
 * @basic: Mail.ReadBasic and no more
 *
 * One request on its way through the Graph side.
 */
typedef struct {
	SimGraph *graph;
	const SimRequest *request;
	SimResponse *response;
	SimMailbox *mailbox;
	GPtrArray *segments;
	guint at;
	gboolean immutable;
	gboolean basic;
} SimCall;

/* The next segment, %NULL at the end; sim_call_next() goes on behind it. */
const char *sim_call_peek(SimCall *self);
const char *sim_call_next(SimCall *self);
gboolean sim_call_is_method(SimCall *self, const char *method);

typedef enum {
	SIM_RIGHT_BASIC,
	SIM_RIGHT_READ,
	SIM_RIGHT_WRITE,
	SIM_RIGHT_SEND,
} SimRight;

/* FALSE: refused, and answered. */
gboolean sim_call_require(SimCall *self, SimRight right);
gboolean sim_call_has_scope(SimCall *self, const char *const *names);
gboolean sim_call_is_shared(SimCall *self);

/* An answer for a request that was wrong; @contract names the line that says so. */
void sim_call_refuse(SimCall *self, guint status, const char *code, const char *contract, const char *format, ...)
	G_GNUC_PRINTF(5, 6);
void sim_call_refuse_method(SimCall *self);
void sim_call_refuse_segment(SimCall *self, const char *segment);

/* The JSON body; %NULL: refused. (transfer full) */
JsonObject *sim_call_get_body(SimCall *self);
gboolean sim_call_is_mime(SimCall *self);     /* text/plain */
GBytes *sim_call_get_mime(SimCall *self);     /* decoded; %NULL: refused */
gboolean sim_call_check_empty(SimCall *self); /* a POST without body needs `Content-Length: 0` */

/* The number of `Prefer: odata.maxpagesize`, 0 without. */
guint sim_call_get_page_size(SimCall *self);
/* `text`, `html` or %NULL */
const char *sim_call_get_body_type(SimCall *self);
void sim_call_prefer_applied(SimCall *self, const char *preference);

/* An id or a well-known name; %NULL: refused. */
SimFolder *sim_call_find_folder(SimCall *self, const char *text);
/* %NULL: refused. */
SimMessage *sim_call_find_message(SimCall *self, const char *text);

/* `http://localhost:PORT/v1.0/me/…` of this request, without query */
char *sim_call_format_uri(SimCall *self);
char *sim_call_format_context(SimCall *self, const char *rest);

G_END_DECLS
