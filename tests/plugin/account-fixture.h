/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-account.h"
#include "simulator.h"

/* An account at a simulated tenant, with a browser in which somebody consents at once. */

#define FIXTURE_MAIL "From: Bob <bob@contoso.example>\r\nTo: alice@contoso.example\r\nSubject: Kites\r\n\r\nHello.\r\n"

#define iterate_until(condition) \
	while (!(condition))     \
	g_main_context_iteration(NULL, TRUE)

typedef struct {
	Simulator *simulator;
	OutlookSettings *settings;
	OauthKeyring *keyring;
	OutlookAccount *account;
	char *secret_file;
	gboolean deny;
	guint n_opened;
	guint n_states;
	guint n_folders;
	GHashTable *changed;
	GPtrArray *reports;
	GThread *browser;
	guint lost_after; /* changes of folders, until the sign-in dies; 0: never */
} AccountFixture;

/**
 * FixtureDevice:
 * @person: (nullable): who enters the code at another device; %NULL: the sign-in is cancelled instead
 *
 * For outlook_account_sign_in_by_device(), with the two functions below.
 */
typedef struct {
	Simulator *simulator;
	const char *person;
	guint n_shown;
	gboolean done;
	GError *error;
} FixtureDevice;

void fixture_on_code(OutlookAccount *account, const OauthDeviceCode *code, gpointer data);
void fixture_on_signed_in(OutlookAccount *account, const GError *error, gpointer data);

/* Starts one with the mailbox of SIMULATOR_USER and a client. @secret: (nullable): the client's */
Simulator *fixture_start_simulator(const char *secret);
OutlookSettings *fixture_make_settings(Simulator *simulator);

/* @data: (nullable): the client's secret. For g_test_add(). */
void fixture_set_up(AccountFixture *fixture, gconstpointer data);
void fixture_tear_down(AccountFixture *fixture, gconstpointer data);

void fixture_open(AccountFixture *fixture);
void fixture_close(AccountFixture *fixture, gboolean forget);
void fixture_close_account(OutlookAccount **account, gboolean forget); /* any: it must be nobody else's */
StoreAccount *fixture_open_with_a_mail(AccountFixture *fixture); /* whose first check brought a mail, and is over */
gboolean fixture_open_uri(const char *uri, gpointer data, GError **error); /* the browser; @data: the fixture */
void fixture_sign_in(AccountFixture *fixture);
void fixture_sign_out(AccountFixture *fixture);
OauthState fixture_get_state(AccountFixture *fixture);

void fixture_deliver(AccountFixture *fixture); /* FIXTURE_MAIL, into the Inbox */
void fixture_fault(AccountFixture *fixture, const char *json);
void fixture_save_draft(AccountFixture *fixture);
guint32 fixture_append(StoreAccount *store, gint64 folder); /* the same here; returns its number */
gboolean fixture_inbox_has(AccountFixture *fixture, guint count);
gboolean fixture_is_leaving(OutlookAccount *account, gint64 folder, guint32 number); /* moved to another mailbox */
GArray *fixture_list_inbox(OutlookAccount *account, gint64 *inbox);		     /* not empty; of guint32 */
guint fixture_count_drafts(AccountFixture *fixture);
guint fixture_count_reports(AccountFixture *fixture, const char *word);

void fixture_note_done(OutlookAccount *account, const GError *error, gpointer data); /* @data: gboolean *, done well */
void fixture_on_folders_changed(OutlookAccount *account, AccountFixture *fixture);   /* counts */

void fixture_on_report(OutlookAccount *account, gint severity, const char *text, AccountFixture *fixture); /* keeps */

/* Of a program's main(): a directory of its own for the data, transfer full; then the tests that were added. */
char *fixture_begin(int *argc, char ***argv);
int fixture_run(const char *home);
