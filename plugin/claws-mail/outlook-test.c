/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-test.h"

#include <glib/gi18n-lib.h>

#include "outlook-explain.h"
#include "outlook-letters.h"
#include "store-probe.h"

#define RESPONSE_COPY 1
#define RESULT_CHARS 44

typedef struct {
	GtkWidget *mark;
	GtkWidget *result;
} Row;

/* The window; gone when the person closes it, whatever still runs. */
static struct {
	GtkWidget *dialog;
	OutlookAccount *account;
	gulong saved; /* until then it has not begun */
	OutlookJob *job;
	Row rows[STORE_N_PROBES];
	guint number; /* of this test: what an older one still says is nobody's */
} test;

/* On a lane; touches nothing of the window. */
typedef struct {
	OauthSession *session;
	GraphClient *client;
	guint number;
} Run;

/* On its way to the main thread. */
typedef struct {
	guint number;
	StoreProbe probe;
	StoreProbeOutcome outcome;
	char *text; /* nullable */
} Told;

static void
run_free(gpointer data)
{
	Run *run = data;

	g_object_unref(run->client);
	g_object_unref(run->session);
	g_free(run);
}

static void
told_free(gpointer data)
{
	Told *told = data;

	g_free(told->text);
	g_free(told);
}

static const char *
describe(StoreProbeOutcome outcome)
{
	switch (outcome) {
	case STORE_PROBE_STARTED:
		return _("being tried…");
	case STORE_PROBE_GOOD:
		return _("good");
	case STORE_PROBE_NOT_ALLOWED:
		return _("not asked for");
	case STORE_PROBE_NOT_REACHED:
		return _("not tried, because of what failed before");
	case STORE_PROBE_FAILED:
	default:
		return _("failed");
	}
}

static const char *
find_icon(StoreProbeOutcome outcome)
{
	switch (outcome) {
	case STORE_PROBE_STARTED:
		return "content-loading-symbolic";
	case STORE_PROBE_GOOD:
		return "object-select-symbolic";
	case STORE_PROBE_FAILED:
		return "dialog-error-symbolic";
	case STORE_PROBE_NOT_ALLOWED:
	case STORE_PROBE_NOT_REACHED:
	default:
		return "list-remove-symbolic";
	}
}

static gboolean
show_told(gpointer data)
{
	const Told *told = data;
	Row *row = &test.rows[told->probe];

	if (test.dialog == NULL || told->number != test.number)
		return G_SOURCE_REMOVE;
	gtk_image_set_from_icon_name(GTK_IMAGE(row->mark), find_icon(told->outcome), GTK_ICON_SIZE_BUTTON);
	gtk_label_set_text(GTK_LABEL(row->result), told->text != NULL ? told->text : describe(told->outcome));
	return G_SOURCE_REMOVE;
}

static void
on_told(StoreProbe probe, StoreProbeOutcome outcome, const char *detail, const GError *error, gpointer data)
{
	const Run *run = data;
	Told *told = g_new0(Told, 1);

	told->number = run->number;
	told->probe = probe;
	told->outcome = outcome;
	told->text = error != NULL ? outlook_explain(error) : g_strdup(detail);
	g_idle_add_full(G_PRIORITY_DEFAULT, show_told, told, told_free);
}

static gpointer
run_test(gpointer data, GCancellable *cancellable, GError **error)
{
	const Run *run = data;

	store_probe_run(run->session, run->client, on_told, data, cancellable, error);
	return NULL;
}

static void
test_done(gpointer result, const GError *error, gpointer data)
{
	const Run *run = data;

	if (test.dialog == NULL || run->number != test.number)
		return;
	g_clear_pointer(&test.job, outlook_job_unref);
	gtk_button_set_label(
		GTK_BUTTON(gtk_dialog_get_widget_for_response(GTK_DIALOG(test.dialog), GTK_RESPONSE_CLOSE)),
		_("_Close"));
	gtk_dialog_set_response_sensitive(GTK_DIALOG(test.dialog), RESPONSE_COPY, TRUE);
	outlook_letters_settle(test.dialog);
}

/* As the window shows it, a line each. */
static char *
make_text(void)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < STORE_N_PROBES; i++)
		g_string_append_printf(text, "%s: %s\n", store_probe_get_name(i),
				       gtk_label_get_text(GTK_LABEL(test.rows[i].result)));
	return g_string_free(text, FALSE);
}

