/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-search.h"

#include <glib/gi18n-lib.h>

#include "graph-search.h"
#include "outlook-item.h"
#include "outlook-report.h"
#include "outlook-wait.h"

#include <procmsg.h>
#include <summaryview.h>

typedef enum {
	NO,
	YES,
	UNKNOWN, /* only the mail itself tells */
} Verdict;

/**
 * Criterion:
 * @alone: the host's criterion by itself
 * @envelope: (nullable): the same, asked of what the list shows of a mail
 * @in_mail: only the mail itself, or the server, can tell
 * @negated: mails are wanted that are not so
 * @sure: what the server finds is what is meant, not more
 * @found: (nullable): the server's answer
 */
typedef struct {
	MatcherList *alone;
	MatcherList *envelope;
	gboolean in_mail;
	gboolean negated;
	gboolean sure;
	StoreFound *found;
} Criterion;

typedef struct {
	OutlookAccount *account;
	FolderItem *item;
	char *name; /* of the account */
	gboolean both;
	GPtrArray *criteria; /* (element-type Criterion), those in mails last */
	GHashTable *wanted;  /* (nullable): numbers of the candidates; NULL: all */
	GHashTable *bodies;  /* numbers whose mail is on disk */
	gboolean has_server;
	gboolean limited;
	gboolean is_filling; /* the first synchronisation of the folder goes on */
	gboolean aborted;
	guint total;
	SearchProgressNotify progress;
	gpointer data;
} Search;

static MatcherList *
new_list(GSList *matchers)
{
	return matcherlist_new(matchers, FALSE);
}

static void
criterion_free(gpointer data)
{
	Criterion *self = data;

	matcherlist_free(self->alone);
	if (self->envelope != NULL)
		matcherlist_free(self->envelope);
	g_clear_pointer(&self->found, store_found_free);
	g_free(self);
}

static gboolean
is_in_mail(const MatcherProp *prop)
{
	switch (prop->criteria) {
	case MATCHCRITERIA_HEADER:
	case MATCHCRITERIA_NOT_HEADER:
	case MATCHCRITERIA_HEADERS_PART:
	case MATCHCRITERIA_NOT_HEADERS_PART:
	case MATCHCRITERIA_HEADERS_CONT:
	case MATCHCRITERIA_NOT_HEADERS_CONT:
	case MATCHCRITERIA_FOUND_IN_ADDRESSBOOK:
	case MATCHCRITERIA_NOT_FOUND_IN_ADDRESSBOOK:
	case MATCHCRITERIA_MESSAGE:
	case MATCHCRITERIA_NOT_MESSAGE:
	case MATCHCRITERIA_BODY_PART:
	case MATCHCRITERIA_NOT_BODY_PART:
		return TRUE;
	default:
		return FALSE;
	}
}

static gboolean
is_message(const MatcherProp *prop)
{
	return prop->criteria == MATCHCRITERIA_MESSAGE || prop->criteria == MATCHCRITERIA_NOT_MESSAGE;
}

static gboolean
is_body(const MatcherProp *prop)
{
	return prop->criteria == MATCHCRITERIA_BODY_PART || prop->criteria == MATCHCRITERIA_NOT_BODY_PART;
}

static MatcherList *
make_envelope(const MatcherProp *prop)
{
	static const int lines[] = {MATCHCRITERIA_SUBJECT, MATCHCRITERIA_FROM, MATCHCRITERIA_TO, MATCHCRITERIA_CC};
	GSList *matchers = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
		matchers = g_slist_prepend(matchers,
					   matcherprop_new(lines[i], NULL, prop->matchtype, prop->expr, prop->value));
	return new_list(matchers);
}

static Criterion *
criterion_new(const MatcherProp *prop)
{
	Criterion *self = g_new0(Criterion, 1);

	self->alone = new_list(g_slist_prepend(NULL, matcherprop_copy(prop)));
	self->in_mail = is_in_mail(prop);
	self->negated = prop->criteria == MATCHCRITERIA_NOT_MESSAGE || prop->criteria == MATCHCRITERIA_NOT_BODY_PART;
	self->sure = prop->matchtype == MATCHTYPE_MATCHCASE;
	if (is_message(prop))
		self->envelope = make_envelope(prop);
	return self;
}

/* What the list knows first: it is cheap, and often settles it. */
static GPtrArray *
list_criteria(const MatcherList *predicate)
{
	GPtrArray *criteria = g_ptr_array_new_with_free_func(criterion_free);
	guint n_local = 0;

	for (GSList *cur = predicate->matchers; cur != NULL; cur = cur->next) {
		Criterion *criterion = criterion_new(cur->data);

		g_ptr_array_insert(criteria, criterion->in_mail ? -1 : (gint)n_local++, criterion);
	}
	return criteria;
}

static gboolean
go_on(gpointer data)
{
	Search *self = data;

	if (!self->aborted && self->progress != NULL && !self->progress(self->data, TRUE, 0, 0, self->total))
		self->aborted = TRUE;
	return !self->aborted;
}

