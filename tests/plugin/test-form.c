/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-fields.h"
#include "outlook-scopes.h"

#include <string.h>

#define GUID "5f3b2c1d-8e4a-4f6b-9c7d-1a2b3c4d5e6f"
#define OTHER_GUID "0d9c3f1e-5a52-4c1e-9d0a-0a4f6a1b2c3d"

typedef gboolean (*Test)(GtkWidget *widget, gconstpointer wanted);

typedef struct {
	Test test;
	gconstpointer wanted;
	GtkWidget *found;
} Search;

static void
look(GtkWidget *widget, gpointer data)
{
	Search *search = data;

	if (search->found == NULL && search->test(widget, search->wanted))
		search->found = widget;
	if (search->found == NULL && GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), look, search);
}

static GtkWidget *
find(GtkWidget *root, Test test, gconstpointer wanted)
{
	Search search = {test, wanted, NULL};

	look(root, &search);
	if (search.found == NULL)
		g_error("there is no “%s”", (const char *)wanted);
	return search.found;
}

static gboolean
is_label_with(GtkWidget *widget, gconstpointer wanted)
{
	return GTK_IS_LABEL(widget) && gtk_label_get_mnemonic_widget(GTK_LABEL(widget)) != NULL &&
	       g_strcmp0(gtk_label_get_text(GTK_LABEL(widget)), wanted) == 0;
}

static GtkWidget *
find_field(GtkWidget *root, const char *label)
{
	return gtk_label_get_mnemonic_widget(GTK_LABEL(find(root, is_label_with, label)));
}

static gboolean
is_check_with(GtkWidget *widget, gconstpointer wanted)
{
	return GTK_IS_CHECK_BUTTON(widget) && g_strcmp0(gtk_button_get_label(GTK_BUTTON(widget)), wanted) == 0;
}

static GtkToggleButton *
find_check(GtkWidget *root, const char *name)
{
	return GTK_TOGGLE_BUTTON(find(root, is_check_with, name));
}

static void
assert_check(GtkWidget *scopes, const char *name, gboolean active, gboolean sensitive)
{
	GtkToggleButton *check = find_check(scopes, name);

	g_assert_cmpint(gtk_toggle_button_get_active(check), ==, active);
	g_assert_cmpint(gtk_widget_get_sensitive(GTK_WIDGET(check)), ==, sensitive);
}

static void
assert_chosen(GtkWidget *scopes, const char *expected)
{
	g_auto(GStrv) names = outlook_scopes_get(OUTLOOK_SCOPES(scopes));
	g_autofree char *text = g_strjoinv(" ", names);

	g_assert_cmpstr(text, ==, expected);
}

static void
choose(GtkWidget *root, const char *label, const char *id)
{
	g_assert_true(gtk_combo_box_set_active_id(GTK_COMBO_BOX(find_field(root, label)), id));
}

static GtkWidget *
make_scopes(void)
{
	const char *const *usual = oauth_permission_find_set("mail", OAUTH_AUDIENCE_WORK);

	return g_object_ref_sink(outlook_scopes_new(usual));
}

static void
test_the_least_useful_set(void)
{
	g_autoptr(GtkWidget) scopes = make_scopes();

	assert_chosen(scopes, "User.Read Mail.ReadWrite Mail.Send");
	assert_check(scopes, "User.Read", TRUE, FALSE);
	assert_check(scopes, "Mail.ReadWrite", TRUE, TRUE);
	assert_check(scopes, "Mail.Read", TRUE, FALSE);
	assert_check(scopes, "Mail.Send", TRUE, TRUE);
	assert_check(scopes, "Contacts.Read", FALSE, TRUE);
	assert_check(scopes, "MailFolders.Read", FALSE, FALSE);
	assert_check(scopes, "MailFolders.ReadWrite", FALSE, FALSE);
	g_assert_cmpstr(gtk_combo_box_get_active_id(GTK_COMBO_BOX(find_field(scopes, "Ask for:"))), ==, "mail");
}

