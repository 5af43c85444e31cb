/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "look-host.h"
#include "outlook-browser.h"
#include "outlook-device-window.h"
#include "outlook-failure-view.h"
#include "outlook-fields.h"
#include "outlook-letters.h"
#include "outlook-test.h"
#include "outlook-waiting.h"
#include "stage.h"

/*
 * The windows as they look in the language of the environment, with letters of twice the size: none is larger than a
 * screen of 1366 × 768, a key leads to one place, whatever the keys reach has a name, nothing is English, and the text
 * can be read on light and on dark.
 */

#define CLIENT "11111111-2222-4333-8444-555555555555"

/* Of the screen the edges of a window and the desktop's bar take some. */
#define WIDTH 1340
#define HEIGHT 690
#define EDGES 48 /* of whatever screen the test has */

/* Of text, by the guidelines for accessible pages of the W3C (WCAG 2.1, 1.4.3) */
#define CONTRAST 4.5

/* In place of the client's, which no window here is to open. */
gboolean
outlook_browser_open(const char *uri, GError **error)
{
	g_assert_not_reached();
}

typedef struct {
	const char *what;
	GHashTable *letters;
	GdkRGBA ground;
	guint n_focusable;
	guint n_without_letter;
} Look;

static void
check_name(Look *self, GtkWidget *widget)
{
	AtkObject *object = gtk_widget_get_accessible(widget);
	AtkRelationSet *set = atk_object_ref_relation_set(object);
	const char *name = atk_object_get_name(object);

	if ((name == NULL || *name == '\0') && !atk_relation_set_contains(set, ATK_RELATION_LABELLED_BY))
		g_error("%s: a %s has no name for a screen reader", self->what, G_OBJECT_TYPE_NAME(widget));
	g_object_unref(set);
	self->n_focusable++;
}

static void
check_letter(Look *self, GtkLabel *label)
{
	guint letter = gtk_label_get_mnemonic_keyval(label);

	if (letter == GDK_KEY_VoidSymbol)
		self->n_without_letter += gtk_label_get_use_underline(label) && gtk_label_get_text(label)[0] != '\0';
	else if (!g_hash_table_add(self->letters, GUINT_TO_POINTER(letter)))
		g_error("%s: “%c” leads to two places, one is “%s”", self->what, letter, gtk_label_get_text(label));
}

/* In languages with letters of their own a text without any of them is English, or a name. */
static void
check_words(Look *self, const char *text)
{
	const char *language = g_getenv("LANGUAGE");
	gboolean has_own_letters = g_str_equal(language, "ja") || g_str_equal(language, "zh_CN");

	if (!g_regex_match_simple("[A-Za-z]{2}", text, 0, 0) || g_str_equal(language, "en"))
		return;
	if (g_regex_match_simple("^(localhost|[A-Za-z]+(\\.[A-Za-z]+)+|https?://\\S*|[A-Z0-9]{9}|AADSTS\\d+(\\s.*)?)$",
				 text, G_REGEX_DOTALL, 0))
		return;
	if (g_strcmp0(_(text), text) != 0 || (has_own_letters && g_str_is_ascii(text)))
		g_error("%s: “%s” is English", self->what, text);
}

