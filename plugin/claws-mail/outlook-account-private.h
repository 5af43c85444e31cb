/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"

G_BEGIN_DECLS

/* Inside OutlookAccount alone: its parts are outlook-account.c, -signin.c (tokens and secrets), -sync.c, -offline.c
 * (bodies for offline use), -scopes.c (permissions that are switched on), -shared.c (shared mailboxes) and -forget.c
 * (the local copy goes). */

struct _OutlookAccount {
	GObject parent_instance;

	int id;
	char *name;
	OutlookSettings *settings;
	char *secret_file;
	char *mailbox;	   /* address of a shared mailbox; %NULL for the person's own */
	GPtrArray *shared; /* of OutlookAccount */

	OauthKeyring *keyring;
	OauthSession *session;
	GraphClient *client;
	StoreAccount *store;
	char *store_error;
	OutlookWorker *worker;

	char **wanted;	      /* (nullable): permissions that were switched on and are not given yet */
	char **wanted_scopes; /* with these: what the settings are to ask for then */
	char **wanted_extra;  /* likewise: of these, what can be lost without the rest; nullable */
	char **refused;	      /* (nullable): what was wanted last, and is not given */

	OauthOpenUri open_uri;
	gpointer open_uri_data;
	GCancellable *sign_in;
	char *sign_in_page;	/* (nullable): that the browser shows for it */
	GTask *sign_in_waiting; /* for the client secret on its way into the keyring */
	GTask *sign_in_task;	/* what the thread below works on */
	GThread *sign_in_thread;
	guint n_saving;
	guint n_adding; /* shared mailboxes on their way into it */

	gboolean online;
	gboolean closed;
	gboolean loading;
	gboolean checking;
	gboolean check_wanted;
	gboolean check_by_user;
	gint64 check_open;
	gint64 last_thorough; /* monotonic; 0: not in this run */
	gboolean pushing;
	gboolean push_wanted;
	guint push_again;
	guint push_source;
	GQueue downloads; /* of what outlook-account-offline.c keeps; the first one is that of @download */
	OutlookJob *download;
	gboolean browser_opened;
	gboolean sign_in_told;
	gboolean looked_again; /* in the keyring, for this check */
	gboolean store_told;
	gboolean volatile_told;
	gboolean tokens_left; /* by a sign-out that failed */
	gboolean copy_left;   /* by a removal that failed */
	char *last_report;

	GMutex mutex;
	GHashTable *changed; /* gint64 folder → guint arrived, until the main thread has said it */
	gboolean changed_queued;
};

typedef enum {
	OUTLOOK_ACCOUNT_STATE_CHANGED,
	OUTLOOK_ACCOUNT_FOLDERS_CHANGED,
	OUTLOOK_ACCOUNT_FOLDER_CHANGED,
	OUTLOOK_ACCOUNT_REPORT,
	OUTLOOK_ACCOUNT_PROGRESS,
	OUTLOOK_ACCOUNT_LOG,
	OUTLOOK_ACCOUNT_FAILURE,
	OUTLOOK_ACCOUNT_SETTINGS_CHANGED,
	OUTLOOK_ACCOUNT_N_SIGNALS,
} OutlookAccountSignal;

#define OUTLOOK_ACCOUNT_DIRECTORY "outlook-mail" /* of all accounts, below the user's data */

/* What a job needs; it touches nothing of the account itself. */
typedef struct {
	OutlookAccount *account;
	OauthSession *session;
	OauthKeyring *keyring;
	OauthConfig *config;
	StoreAccount *store;
	char *secret;
	char *secret_file;
	gint64 open;
	gboolean thorough;
} OutlookAccountWork;

OutlookAccountWork *outlook_account_work_new(OutlookAccount *self);
void outlook_account_work_free(gpointer data);

/* The signal leaves from idle; any thread. */
void outlook_account_say(OutlookAccount *self, OutlookAccountSignal signal, gint severity, const char *text, guint done,
			 guint total);

/* Main thread. The same trouble at each check is said once, until something else happens. */
void outlook_account_report_error(OutlookAccount *self, const GError *error);
void outlook_account_emit_settings(OutlookAccount *self);
void outlook_account_emit_failure(OutlookAccount *self, const GError *error);
void outlook_account_clear_report(OutlookAccount *self);
void outlook_account_reopen_store(OutlookAccount *self); /* one that could not be opened is tried again */
void outlook_account_emit_state(OutlookAccount *self);

/* Asks the keyring, on a worker, since a locked one asks its owner first; then does the check that is wanted.
 */
void outlook_account_load(OutlookAccount *self);

void outlook_account_resume_check(OutlookAccount *self); /* one that had to wait */

/* Cancels a sign-in and waits for its thread, at most @seconds: FALSE when that is not over by then. */
gboolean outlook_account_end_sign_in(OutlookAccount *self, guint seconds);

/* What the session works with: what was switched on later is among its extra scopes alone. Transfer full. */
OauthConfig *outlook_account_make_config(OutlookAccount *self);

/* After other settings came in, in place of @before: permissions that are new are put aside. */
void outlook_account_take_scopes(OutlookAccount *self, const OauthConfig *before);

/* After the sign-in that asked for @asked, which are in the session now; @error: (nullable): why they are not */
void outlook_account_settle_wanted(OutlookAccount *self, char **asked, const GError *error);

char *outlook_account_describe_off(char **names); /* transfer full, translated: that they are switched off */

/* @names are not in the settings any more: the service does not give them, or nothing needs them. */
void outlook_account_drop_scopes(OutlookAccount *self, char **names);

/* Of a shared mailbox; @owner has what it needs to sign in. */
OutlookAccount *outlook_account_new_for_mailbox(OutlookAccount *owner, const char *address);
void outlook_account_open_shared(OutlookAccount *self); /* those of the settings */
void outlook_account_check_shared(OutlookAccount *self);
void outlook_account_session_lost_scopes(OauthSession *session, char **names, gboolean certain, gpointer data);

/* Goes on, once online, with what going offline interrupted. */
void outlook_account_resume_downloads(OutlookAccount *self);

/* The last chance of a run for local changes that wait, of shared mailboxes, too, all at once; transfer full, of
 * OutlookJob. What the server does not have after some seconds stays in the journal. */
GPtrArray *outlook_account_begin_flush(OutlookAccount *self);
gint64 outlook_account_get_flush_end(void); /* monotonic: until when a flush that begins now is waited for */

/*
 * Before the mail goes from here: sends what waits, and the copies of what was moved into other mailboxes, for some
 * seconds at most. Returns how many of these have no copy there yet.
 */
typedef void (*OutlookJobsWait)(GPtrArray *jobs, gint64 end);
guint outlook_account_send_off(OutlookAccount *self, OutlookJobsWait wait);

gboolean outlook_account_was_signed_in(OutlookAccount *self);
void outlook_account_name_owner(OutlookAccount *self); /* to the session: nobody else is to sign in */
void outlook_account_open_store(OutlookAccount *self);
void outlook_account_close_store(OutlookAccount *self);
void outlook_account_finish_removal(OutlookAccount *self); /* what an earlier run began */
/* A large mailbox takes its time to be removed: it is put aside at once and goes on a thread, or at the next start. */
void outlook_account_remove_aside(char *directory); /* transfer full; nullable */
void outlook_account_tell_volatile(OutlookAccount *self);

G_END_DECLS