static void
on_response(GtkDialog *dialog, int response, gpointer data)
{
	g_autofree char *text = NULL;

	if (response != RESPONSE_COPY) {
		gtk_widget_destroy(GTK_WIDGET(dialog));
		return;
	}
	text = make_text();
	gtk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(dialog), GDK_SELECTION_CLIPBOARD), text, -1);
}

static void
on_destroy(GtkWidget *dialog, gpointer data)
{
	if (test.job != NULL)
		outlook_job_cancel(test.job);
	g_clear_pointer(&test.job, outlook_job_unref);
	g_clear_signal_handler(&test.saved, test.account);
	g_clear_object(&test.account);
	test.dialog = NULL;
}

static void
add_row(GtkGrid *grid, StoreProbe probe)
{
	Row *row = &test.rows[probe];
	GtkWidget *name = gtk_label_new(store_probe_get_name(probe));

	row->mark = gtk_image_new();
	row->result = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(name), 0);
	gtk_label_set_yalign(GTK_LABEL(name), 0);
	gtk_widget_set_valign(row->mark, GTK_ALIGN_START);
	gtk_label_set_xalign(GTK_LABEL(row->result), 0);
	gtk_label_set_line_wrap(GTK_LABEL(row->result), TRUE);
	gtk_label_set_width_chars(GTK_LABEL(row->result), RESULT_CHARS);
	gtk_label_set_max_width_chars(GTK_LABEL(row->result), RESULT_CHARS);
	gtk_label_set_selectable(GTK_LABEL(row->result), TRUE);
	gtk_widget_set_can_focus(row->result, FALSE);
	gtk_widget_set_hexpand(row->result, TRUE);
	atk_object_add_relationship(gtk_widget_get_accessible(row->result), ATK_RELATION_LABELLED_BY,
				    gtk_widget_get_accessible(name));
	gtk_grid_attach(grid, row->mark, 0, (int)probe, 1, 1);
	gtk_grid_attach(grid, name, 1, (int)probe, 1, 1);
	gtk_grid_attach(grid, row->result, 2, (int)probe, 1, 1);
}

static void
build(GtkWindow *parent)
{
	GtkWidget *grid = gtk_grid_new();
	GtkWidget *content;

	test.dialog = gtk_dialog_new_with_buttons(_("Test connection"), parent, GTK_DIALOG_DESTROY_WITH_PARENT,
						  _("Cop_y"), RESPONSE_COPY, _("_Cancel"), GTK_RESPONSE_CLOSE, NULL);
	gtk_window_set_modal(GTK_WINDOW(test.dialog), parent != NULL && gtk_window_get_modal(parent));
	gtk_dialog_set_response_sensitive(GTK_DIALOG(test.dialog), RESPONSE_COPY, FALSE);
	gtk_container_set_border_width(GTK_CONTAINER(grid), 12);
	gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
	gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
	for (guint i = 0; i < STORE_N_PROBES; i++)
		add_row(GTK_GRID(grid), i);
	content = gtk_dialog_get_content_area(GTK_DIALOG(test.dialog));
	gtk_box_pack_start(GTK_BOX(content), grid, TRUE, TRUE, 0);
	g_signal_connect(test.dialog, "response", G_CALLBACK(on_response), NULL);
	g_signal_connect(test.dialog, "destroy", G_CALLBACK(on_destroy), NULL);
	gtk_widget_show_all(test.dialog);
	outlook_letters_settle(test.dialog);
}

/* What was typed just now is what is tested. */
static void
begin(OutlookAccount *account)
{
	Run *run;

	if (outlook_account_is_saving(account))
		return;
	g_clear_signal_handler(&test.saved, account);
	run = g_new0(Run, 1);
	run->session = g_object_ref(outlook_account_get_session(account));
	run->client = graph_client_new(OAUTH_AUTHORIZER(run->session),
				       outlook_account_get_settings(account)->config->graph_origin, NULL, NULL);
	run->number = test.number;
	test.job = outlook_worker_push(outlook_account_get_worker(account), OUTLOOK_PRIORITY_USER, run_test, test_done,
				       run, run_free, NULL);
}

void
outlook_test_show(OutlookAccount *account, GtkWindow *parent)
{
	g_return_if_fail(!outlook_account_is_closed(account));

	if (test.dialog != NULL)
		gtk_widget_destroy(test.dialog);
	build(parent);
	test.account = g_object_ref(account);
	test.number++;
	test.saved = g_signal_connect(account, "state-changed", G_CALLBACK(begin), NULL);
	begin(account);
}

void
outlook_test_close(OutlookAccount *account)
{
	if (test.dialog != NULL && test.account == account)
		gtk_widget_destroy(test.dialog);
}