static void
test_included_ones(void)
{
	g_autoptr(GtkWidget) scopes = make_scopes();

	gtk_toggle_button_set_active(find_check(scopes, "Contacts.ReadWrite.Shared"), TRUE);
	assert_check(scopes, "Contacts.Read", TRUE, FALSE);
	assert_check(scopes, "Contacts.ReadWrite", TRUE, FALSE);
	assert_check(scopes, "Contacts.Read.Shared", TRUE, FALSE);
	assert_chosen(scopes, "User.Read Mail.ReadWrite Mail.Send Contacts.ReadWrite.Shared");
	g_assert_cmpstr(gtk_combo_box_get_active_id(GTK_COMBO_BOX(find_field(scopes, "Ask for:"))), ==, "own");
	gtk_toggle_button_set_active(find_check(scopes, "Contacts.ReadWrite.Shared"), FALSE);
	assert_check(scopes, "Contacts.Read", FALSE, TRUE);
	assert_chosen(scopes, "User.Read Mail.ReadWrite Mail.Send");
	g_assert_cmpstr(gtk_combo_box_get_active_id(GTK_COMBO_BOX(find_field(scopes, "Ask for:"))), ==, "mail");
}

static void
test_sets_of_both_kinds(void)
{
	g_autoptr(GtkWidget) scopes = make_scopes();
	GtkComboBox *kind = GTK_COMBO_BOX(find_field(scopes, "Kind of account:"));

	choose(scopes, "Ask for:", "read-only");
	assert_chosen(scopes, "User.Read Mail.Read");
	choose(scopes, "Ask for:", "mail-and-contacts");
	assert_chosen(scopes, "User.Read Mail.ReadWrite Mail.Send Contacts.ReadWrite");
	choose(scopes, "Ask for:", "everything");
	assert_chosen(scopes, "User.Read Mail.ReadWrite.Shared Mail.Send.Shared MailboxSettings.ReadWrite "
			      "Contacts.ReadWrite.Shared User.ReadBasic.All");
	gtk_combo_box_set_active(kind, 1);
	assert_chosen(scopes, "User.Read Mail.ReadWrite Mail.Send MailboxSettings.ReadWrite Contacts.ReadWrite");
	assert_check(scopes, "Mail.ReadWrite.Shared", FALSE, FALSE);
	assert_check(scopes, "User.ReadBasic.All", FALSE, FALSE);
	choose(scopes, "Ask for:", ".default");
	assert_chosen(scopes, ".default");
	assert_check(scopes, "Mail.Send", FALSE, FALSE);
}

static void
test_names_that_are_not_in_the_list(void)
{
	static const char *const names[] = {"Mail.Read", "People.Read", "MailFolders.ReadWrite", NULL};
	g_autoptr(GtkWidget) scopes = g_object_ref_sink(outlook_scopes_new(names));

	assert_chosen(scopes, "User.Read Mail.Read People.Read");
}

static void
test_each_permission_is_described(void)
{
	static const char *const unused[] = {"Contacts.Read",	     "Contacts.ReadWrite",
					     "Contacts.Read.Shared", "Contacts.ReadWrite.Shared",
					     "MailboxSettings.Read", "MailboxSettings.ReadWrite",
					     "User.ReadBasic.All",   NULL};
	g_autoptr(GtkWidget) scopes = make_scopes();

	for (const OauthPermission *one = oauth_permission_list(); one->name != NULL; one++) {
		AtkObject *object = gtk_widget_get_accessible(GTK_WIDGET(find_check(scopes, one->name)));
		gboolean says_so = strstr(atk_object_get_description(object), "not use it yet") != NULL;

		g_assert_cmpstr(atk_object_get_name(object), ==, one->name);
		g_assert_nonnull(strstr(atk_object_get_description(object), one->meaning));
		g_assert_nonnull(strstr(atk_object_get_description(object), one->purpose));
		/* Nothing is promised that is not there. */
		g_assert_cmpint(says_so, ==, g_strv_contains(unused, one->name));
	}
}

