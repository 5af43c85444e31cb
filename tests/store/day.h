/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "home.h"

G_BEGIN_DECLS

/* A day with a mailbox: what was heard of it, and what came of it. */
typedef struct {
	Home home;
	gint64 inbox;
	gint64 archive;
	gint64 drafts;
	gint64 trash;
	gint64 made;	     /* the folder that the host makes, 0: none */
	GHashTable *counted; /* subject → how many the server has, in all folders */
	GPtrArray *log;
	const char *expected; /* in a line of it that tells of no trouble; %NULL: none */
	GPtrArray *failures;  /* what was said of each */
	gboolean sends;	      /* a mail is sent in the course of it */
	gboolean sent;
	gboolean softly; /* as it seems, the service cannot delete for good: it may be in Deleted Items */
	gboolean cut;	 /* a mail may have been cut, with an answer that says that it is whole */
	gboolean remade; /* a folder may have been made late, when the one made instead had another name */
} Day;

/* @prepare: before anything can go wrong; @judge: when all is over. */
typedef struct {
	const char *name;
	gboolean shared; /* somebody else's mailbox */
	void (*prepare)(Day *self);
	void (*run)(Day *self);
	void (*judge)(Day *self);
} DayStory;

const DayStory *day_get_story(guint i);	     /* from 0 on, %NULL after the last one */
const DayStory *day_get_list_story(guint i); /* those of them that are about long lists */

void day_begin(Day *self, const DayStory *story);
void day_end(Day *self);

/*
 * The service is as it should be from now on: one check repairs all, an ordinary one; what was not sent the host sends
 * again.
 */
void day_settle(Day *self);

/* Whether the line of the log says in words that something went wrong: that of a request has its status alone. */
gboolean day_tells_trouble(const char *line);

/*
 * What the log or an error tells of something that went wrong: sentence, without what differs each time → how often.
 * (transfer full)
 */
GHashTable *day_list_trouble(Day *self);

/* What a host does. A failure of the service is noted, and has a text. */
void day_note(Day *self, gboolean done, GError **error);
void day_check(Day *self, gboolean thorough);
void day_push(Day *self);
void day_send(Day *self);
void day_look(Day *self); /* which folders there are */

/* What other clients do. @subjects ends with %NULL. */
void day_deliver(Day *self, const char *folder, const char *const *subjects);
char *day_get_id(Day *self, const char *folder, const char *subject); /* transfer full */

/* `The server refused to @verb “@name”` was said; @verb with `the message` or `the folder`. */
gboolean day_was_refused(Day *self, const char *verb, const char *name);
guint day_count(Day *self, const char *subject);			/* at the server */
guint day_count_in(Day *self, const char *folder, const char *subject); /* at the server */
StoreFolder *day_find_folder(Day *self, const char *name);		/* here */

#define day_demand(self, condition)                                                           \
	if (!(condition)) {                                                                   \
		g_autofree char *said = day_describe(self);                                   \
		g_error("%s:%d: not so: %s; said: %s", __FILE__, __LINE__, #condition, said); \
	}
char *day_describe(Day *self); /* what was refused */

/* It is in @to and nowhere else; if the server refused it, which was said of this one, in @from. */
void day_demand_place(Day *self, const char *subject, const char *verb, const char *from, const char *to);

G_END_DECLS