static double
get_light(double part)
{
	return part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

static double
get_luminance(const GdkRGBA *color)
{
	return 0.2126 * get_light(color->red) + 0.7152 * get_light(color->green) + 0.0722 * get_light(color->blue);
}

static double
mix(double front, double back, double share)
{
	return front * share + back * (1 - share);
}

/* What lies on a button is the theme's. */
static void
check_contrast(GtkWidget *widget, gpointer data)
{
	Look *self = data;

	if (!gtk_widget_get_mapped(widget) || GTK_IS_BUTTON(widget) || !gtk_widget_is_sensitive(widget))
		return;
	if (GTK_IS_LABEL(widget) && gtk_label_get_text(GTK_LABEL(widget))[0] != '\0') {
		GtkStyleContext *style = gtk_widget_get_style_context(widget);
		GtkStateFlags state = gtk_style_context_get_state(style);
		GdkRGBA color;
		double opacity, lighter, darker;

		gtk_style_context_get_color(style, state, &color);
		gtk_style_context_get(style, state, "opacity", &opacity, NULL);
		color.red = mix(color.red, self->ground.red, color.alpha * opacity);
		color.green = mix(color.green, self->ground.green, color.alpha * opacity);
		color.blue = mix(color.blue, self->ground.blue, color.alpha * opacity);
		lighter = MAX(get_luminance(&color), get_luminance(&self->ground));
		darker = MIN(get_luminance(&color), get_luminance(&self->ground));
		if ((lighter + 0.05) / (darker + 0.05) < CONTRAST)
			g_error("%s: “%s” has a contrast of %.1f", self->what, gtk_label_get_text(GTK_LABEL(widget)),
				(lighter + 0.05) / (darker + 0.05));
	} else if (GTK_IS_CONTAINER(widget)) {
		gtk_container_forall(GTK_CONTAINER(widget), check_contrast, self);
	}
}

static void
check_colors(Look *self, GtkWidget *window)
{
	static const struct {
		const char *theme;
		gboolean dark;
	} themes[] = {{"Adwaita", TRUE}, {"HighContrast", FALSE}, {"HighContrastInverse", TRUE}, {"Adwaita", FALSE}};

	for (guint i = 0; i < G_N_ELEMENTS(themes); i++) {
		g_autofree char *what =
			g_strdup_printf("%s, %s%s", self->what, themes[i].theme, themes[i].dark ? ", dark" : "");
		Look look = {.what = what};

		g_object_set(gtk_settings_get_default(), "gtk-theme-name", themes[i].theme,
			     "gtk-application-prefer-dark-theme", themes[i].dark, NULL);
		gtk_test_widget_wait_for_draw(window);
		g_assert_true(gtk_style_context_lookup_color(gtk_widget_get_style_context(window), "theme_bg_color",
							     &look.ground));
		g_assert_cmpint(get_luminance(&look.ground) < 0.2, ==, themes[i].dark);
		check_contrast(window, &look);
	}
}

static void
look_at(GtkWidget *widget, gpointer data)
{
	Look *self = data;

	if (!gtk_widget_get_mapped(widget))
		return;
	/* The parts of a combo box speak for it, and what scrolls is heard by what is in it. */
	if (gtk_widget_get_can_focus(widget) && !GTK_IS_LABEL(widget) && !GTK_IS_SCROLLED_WINDOW(widget) &&
	    gtk_widget_get_ancestor(gtk_widget_get_parent(widget), GTK_TYPE_COMBO_BOX) == NULL)
		check_name(self, widget);
	if (GTK_IS_LABEL(widget)) {
		check_letter(self, GTK_LABEL(widget));
		check_words(self, gtk_label_get_text(GTK_LABEL(widget)));
	} else if (GTK_IS_CONTAINER(widget)) {
		gtk_container_forall(GTK_CONTAINER(widget), look_at, self);
	}
}

static void
check_size(GtkWidget *window, const char *what)
{
	GtkRequisition least;
	GtkRequisition natural;

	gtk_widget_get_preferred_size(window, &least, &natural);
	g_test_message("%s: %d × %d at least, %d × %d at best", what, least.width, least.height, natural.width,
		       natural.height);
	if (natural.width > WIDTH || natural.height > HEIGHT)
		g_error("%s needs %d × %d", what, natural.width, natural.height);
}

/* Returns: how many labels have no letter although they are to have one */
static guint
check(GtkWidget *window, const char *what, guint n_focusable)
{
	Look look = {.what = what, .letters = g_hash_table_new(NULL, NULL)};

	gtk_test_widget_wait_for_draw(window);
	gtk_container_forall(GTK_CONTAINER(window), look_at, &look);
	g_assert_cmpuint(look.n_focusable, >=, n_focusable);
	/* They are the same in each language. */
	if (g_str_equal(g_getenv("LANGUAGE"), "en"))
		check_colors(&look, window);
	g_hash_table_unref(look.letters);
	return look.n_without_letter;
}

static OauthConfig *
make_config(void)
{
	static const char *const scopes[] = {"User.Read", "Mail.ReadWrite", NULL};
	OauthConfig *config = oauth_config_new("account");

	config->client_id = g_strdup(CLIENT);
	config->identity_origin = g_strdup("https://login.microsoftonline.com");
	config->graph_origin = g_strdup("https://graph.microsoft.com");
	config->scopes = g_strdupv((char **)scopes);
	return config;
}

static OutlookFailure *
make_failure(const char *number)
{
	g_autofree char *page = g_strdup_printf("%s Correlation ID: 00000000-1111-4222-8333-444444444444", number);
	OutlookFailure *failure = outlook_failure_new_from_page(page);

	g_assert_nonnull(failure);
	return failure;
}

/* Numbers with one remedy, with two, and with those of the administrator */
static void
test_failures(void)
{
	static const char *const numbers[] = {"AADSTS50011", "AADSTS7000215", "AADSTS90094",
					      "AADSTS65001", "AADSTS53003",   "AADSTS7000218",
					      "AADSTS50020", "AADSTS90002",   "AADSTS700016"};
	g_autoptr(OauthConfig) config = make_config();

	for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autoptr(OutlookFailure) failure = make_failure(numbers[i]);
		GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
		GtkWidget *view = outlook_failure_view_new();

		outlook_failure_view_set_can_write(OUTLOOK_FAILURE_VIEW(view), TRUE);
		gtk_container_add(GTK_CONTAINER(window), view);
		outlook_failure_view_set(OUTLOOK_FAILURE_VIEW(view), failure, config);
		gtk_widget_show(window);
		g_assert_cmpuint(check(window, numbers[i], 2), ==, 0);
		check_size(window, numbers[i]);
		gtk_widget_destroy(window);
	}
}

