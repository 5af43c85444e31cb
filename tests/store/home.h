/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "simulator.h"
#include "store-account.h"

G_BEGIN_DECLS

/**
 * Home:
 *
 * An account in a directory of its own, at a tenant of its own, or (with @simulator %NULL) where nothing
 * listens.
 * @mailbox: set before; address of somebody else whose mailbox it is, %NULL: the user's own.
 * @arrived counts what `folder-changed` announced, @refused holds what `refused` said.
 */
typedef struct {
	const char *mailbox;
	char *directory;
	Simulator *simulator;
	OauthAuthorizer *authorizer;
	GraphClient *client;
	StoreAccount *account;
	guint arrived;
	guint changes;
	GPtrArray *refused;
} Home;

void home_set_up_offline(Home *self, gconstpointer data);
void home_set_up(Home *self, gconstpointer data); /* with an empty mailbox */
void home_set_up_with(Home *self, const char *scopes);
void home_set_up_shared(Home *self, gconstpointer data); /* that of %SIMULATOR_OTHER, empty as well */
void home_tear_down(Home *self, gconstpointer data);

/* In another process: the same account, at the tenant of this one. */
void home_join(Home *self, const char *origin, const char *token, const char *directory);

/* Another start of the same program. */
void home_close(Home *self);
void home_open(Home *self);

void home_check(Home *self);				    /* thorough, and it has to succeed */
void home_fault(Home *self, const char *json);		    /* at the tenant */
void home_send(Home *self, GBytes *mime);		    /* to %SIMULATOR_OTHER, and it has to succeed */
guint home_count_received(Home *self, const char *subject); /* in the Inbox of %SIMULATOR_OTHER */
guint home_get_n_requests(Home *self, const char *start);   /* whose line in the log begins so */

GArray *home_numbers(guint32 number);	      /* of one */
GArray *home_list(Home *self, gint64 folder); /* all numbers */
StoreMessage *home_read(Home *self, gint64 folder, guint32 number);
StoreMessage *home_find(Home *self, gint64 folder, const char *subject); /* the only one of the subject, or %NULL */
guint32 home_append_mail(Home *self, gint64 folder, const char *mail, StoreFlags flags);
guint32 home_append_with_lines(Home *self, gint64 folder, const char *mail, const char *lines, StoreFlags flags);
guint32 home_append(Home *self, gint64 folder, const char *subject, StoreFlags flags);
char *home_write_mail(const char *subject, const char *message_id); /* message_id NULL: without */
GBytes *home_write_letter(const char *subject);			    /* from %SIMULATOR_USER to %SIMULATOR_OTHER */

/* Bytes that no encoding leaves alone, and of which none is where another was. */
GBytes *home_make_bytes(gsize length, guint seed);

char *home_deliver(Home *self, const char *folder, const char *subject);

/* Messages of the folder at the tenant, those of @subject alone if it is not %NULL. */
JsonArray *home_dump(Home *self, const char *folder);
JsonObject *home_get(Home *self, const char *folder, const char *subject); /* the only one, or %NULL */
guint home_count(Home *self, const char *folder, const char *subject);

G_END_DECLS
