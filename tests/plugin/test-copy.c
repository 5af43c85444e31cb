/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtk/gtk.h>
#include <string.h>

#include "outlook-browser.h"
#include "outlook-device-window.h"
#include "outlook-failure-view.h"
#include "outlook-test.h"
#include "outlook-waiting.h"
#include "stage.h"
#include "store-probe.h"

/* What lies on the clipboard when the button beside a text was pressed. */

#define CLIENT "11111111-2222-4333-8444-555555555555"
#define ID "00000000-1111-4222-8333-444444444444"
#define SIGN_IN_PAGE "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=" CLIENT

/* In place of the client's, which no window here is to open. */
gboolean
outlook_browser_open(const char *uri, GError **error)
{
	g_assert_not_reached();
}

typedef struct {
	const char *name; /* as a screen reader says it */
	GtkWidget *found;
} Search;

static void
find_button(GtkWidget *widget, gpointer data)
{
	Search *self = data;

	if (GTK_IS_BUTTON(widget) && gtk_widget_get_mapped(widget) && gtk_widget_is_sensitive(widget) &&
	    g_strcmp0(atk_object_get_name(gtk_widget_get_accessible(widget)), self->name) == 0)
		self->found = widget;
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find_button, data);
}

/* As soon as it can be pressed. Returns: what the clipboard has afterwards */
static char *
press(GtkWidget *window, const char *name)
{
	GtkClipboard *clipboard = gtk_clipboard_get(GDK_SELECTION_CLIPBOARD);
	Search search = {name, NULL};

	gtk_clipboard_set_text(clipboard, "what was there before", -1);
	find_button(window, &search);
	while (search.found == NULL) {
		g_main_context_iteration(NULL, TRUE);
		find_button(window, &search);
	}
	gtk_button_clicked(GTK_BUTTON(search.found));
	return gtk_clipboard_wait_for_text(clipboard);
}

static void
assert_copies(GtkWidget *window, const char *name, const char *expected)
{
	g_autofree char *text = press(window, name);

	g_assert_cmpstr(text, ==, expected);
}

static OauthConfig *
make_config(void)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", NULL};
	OauthConfig *config = oauth_config_new("account");

	config->client_id = g_strdup(CLIENT);
	config->tenant = g_strdup("contoso.example");
	config->identity_origin = g_strdup("https://login.microsoftonline.com");
	config->graph_origin = g_strdup("https://graph.microsoft.com");
	config->scopes = g_strdupv((char **)scopes);
	return config;
}

static GtkWidget *
make_window(GtkWidget *child)
{
	GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);

	gtk_container_add(GTK_CONTAINER(window), child);
	gtk_widget_show(child);
	gtk_widget_show(window);
	return window;
}

static void
test_failure(void)
{
	g_autoptr(OauthConfig) config = make_config();
	g_autoptr(OutlookFailure) failure =
		outlook_failure_new_from_page("Sorry. AADSTS90094: Admin consent is required. Correlation ID: " ID);
	GtkWidget *view = outlook_failure_view_new();
	GtkWidget *window = make_window(view);
	g_autofree char *link = NULL;

	outlook_failure_view_set(OUTLOOK_FAILURE_VIEW(view), failure, config);
	assert_copies(window, "Copy the details", "AADSTS90094\nCorrelation ID: " ID);
	link = press(window, "Copy the link for the administrator");
	if (!g_str_has_prefix(link,
			      "https://login.microsoftonline.com/contoso.example/v2.0/adminconsent?client_id=" CLIENT
			      "&") ||
	    strstr(link, "Mail.ReadWrite") == NULL)
		g_error("“%s” was copied", link);
	gtk_widget_destroy(window);
}

static void
test_sign_in_page(void)
{
	g_autoptr(OauthConfig) config = make_config();
	GtkWidget *waiting = outlook_waiting_new();
	GtkWidget *window = make_window(waiting);

	outlook_waiting_reset(OUTLOOK_WAITING(waiting), config, FALSE);
	outlook_waiting_set_uri(OUTLOOK_WAITING(waiting), SIGN_IN_PAGE, NULL);
	assert_copies(window, "Copy the address of the sign-in page", SIGN_IN_PAGE);
	gtk_widget_destroy(window);
}

/* The code is good for what it is copied for. */
static void
test_device(void)
{
	g_autofree char *address = NULL;
	g_autofree char *expected = NULL;
	g_autofree char *code = NULL;
	Stage stage = {0};

	stage_open(&stage);
	stage_add_person(&stage);
	outlook_device_window_open(NULL, stage.account, stage_note_signed_in, &stage);
	address = press(stage_get_dialog(), "Copy the address of the sign-in page");
	expected = g_strconcat(simulator_get_origin(stage.tenant), "/common/oauth2/v2.0/deviceauth", NULL);
	g_assert_cmpstr(address, ==, expected);
	code = press(stage_get_dialog(), "Copy the code");
	g_assert_true(simulator_enter_code(stage.tenant, code, SIMULATOR_USER, TRUE));
	while (stage.n_done == 0)
		g_main_context_iteration(NULL, TRUE);
	stage_close(&stage);
}

static void
find_grid(GtkWidget *widget, gpointer data)
{
	GtkGrid **found = data;

	if (GTK_IS_GRID(widget))
		*found = GTK_GRID(widget);
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find_grid, data);
}

static const char *
get_text_at(GtkGrid *grid, int column, guint row)
{
	return gtk_label_get_text(GTK_LABEL(gtk_grid_get_child_at(grid, column, (int)row)));
}

/* Line by line as the window shows it; nobody is signed in, so that they are not all the same. */
static void
test_connection(void)
{
	g_autoptr(GString) expected = g_string_new(NULL);
	g_autofree char *text = NULL;
	GtkGrid *grid = NULL;
	GtkWidget *window;
	Stage stage = {0};

	stage_open(&stage);
	stage_add_person(&stage);
	outlook_test_show(stage.account, NULL);
	window = stage_get_dialog();
	text = press(window, "Copy");
	find_grid(window, &grid);
	for (guint i = 0; i < STORE_N_PROBES; i++)
		g_string_append_printf(expected, "%s: %s\n", get_text_at(grid, 1, i), get_text_at(grid, 2, i));
	g_assert_cmpstr(text, ==, expected->str);
	gtk_widget_destroy(window);
	stage_close(&stage);
}

int
main(int argc, char *argv[])
{
	gtk_test_init(&argc, &argv, NULL);
	g_test_add_func("/copy/the details of a failure, and the link for the administrator", test_failure);
	g_test_add_func("/copy/the address of the sign-in page", test_sign_in_page);
	g_test_add_func("/copy/the code for another device, and where it is typed", test_device);
	g_test_add_func("/copy/what a test of the connection has found", test_connection);
	return g_test_run();
}