static void
expand(GtkWidget *widget, gpointer data)
{
	if (GTK_IS_EXPANDER(widget))
		gtk_expander_set_expanded(GTK_EXPANDER(widget), TRUE);
	if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), expand, data);
}

static void
test_waiting(void)
{
	g_autoptr(OauthConfig) config = make_config();
	g_autoptr(OutlookFailure) failure = make_failure("AADSTS90094");
	GtkWidget *window = gtk_dialog_new_with_buttons("", NULL, 0, _("_Cancel"), 0, _("Sign in on another _device…"),
							1, _("_Sign in"), 2, NULL);
	GtkWidget *waiting = outlook_waiting_new();

	gtk_container_add(GTK_CONTAINER(gtk_dialog_get_content_area(GTK_DIALOG(window))), waiting);
	outlook_waiting_reset(OUTLOOK_WAITING(waiting), config, TRUE);
	outlook_waiting_set_uri(OUTLOOK_WAITING(waiting),
				"https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=" CLIENT,
				NULL);
	gtk_widget_show(window);
	outlook_letters_settle(waiting);
	g_assert_cmpuint(check(window, "the wait for the browser", 6), ==, 0);
	expand(waiting, NULL);
	outlook_failure_view_set_can_write(outlook_waiting_get_failure_view(OUTLOOK_WAITING(waiting)), TRUE);
	outlook_failure_view_set(outlook_waiting_get_failure_view(OUTLOOK_WAITING(waiting)), failure, config);
	g_assert_cmpuint(check(window, "an error in the browser", 11), ==, 0);
	check_size(window, "an error in the browser");
	gtk_widget_destroy(window);
}

/* What stands around it has letters of its own: the client's, or the assistant's. */
static GtkWidget *
make_form(gboolean is_new, GtkWidget **failure)
{
	g_autoptr(OutlookSettings) settings = outlook_settings_new();
	GtkWidget *window =
		is_new ? gtk_dialog_new_with_buttons("", NULL, 0, _("_Cancel"), 0, _("Sign in on another _device…"), 1,
						     _("_Sign in"), 2, NULL)
		       : gtk_dialog_new_with_buttons("", NULL, 0, _("_Cancel"), 0, "(_O)", 1, NULL);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
	GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);

	*failure = outlook_failure_view_new();
	gtk_box_pack_start(GTK_BOX(box), *failure, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(box), outlook_fields_new(settings, is_new), FALSE, FALSE, 0);
	g_object_set(scrolled, "propagate-natural-width", TRUE, "height-request", 400, NULL);
	gtk_container_add(GTK_CONTAINER(scrolled), box);
	gtk_box_pack_start(GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(window))), scrolled, TRUE, TRUE, 0);
	gtk_widget_show_all(window);
	outlook_letters_settle(box);
	return window;
}

static void
test_form(void)
{
	g_autoptr(OauthConfig) config = make_config();
	g_autoptr(OutlookFailure) failure = make_failure("AADSTS90094");

	for (guint is_new = 0; is_new < 2; is_new++) {
		GtkWidget *view;
		GtkWidget *window = make_form(is_new, &view);
		const char *what = is_new ? "a new form" : "the form of an account";

		g_assert_cmpuint(check(window, what, 11), ==, 0);
		check_size(window, what);
		outlook_failure_view_set_can_write(OUTLOOK_FAILURE_VIEW(view), TRUE);
		outlook_failure_view_set(OUTLOOK_FAILURE_VIEW(view), failure, config);
		check(window, "a form with a failure", 15);
		outlook_failure_view_set_text(OUTLOOK_FAILURE_VIEW(view), NULL);
		expand(window, NULL);
		check(window, "a form with all that it has", 11 + 16);
		gtk_widget_destroy(window);
	}
}