static GtkWidget *
make_fields(const char *client_id, gboolean is_new)
{
	g_autoptr(OutlookSettings) settings = outlook_settings_new();

	outlook_settings_set(&settings->config->client_id, client_id);
	return g_object_ref_sink(outlook_fields_new(settings, is_new));
}

static void
type(GtkWidget *fields, const char *label, const char *text)
{
	gtk_entry_set_text(GTK_ENTRY(find_field(fields, label)), text);
}

/* What a screen reader reads of the field beside its name */
static const char *
get_complaint(GtkWidget *fields, const char *label)
{
	AtkRelationSet *set = atk_object_ref_relation_set(gtk_widget_get_accessible(find_field(fields, label)));
	AtkRelation *relation = atk_relation_set_get_relation_by_type(set, ATK_RELATION_DESCRIBED_BY);
	GtkWidget *text;

	g_assert_nonnull(relation);
	text = gtk_accessible_get_widget(g_ptr_array_index(atk_relation_get_target(relation), 0));
	g_object_unref(set);
	return gtk_widget_get_visible(text) ? gtk_label_get_text(GTK_LABEL(text)) : NULL;
}

static void
assert_complaint(GtkWidget *fields, const char *label, const char *words)
{
	const char *complaint = get_complaint(fields, label);

	if (words == NULL)
		g_assert_cmpstr(complaint, ==, NULL);
	else if (complaint == NULL || strstr(complaint, words) == NULL)
		g_error("%s expected “%s”, got “%s”", label, words, complaint != NULL ? complaint : "nothing");
}

static void
test_each_wrong_field_is_told(void)
{
	g_autoptr(GtkWidget) fields = make_fields("", TRUE);

	type(fields, "Application (client) ID:", "my client");
	type(fields, "Client secret:", " " OTHER_GUID "\n");
	type(fields, "Tenant ID:", "alice@contoso.example");
	assert_complaint(fields, "Tenant ID:", NULL);
	g_assert_false(outlook_fields_check(OUTLOOK_FIELDS(fields)));
	assert_complaint(fields, "Application (client) ID:", "blank");
	assert_complaint(fields, "Client secret:", "ID of the secret");
	assert_complaint(fields, "Tenant ID:", "mail address");
	assert_complaint(fields, "Cloud:", NULL);

	/* One that is put right stops complaining, the others go on. */
	type(fields, "Application (client) ID:", " " GUID " ");
	assert_complaint(fields, "Application (client) ID:", NULL);
	assert_complaint(fields, "Client secret:", "ID of the secret");
	type(fields, "Client secret:", " invented~value ");
	type(fields, "Tenant ID:", " contoso.example");
	g_assert_true(outlook_fields_check(OUTLOOK_FIELDS(fields)));
	g_assert_cmpstr(outlook_fields_get_secret(OUTLOOK_FIELDS(fields)), ==, "invented~value");
	{
		g_autoptr(OutlookSettings) settings = outlook_fields_get_settings(OUTLOOK_FIELDS(fields));

		g_assert_cmpstr(settings->config->client_id, ==, GUID);
		g_assert_cmpstr(settings->config->tenant, ==, "contoso.example");
	}
}