/* FALSE: the item is gone, or nobody waits any more. */
static gboolean
ask_server(Search *self, Criterion *criterion)
{
	const MatcherProp *prop = criterion->alone->matchers->data;
	gboolean literal = prop->matchtype == MATCHTYPE_MATCHCASE || prop->matchtype == MATCHTYPE_MATCH;
	StoreSearchScope scope = is_body(prop) ? STORE_SEARCH_BODY : STORE_SEARCH_MESSAGE;
	g_autoptr(GError) error = NULL;

	if (!self->has_server || !literal || prop->expr == NULL || (!is_body(prop) && !is_message(prop)))
		return TRUE;
	criterion->found = outlook_wait_for_search(self->account, self->item, scope, prop->expr, go_on, self, &error);
	if (!outlook_item_is_alive(self->item) || claws_is_exiting() || self->aborted)
		return FALSE;
	if (error != NULL) {
		outlook_report_error(self->name, error);
		self->has_server = FALSE;
	} else {
		self->limited |= criterion->found->limited;
	}
	return TRUE;
}

static Verdict
judge_criterion(Search *self, Criterion *criterion, MsgInfo *msginfo)
{
	gpointer number = GUINT_TO_POINTER((guint)msginfo->msgnum);
	const StoreFound *found = criterion->found;
	gboolean hit;

	if (!criterion->in_mail || g_hash_table_contains(self->bodies, number))
		return matcherlist_match(criterion->alone, msginfo) ? YES : NO;
	if (criterion->envelope != NULL && matcherlist_match(criterion->envelope, msginfo))
		return criterion->negated ? NO : YES;
	if (found == NULL || found->numbers == NULL)
		return UNKNOWN;
	hit = g_hash_table_contains(found->numbers, number);
	if (hit && !(criterion->sure && found->exact))
		return UNKNOWN;
	/* It may be one of those that the server did not name. */
	if (!hit && criterion->negated && found->limited)
		return UNKNOWN;
	return hit != criterion->negated ? YES : NO;
}

static Verdict
judge(Search *self, MsgInfo *msginfo)
{
	Verdict verdict = self->both ? YES : NO;

	for (guint i = 0; i < self->criteria->len; i++) {
		Verdict one = judge_criterion(self, g_ptr_array_index(self->criteria, i), msginfo);

		if (one == (self->both ? NO : YES))
			return one;
		if (one == UNKNOWN)
			verdict = UNKNOWN;
	}
	return verdict;
}

static GHashTable *
list_bodies(FolderItem *item)
{
	GHashTable *bodies = g_hash_table_new(NULL, NULL);
	g_autoptr(GArray) flags = store_account_list_flags(outlook_item_get_store(item), OUTLOOK_ITEM(item)->key, NULL);

	for (guint i = 0; flags != NULL && i < flags->len; i++) {
		const StoreMessageFlags *row = &g_array_index(flags, StoreMessageFlags, i);

		if (row->flags & STORE_FLAG_BODY)
			g_hash_table_add(bodies, GUINT_TO_POINTER(row->number));
	}
	return bodies;
}

static gboolean
is_wanted(Search *self, guint32 number)
{
	return self->wanted == NULL || g_hash_table_contains(self->wanted, GUINT_TO_POINTER(number));
}

/* A mail that is not here and that the list does not settle. */
static gboolean
is_any_open(Search *self)
{
	GSList *all = folder_item_get_msg_list(self->item);
	gboolean open = FALSE;

	for (GSList *cur = all; cur != NULL && !open; cur = cur->next) {
		MsgInfo *msginfo = cur->data;
		guint32 number = (guint32)msginfo->msgnum;

		open = is_wanted(self, number) && !g_hash_table_contains(self->bodies, GUINT_TO_POINTER(number)) &&
		       judge(self, msginfo) == UNKNOWN;
	}
	procmsg_msg_list_free(all);
	return open;
}

/* Looks at each mail once; those that only their text can settle go to @unknown. */
static MsgNumberList *
sort_out(Search *self, GArray *unknown)
{
	GSList *all = folder_item_get_msg_list(self->item);
	MsgNumberList *matched = NULL;
	guint n_matched = 0;
	guint done = 0;

	for (GSList *cur = all; cur != NULL && !self->aborted; cur = cur->next) {
		MsgInfo *msginfo = cur->data;
		guint32 number = (guint32)msginfo->msgnum;
		Verdict verdict = is_wanted(self, number) ? judge(self, msginfo) : NO;

		if (verdict == YES) {
			matched = g_slist_prepend(matched, GUINT_TO_POINTER(number));
			n_matched++;
		} else if (verdict == UNKNOWN) {
			g_array_append_val(unknown, number);
		}
		done++;
		self->aborted = self->progress != NULL &&
				!self->progress(self->data, FALSE, done, n_matched, MAX(self->total, done));
	}
	procmsg_msg_list_free(all);
	return matched;
}