static void
find_stack(GtkWidget *widget, gpointer data)
{
	GtkStack **found = data;

	if (GTK_IS_STACK(widget))
		*found = GTK_STACK(widget);
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find_stack, data);
}

static void
on_signed_in(OutlookAccount *account, const GError *error, gpointer data)
{
}

static void
test_device(void)
{
	Stage stage = {0};
	GtkStack *stack = NULL;
	GtkWidget *window;

	stage_open(&stage);
	outlook_device_window_open(NULL, stage.account, on_signed_in, NULL);
	window = stage_get_dialog();
	find_stack(window, &stack);
	g_assert_cmpuint(check(window, "waiting for a code", 1), ==, 0);
	while (!g_str_equal(gtk_stack_get_visible_child_name(stack), "code"))
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(check(window, "a code for another device", 4), ==, 0);
	check_size(window, "a code for another device");
	outlook_device_window_close_all();
	stage_close(&stage);
}

static void
test_connection(void)
{
	Stage stage = {0};
	GtkWidget *window;

	stage_open(&stage);
	outlook_test_show(stage.account, NULL);
	window = stage_get_dialog();
	while (!gtk_widget_get_sensitive(gtk_dialog_get_widget_for_response(GTK_DIALOG(window), 1)))
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(check(window, "a test of the connection", 2), ==, 0);
	check_size(window, "a test of the connection");
	gtk_widget_destroy(window);
	stage_close(&stage);
}

static void
on_code(OutlookAccount *account, const OauthDeviceCode *code, gpointer stage)
{
	simulator_enter_code(((Stage *)stage)->tenant, code->user_code, SIMULATOR_USER, TRUE);
}

static Stage *asked;

/* The host makes it as wide as it likes; the buttons are as wide as they are. */
static void
look_at_question(GtkWidget *dialog)
{
	const char *what = "the question of a sign-out";
	int height;
	int width;

	asked->n_done++;
	g_assert_cmpuint(check(dialog, what, 3), ==, 0);
	gtk_widget_get_preferred_width(dialog, &width, NULL);
	gtk_widget_get_preferred_height_for_width(dialog, WIDTH, NULL, &height);
	g_test_message("%s: %d wide at least, %d high", what, width, height);
	g_assert_cmpint(width, <=, WIDTH);
	g_assert_cmpint(height, <=, HEIGHT);
}

static int
get_screen_width(void)
{
	GdkRectangle screen;

	gdk_monitor_get_geometry(gdk_display_get_monitor(gdk_display_get_default(), 0), &screen);
	return screen.width;
}

static void
test_page(void)
{
	g_autoptr(OutlookSettings) settings = outlook_settings_new();
	g_autoptr(OauthKeyring) keyring = oauth_keyring_new_in_memory();
	OutlookAccount *account = NULL;
	GtkWidget *window;

	outlook_settings_set(&settings->config->client_id, CLIENT);
	account = outlook_account_new_without_store("Outlook", settings, keyring);
	look_host_begin(account, 0, NULL);
	window = look_host_open_page();
	/* In French one text consists of letters that no other one can do without. */
	g_assert_cmpuint(check(window, "the page of an account", 12), <=, g_str_equal(g_getenv("LANGUAGE"), "fr"));
	check_size(window, "the page of an account");
	while (!look_host_shows_whole_page(get_screen_width() - EDGES))
		g_main_context_iteration(NULL, TRUE);
	expand(window, NULL);
	check(window, "the page of an account with all that it has", 12 + 16);
	look_host_end();
	outlook_account_close(account, TRUE);
	g_assert_finalize_object(account);
}

static void
find_waiting(GtkWidget *widget, gpointer data)
{
	GtkWidget **found = data;

	if (OUTLOOK_IS_WAITING(widget))
		*found = widget;
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), find_waiting, data);
}

static void
note_uri(GtkWidget *widget, gpointer uris)
{
	if (GTK_IS_ENTRY(widget) && gtk_widget_get_mapped(widget))
		g_ptr_array_add(uris, g_strdup(gtk_entry_get_text(GTK_ENTRY(widget))));
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), note_uri, uris);
}

/* A browser that shows an error, which stays there */
static gboolean
open_nothing(const char *uri, gpointer data, GError **error)
{
	return TRUE;
}