static void
test_the_tenant_decides_the_permissions(void)
{
	g_autoptr(GtkWidget) fields = make_fields(GUID, TRUE);
	GtkWidget *kind = find_field(fields, "Kind of account:");

	choose(fields, "Ask for:", "everything");
	type(fields, "Tenant ID:", "consumers");
	g_assert_false(gtk_widget_get_sensitive(kind));
	{
		g_autoptr(OutlookSettings) settings = outlook_fields_get_settings(OUTLOOK_FIELDS(fields));
		const char *const *personal = oauth_permission_find_set("everything", OAUTH_AUDIENCE_PERSONAL);

		g_assert_cmpuint(g_strv_length(settings->config->scopes), ==, g_strv_length((char **)personal));
		for (guint i = 0; personal[i] != NULL; i++)
			g_assert_true(g_strv_contains((const char *const *)settings->config->scopes, personal[i]));
	}
	type(fields, "Tenant ID:", "");
	g_assert_true(gtk_widget_get_sensitive(kind));
	choose(fields, "Cloud:", "china");
	g_assert_false(gtk_widget_get_sensitive(kind));
	g_assert_cmpint(gtk_combo_box_get_active(GTK_COMBO_BOX(kind)), ==, 0);
}

static gboolean
has_name(GtkWidget *widget)
{
	AtkObject *object = gtk_widget_get_accessible(widget);
	AtkRelationSet *set = atk_object_ref_relation_set(object);
	const char *name = atk_object_get_name(object);
	gboolean named = (name != NULL && *name != '\0') || atk_relation_set_contains(set, ATK_RELATION_LABELLED_BY);

	g_object_unref(set);
	return named;
}

static void
walk(GtkWidget *widget, gpointer data)
{
	guint *n_focusable = data;

	if (gtk_widget_get_can_focus(widget) && !GTK_IS_LABEL(widget)) {
		/* The parts of a combo box speak for it. */
		if (!GTK_IS_COMBO_BOX(gtk_widget_get_parent(widget)) &&
		    gtk_widget_get_ancestor(gtk_widget_get_parent(widget), GTK_TYPE_COMBO_BOX) == NULL) {
			(*n_focusable)++;
			if (!has_name(widget))
				g_error("a %s has no name for a screen reader", G_OBJECT_TYPE_NAME(widget));
		}
	}
	if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), walk, n_focusable);
}

static void
test_names(void)
{
	for (guint is_new = 0; is_new < 2; is_new++) {
		g_autoptr(GtkWidget) fields = make_fields(GUID, is_new);
		guint n_focusable = 0;

		walk(fields, &n_focusable);
		g_assert_cmpuint(n_focusable, >=, 12 + 16);
	}
}

/* There is no window manager that would tell the window that the keys are its own. */
static void
give_keys(GtkWidget *window)
{
	GdkEvent *event = gdk_event_new(GDK_FOCUS_CHANGE);

	event->focus_change.window = g_object_ref(gtk_widget_get_window(window));
	event->focus_change.in = TRUE;
	gdk_event_set_device(event, gdk_seat_get_keyboard(gdk_display_get_default_seat(gdk_display_get_default())));
	gtk_main_do_event(event);
	gdk_event_free(event);
}

/* From field to field with the Tab key, in the order in which they are read. */
static void
test_the_way_through_the_form(void)
{
	static const char *const labels[] = {
		"Application (client) ID:", "Client secret:", "Tenant ID:", "Cloud:", "Redirect URI to register:"};
	g_autoptr(GtkWidget) fields = make_fields(GUID, TRUE);
	GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	guint next = 0;

	gtk_container_add(GTK_CONTAINER(window), fields);
	gtk_widget_show(window);
	gtk_test_widget_wait_for_draw(window);
	give_keys(window);
	gtk_window_set_focus(GTK_WINDOW(window), NULL);
	for (guint i = 0; i < 20 && next < G_N_ELEMENTS(labels); i++) {
		GtkWidget *focus;

		gtk_widget_child_focus(window, GTK_DIR_TAB_FORWARD);
		focus = gtk_window_get_focus(GTK_WINDOW(window));
		if (focus != NULL && gtk_widget_is_ancestor(focus, find_field(fields, labels[next])))
			next++;
		else if (focus == find_field(fields, labels[next]))
			next++;
	}
	g_assert_cmpuint(next, ==, G_N_ELEMENTS(labels));
	gtk_widget_destroy(window);
}