/* Those whose mail came by now. What is not here was not searched, and is counted. */
static MsgNumberList *
look_into(Search *self, MatcherList *predicate, GArray *numbers, MsgNumberList *matched, guint *missing)
{
	g_autoptr(GHashTable) bodies = list_bodies(self->item);
	guint n_matched = g_slist_length(matched);

	*missing = 0;
	for (guint i = 0; i < numbers->len && !self->aborted; i++) {
		guint32 number = g_array_index(numbers, guint32, i);
		MsgInfo *msginfo;

		if (!g_hash_table_contains(bodies, GUINT_TO_POINTER(number))) {
			(*missing)++;
			continue;
		}
		msginfo = folder_item_get_msginfo(self->item, (gint)number);
		if (msginfo != NULL && matcherlist_match(predicate, msginfo)) {
			matched = g_slist_prepend(matched, GUINT_TO_POINTER(number));
			n_matched++;
		}
		procmsg_msginfo_free(&msginfo);
		self->aborted =
			self->progress != NULL && !self->progress(self->data, FALSE, i + 1, n_matched, numbers->len);
	}
	return matched;
}

static void
tell(Search *self, guint missing)
{
	g_autofree char *limited = NULL;
	g_autofree char *unsearched = NULL;

	if (self->is_filling)
		outlook_report_later(self->name,
				     _("The messages of this folder are still arriving; only what has come so "
				       "far was searched."));
	if (self->limited) {
		limited = g_strdup_printf(_("The server names at most %d messages of a search; there may be more."),
					  GRAPH_SEARCH_LIMIT);
		outlook_report_later(self->name, limited);
	}
	if (missing > 0) {
		unsearched = g_strdup_printf(ngettext("%u message is not on this computer and was not searched.",
						      "%u messages are not on this computer and were not searched.",
						      missing),
					     missing);
		outlook_report_later(self->name, unsearched);
	}
}

static void
take_candidates(Search *self, MsgNumberList **messages)
{
	if (*messages != NULL)
		self->wanted = g_hash_table_new(NULL, NULL);
	for (GSList *cur = *messages; cur != NULL; cur = cur->next)
		g_hash_table_add(self->wanted, cur->data);
	g_slist_free(g_steal_pointer(messages));
}

static gint
run(Search *self, MsgNumberList **messages, MatcherList *predicate)
{
	g_autoptr(GArray) unknown = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint missing = 0;

	take_candidates(self, messages);
	self->bodies = list_bodies(self->item);
	if (is_any_open(self)) {
		if (!outlook_item_is_alive(self->item))
			return 0;
		for (guint i = 0; i < self->criteria->len; i++) {
			if (!ask_server(self, g_ptr_array_index(self->criteria, i)))
				return 0;
		}
		g_hash_table_unref(self->bodies);
		self->bodies = list_bodies(self->item);
	}
	*messages = sort_out(self, unknown);
	if (unknown->len > 0 && self->has_server && !self->aborted) {
		outlook_wait_for_some_bodies(self->account, self->item, unknown, go_on, self);
		if (!outlook_item_is_alive(self->item) || claws_is_exiting()) {
			g_slist_free(g_steal_pointer(messages));
			return 0;
		}
	}
	if (!self->aborted)
		*messages = look_into(self, predicate, unknown, *messages, &missing);
	tell(self, missing);
	return (gint)g_slist_length(*messages);
}

static gboolean
any_in_mail(GPtrArray *criteria)
{
	for (guint i = 0; i < criteria->len; i++) {
		const Criterion *criterion = g_ptr_array_index(criteria, i);

		if (criterion->in_mail)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_shown(FolderItem *item)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	return mainwin != NULL && mainwin->summaryview->folder_item == item;
}

/* The host searched the folder that it is about to show, and looks at it without asking whether there still is one. */
static void
show_shell(FolderItem *item)
{
	MainWindow *mainwin = outlook_compat_get_main_window();

	if (mainwin != NULL && mainwin->summaryview->folder_item == NULL)
		mainwin->summaryview->folder_item = item;
}

gint
outlook_search_msgs(Folder *folder, FolderItem *item, MsgNumberList **messages, gboolean *on_server,
		    MatcherList *predicate, SearchProgressNotify progress, gpointer data)
{
	g_autoptr(GPtrArray) criteria = list_criteria(predicate);
	Search search = {
		.item = item,
		.both = predicate->bool_and,
		.criteria = criteria,
		.progress = progress,
		.data = data,
		.total = (guint)MAX(item->total_msgs, 0),
		.is_filling = !OUTLOOK_ITEM(item)->filled,
	};
	gboolean shown = is_shown(item);
	gint count;

	if (outlook_item_is_queue(item) || outlook_item_get_store(item) == NULL || !any_in_mail(criteria))
		return folder_item_search_msgs_local(folder, item, messages, on_server, predicate, progress, data);
	search.account = g_object_ref(outlook_item_get_account(item));
	search.name = g_strdup(folder->name);
	search.has_server = outlook_account_is_online(search.account);
	outlook_item_hold_shells();
	count = run(&search, messages, predicate);
	if (shown && !outlook_item_is_alive(item))
		show_shell(item);
	outlook_item_release_shells();
	g_clear_pointer(&search.bodies, g_hash_table_unref);
	g_clear_pointer(&search.wanted, g_hash_table_unref);
	g_object_unref(search.account);
	g_free(search.name);
	return count;
}