static void
count_buttons(GtkWidget *widget, gpointer n)
{
	if (GTK_IS_BUTTON(widget))
		(*(guint *)n)++;
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), count_buttons, n);
}

/* What the host applied is in strings of its own until its dialog closes: nobody writes a mail with that account. */
static void
check_applied(GtkWidget *waiting)
{
	OutlookFailureView *view = outlook_waiting_get_failure_view(OUTLOOK_WAITING(waiting));
	g_autoptr(OutlookFailure) failure = make_failure("AADSTS90094");
	g_autoptr(OauthConfig) config = make_config();
	guint n_before = 0;
	guint n_after = 0;
	guint n_next = 0;

	outlook_failure_view_set(view, failure, config);
	count_buttons(GTK_WIDGET(view), &n_before);
	look_host_apply();
	count_buttons(GTK_WIDGET(view), &n_after);
	g_assert_cmpuint(n_after, ==, n_before - 1);
	outlook_failure_view_set(view, failure, config);
	count_buttons(GTK_WIDGET(view), &n_next);
	g_assert_cmpuint(n_next, ==, n_after);
}

static void
cancel_sign_in(OutlookAccount *account)
{
	g_assert_true(outlook_account_is_signing_in(account));
	outlook_account_cancel_sign_in(account);
	while (outlook_account_is_signing_in(account))
		g_main_context_iteration(NULL, TRUE);
}

static void
test_page_during_sign_in(void)
{
	g_autoptr(GPtrArray) uris = g_ptr_array_new_with_free_func(g_free);
	GtkWidget *waiting = NULL;
	GtkWidget *window;
	Stage stage = {0};

	stage_open(&stage);
	outlook_account_set_browser(stage.account, open_nothing, NULL);
	look_host_begin(stage.account, 0, NULL);
	window = look_host_open_page();
	find_waiting(window, &waiting);
	g_assert_nonnull(waiting);
	g_assert_false(gtk_widget_get_mapped(waiting));
	outlook_account_sign_in(stage.account, on_signed_in, NULL);
	while (outlook_account_get_sign_in_page(stage.account) == NULL)
		g_main_context_iteration(NULL, TRUE);
	g_assert_true(gtk_widget_get_mapped(waiting));
	note_uri(waiting, uris);
	g_assert_cmpuint(uris->len, ==, 1);
	g_assert_cmpstr(uris->pdata[0], ==, outlook_account_get_sign_in_page(stage.account));
	check(window, "the page of an account during a sign-in", 12 + 3);
	check_size(window, "the page of an account during a sign-in");
	check_applied(waiting);
	cancel_sign_in(stage.account);
	g_assert_false(gtk_widget_get_mapped(waiting));
	/* Nor are the proxy's strings looked at now. */
	look_host_sign_in();
	cancel_sign_in(stage.account);
	look_host_end();
	stage_close(&stage);
}

/* By somebody who is signed in, with mails in the queue */
static void
test_sign_out(void)
{
	Stage stage = {0};

	stage_open(&stage);
	stage_add_person(&stage);
	outlook_account_sign_in_by_device(stage.account, on_code, stage_note_signed_in, &stage);
	while (stage.n_done == 0)
		g_main_context_iteration(NULL, TRUE);
	look_host_begin(stage.account, 2, look_at_question);
	look_host_open_page();
	asked = &stage;
	look_host_sign_out();
	g_assert_cmpuint(stage.n_done, ==, 2);
	look_host_end();
	stage_close(&stage);
}

int
main(int argc, char *argv[])
{
	/* It would win over the themes that are tried here. */
	g_unsetenv("GTK_THEME");
	gtk_test_init(&argc, &argv, NULL);
	setlocale(LC_ALL, "C.UTF-8");
	bindtextdomain(GETTEXT_PACKAGE, TRANSLATIONS);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
	g_assert_cmpint(g_str_equal(g_getenv("LANGUAGE"), "en"), ==,
			g_str_equal(_("Add Outlook account"), "Add Outlook account"));
	g_test_add_func("/look/a failure", test_failures);
	g_test_add_func("/look/the wait for the browser", test_waiting);
	g_test_add_func("/look/the form", test_form);
	g_test_add_func("/look/a code for another device", test_device);
	g_test_add_func("/look/a test of the connection", test_connection);
	g_test_add_func("/look/the page of an account", test_page);
	g_test_add_func("/look/the page of an account during a sign-in", test_page_during_sign_in);
	g_test_add_func("/look/the question of a sign-out", test_sign_out);
	return g_test_run();
}
