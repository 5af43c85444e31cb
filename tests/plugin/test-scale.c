/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-failure-view.h"
#include "outlook-waiting.h"

#define CLIENT "11111111-2222-4333-8444-555555555555"

/* The letters of the test are twice as large as usual; of a screen this wide the edges of a window take some. */
#define WIDTH 1200
#define HEIGHT 900

#ifdef __SANITIZE_ADDRESS__
/* What the fonts of the desktop never give back is not ours. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\n";
}
#endif

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

static void
assert_fits(GtkWidget *widget, const char *what)
{
	GtkRequisition least;
	GtkRequisition natural;

	gtk_widget_get_preferred_size(widget, &least, &natural);
	g_test_message("%s: %d × %d at least, %d × %d at best", what, least.width, least.height, natural.width,
		       natural.height);
	if (least.width > WIDTH || natural.width > WIDTH || natural.height > HEIGHT)
		g_error("%s needs %d × %d", what, natural.width, natural.height);
}

static void
look(GtkWidget *widget, gpointer data)
{
	guint *n_focusable = data;

	if (gtk_widget_get_can_focus(widget) && gtk_widget_get_mapped(widget)) {
		AtkObject *object = gtk_widget_get_accessible(widget);
		AtkRelationSet *set = atk_object_ref_relation_set(object);
		const char *name = atk_object_get_name(object);

		if ((name == NULL || *name == '\0') && !atk_relation_set_contains(set, ATK_RELATION_LABELLED_BY))
			g_error("a %s has no name for a screen reader", G_OBJECT_TYPE_NAME(widget));
		g_object_unref(set);
		(*n_focusable)++;
	}
	if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), look, data);
}

static guint
count_focusable(GtkWidget *window)
{
	guint n_focusable = 0;

	gtk_test_widget_wait_for_draw(window);
	look(window, &n_focusable);
	return n_focusable;
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
		g_autofree char *page =
			g_strdup_printf("%s Correlation ID: 00000000-1111-4222-8333-444444444444", numbers[i]);
		g_autoptr(OutlookFailure) failure = outlook_failure_new_from_page(page);
		GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
		GtkWidget *view = outlook_failure_view_new();

		g_assert_nonnull(failure);
		outlook_failure_view_set_can_write(OUTLOOK_FAILURE_VIEW(view), TRUE);
		gtk_container_add(GTK_CONTAINER(window), view);
		outlook_failure_view_set(OUTLOOK_FAILURE_VIEW(view), failure, config);
		gtk_widget_show(window);
		g_assert_cmpuint(count_focusable(window), >=, 2);
		assert_fits(window, numbers[i]);
		gtk_widget_destroy(window);
	}
}

static void
test_waiting(void)
{
	g_autoptr(OauthConfig) config = make_config();
	GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	GtkWidget *waiting = outlook_waiting_new();

	gtk_container_add(GTK_CONTAINER(window), waiting);
	outlook_waiting_reset(OUTLOOK_WAITING(waiting), config);
	outlook_waiting_set_uri(OUTLOOK_WAITING(waiting),
				"https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=" CLIENT,
				"There is no browser.");
	gtk_widget_show(window);
	g_assert_cmpuint(count_focusable(window), >=, 3);
	assert_fits(window, "the wait for the browser");
	gtk_widget_destroy(window);
}

int
main(int argc, char *argv[])
{
	gtk_test_init(&argc, &argv, NULL);
	g_test_add_func("/scale/a failure fits the screen with letters of twice the size", test_failures);
	g_test_add_func("/scale/the wait for the browser fits the screen with letters of twice the size", test_waiting);
	return g_test_run();
}