static gboolean
is_button_named(GtkWidget *widget, gconstpointer wanted)
{
	return GTK_IS_BUTTON(widget) && g_strcmp0(atk_object_get_name(gtk_widget_get_accessible(widget)), wanted) == 0;
}

static void
test_the_redirect_is_copied(void)
{
	g_autoptr(GtkWidget) fields = make_fields(GUID, TRUE);
	GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	GtkWidget *entry = find_field(fields, "Redirect URI to register:");
	GtkClipboard *clipboard = gtk_clipboard_get(GDK_SELECTION_CLIPBOARD);
	g_autofree char *copied = NULL;

	g_assert_cmpstr(gtk_entry_get_text(GTK_ENTRY(entry)), ==, "http://localhost");
	type(fields, "Redirect path:", "/callback");
	g_assert_cmpstr(gtk_entry_get_text(GTK_ENTRY(entry)), ==, "http://localhost/callback");
	g_assert_false(gtk_editable_get_editable(GTK_EDITABLE(entry)));
	g_assert_nonnull(strstr(get_complaint(fields, "Redirect URI to register:"), "Mobile and desktop"));
	type(fields, "Client secret:", "invented~value");
	g_assert_nonnull(strstr(get_complaint(fields, "Redirect URI to register:"), "Web"));

	gtk_container_add(GTK_CONTAINER(window), fields);
	gtk_clipboard_set_text(clipboard, "what was there before", -1);
	gtk_button_clicked(GTK_BUTTON(find(fields, is_button_named, "Copy the redirect address")));
	copied = gtk_clipboard_wait_for_text(clipboard);
	g_assert_cmpstr(copied, ==, "http://localhost/callback");
	gtk_widget_destroy(window);
}

/* A secret that is stored is not shown. */
static void
test_the_platform_of_an_account_with_a_secret(void)
{
	g_autoptr(GtkWidget) fields = make_fields(GUID, FALSE);

	g_assert_cmpstr(
		get_complaint(fields, "Redirect URI to register:"), ==,
		"Register it for “Mobile and desktop applications”, or for “Web” if there is a client secret; no "
		"port is needed.");
	type(fields, "Client secret:", "invented~value");
	g_assert_null(strstr(get_complaint(fields, "Redirect URI to register:"), "Mobile and desktop"));
	gtk_toggle_button_set_active(find_check(fields, "Use _no client secret"), TRUE);
	g_assert_null(strstr(get_complaint(fields, "Redirect URI to register:"), "Web"));
}

int
main(int argc, char *argv[])
{
	gtk_test_init(&argc, &argv, NULL);
	g_test_add_func("/form/the least useful permissions are chosen", test_the_least_useful_set);
	g_test_add_func("/form/what a permission includes is shown and cannot be taken away", test_included_ones);
	g_test_add_func("/form/sets for both kinds of account", test_sets_of_both_kinds);
	g_test_add_func("/form/names that the list does not know are kept, those that do not exist are not",
			test_names_that_are_not_in_the_list);
	g_test_add_func("/form/a screen reader reads what each permission is for", test_each_permission_is_described);
	g_test_add_func("/form/each wrong field says what is wrong, until it is right", test_each_wrong_field_is_told);
	g_test_add_func("/form/tenant and cloud decide the permissions", test_the_tenant_decides_the_permissions);
	g_test_add_func("/form/each field has a name for a screen reader", test_names);
	g_test_add_func("/form/the Tab key goes through the form as it is read", test_the_way_through_the_form);
	g_test_add_func("/form/the redirect address to register follows the form, and is copied",
			test_the_redirect_is_copied);
	g_test_add_func("/form/the platform to register for is the one that takes the secret, if there is one",
			test_the_platform_of_an_account_with_a_secret);
	return g_test_run();
}
