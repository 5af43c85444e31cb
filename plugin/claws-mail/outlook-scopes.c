/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-scopes.h"

#include <glib/gi18n-lib.h>

#include "oauth-config.h"
#include "oauth-scope.h"
#include "outlook-rows.h"

#define REQUIRED "User.Read"
#define OWN "own"
#define INDENT 24
#define TEXT_CHARS 58

typedef struct {
	const OauthPermission *permission;
	GtkWidget *check;
	GtkWidget *text;
	gboolean is_wanted; /* by the person, whatever another one includes */
} Row;

struct _OutlookScopes {
	GtkBox parent_instance;

	GtkWidget *audience;
	GtkWidget *set;
	GtkWidget *also;
	GPtrArray *rows;
	GPtrArray *others; /* names that the list does not know */
	gboolean is_default;
	gboolean is_updating;
};

G_DEFINE_FINAL_TYPE(OutlookScopes, outlook_scopes, GTK_TYPE_BOX)

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

static OauthAudience
get_audience(OutlookScopes *self)
{
	return gtk_combo_box_get_active(GTK_COMBO_BOX(self->audience)) == 1 ? OAUTH_AUDIENCE_PERSONAL
									    : OAUTH_AUDIENCE_WORK;
}

static gboolean
is_possible(OutlookScopes *self, const Row *row)
{
	return row->permission->exists &&
	       !(row->permission->is_work_only && get_audience(self) == OAUTH_AUDIENCE_PERSONAL);
}

/* Returns: (nullable): the chosen permission that includes this one */
static const Row *
find_holder(OutlookScopes *self, const Row *row)
{
	for (guint i = 0; i < self->rows->len; i++) {
		const Row *other = g_ptr_array_index(self->rows, i);

		if (other != row && other->is_wanted && is_possible(self, other) &&
		    oauth_scope_includes(other->permission->name, row->permission->name))
			return other;
	}
	return NULL;
}

static void
describe(Row *row, const char *state)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (state != NULL)
		g_string_append_printf(text, "%s ", state);
	g_string_append_printf(text, "%s %s", _(row->permission->meaning), _(row->permission->purpose));
	if (row->permission->exists && !row->permission->is_used)
		g_string_append_printf(text, " %s", _("This version does not use it yet."));
	gtk_label_set_text(GTK_LABEL(row->text), text->str);
	atk_object_set_description(gtk_widget_get_accessible(row->check), text->str);
}

static void
show_row(OutlookScopes *self, Row *row)
{
	const Row *holder = find_holder(self, row);
	gboolean is_required = g_str_equal(row->permission->name, REQUIRED);
	gboolean is_free = FALSE;
	gboolean is_active = FALSE;
	g_autofree char *state = NULL;

	if (self->is_default) {
		state = NULL;
	} else if (!is_possible(self, row)) {
		if (row->permission->exists)
			state = g_strdup(_("Not for personal accounts."));
	} else if (holder != NULL) {
		state = g_strdup_printf(_("Included in %s."), holder->permission->name);
		is_active = TRUE;
	} else {
		is_free = !is_required;
		is_active = row->is_wanted || is_required;
	}
	describe(row, state);
	gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(row->check), is_active);
	gtk_widget_set_sensitive(row->check, is_free);
}

/* Returns: the id of the set that is just what is chosen, or %OWN */
static const char *
find_chosen_set(OutlookScopes *self)
{
	g_auto(GStrv) chosen = outlook_scopes_get(self);

	if (self->is_default)
		return OAUTH_SCOPE_DEFAULT;
	for (const OauthPermissionSet *set = oauth_permission_list_sets(); set->id != NULL; set++) {
		const char *const *names = oauth_permission_find_set(set->id, get_audience(self));
		gboolean same = g_strv_length((char **)names) == g_strv_length(chosen);

		for (guint i = 0; same && names[i] != NULL; i++)
			same = g_strv_contains((const char *const *)chosen, names[i]);
		if (same)
			return set->id;
	}
	return OWN;
}

static void
show_others(OutlookScopes *self)
{
	g_autofree char *names = NULL;
	g_autofree char *text = NULL;

	if (self->others->len > 0) {
		g_ptr_array_add(self->others, NULL);
		names = g_strjoinv(", ", (char **)self->others->pdata);
		g_ptr_array_set_size(self->others, self->others->len - 1);
		text = g_strdup_printf(_("The account's settings name these, too: %s."), names);
	}
	gtk_label_set_text(GTK_LABEL(self->also), text != NULL ? text : "");
	gtk_widget_set_visible(self->also, text != NULL);
}

static void
show_all(OutlookScopes *self)
{
	self->is_updating = TRUE;
	for (guint i = 0; i < self->rows->len; i++)
		show_row(self, g_ptr_array_index(self->rows, i));
	gtk_combo_box_set_active_id(GTK_COMBO_BOX(self->set), find_chosen_set(self));
	show_others(self);
	self->is_updating = FALSE;
}

static Row *
find_row(OutlookScopes *self, const char *name)
{
	for (guint i = 0; i < self->rows->len; i++) {
		Row *row = g_ptr_array_index(self->rows, i);

		if (g_ascii_strcasecmp(row->permission->name, name) == 0)
			return row;
	}
	return NULL;
}

static void
want(OutlookScopes *self, const char *const *names)
{
	for (guint i = 0; i < self->rows->len; i++)
		((Row *)g_ptr_array_index(self->rows, i))->is_wanted = FALSE;
	g_ptr_array_set_size(self->others, 0);
	self->is_default = FALSE;
	for (guint i = 0; names != NULL && names[i] != NULL; i++) {
		Row *row = find_row(self, names[i]);

		if (row != NULL)
			row->is_wanted = row->permission->exists;
		else if (g_str_equal(names[i], OAUTH_SCOPE_DEFAULT))
			self->is_default = TRUE;
		else
			g_ptr_array_add(self->others, g_strdup(names[i]));
	}
	find_row(self, REQUIRED)->is_wanted = TRUE;
}

void
outlook_scopes_set(OutlookScopes *self, const char *const *names)
{
	want(self, names);
	show_all(self);
}

char **
outlook_scopes_get(OutlookScopes *self)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	if (self->is_default) {
		g_strv_builder_add(builder, OAUTH_SCOPE_DEFAULT);
		return g_strv_builder_end(builder);
	}
	for (guint i = 0; i < self->rows->len; i++) {
		const Row *row = g_ptr_array_index(self->rows, i);

		if (row->is_wanted && is_possible(self, row) && find_holder(self, row) == NULL)
			g_strv_builder_add(builder, row->permission->name);
	}
	for (guint i = 0; i < self->others->len; i++)
		g_strv_builder_add(builder, g_ptr_array_index(self->others, i));
	return g_strv_builder_end(builder);
}

void
outlook_scopes_set_audience(OutlookScopes *self, OauthAudience audience)
{
	gtk_combo_box_set_active(GTK_COMBO_BOX(self->audience), audience == OAUTH_AUDIENCE_PERSONAL ? 1 : 0);
	gtk_widget_set_sensitive(self->audience, FALSE);
}

void
outlook_scopes_free_audience(OutlookScopes *self)
{
	gtk_widget_set_sensitive(self->audience, TRUE);
}

static void
on_toggled(GtkToggleButton *check, OutlookScopes *self)
{
	if (self->is_updating)
		return;
	for (guint i = 0; i < self->rows->len; i++) {
		Row *row = g_ptr_array_index(self->rows, i);

		if (row->check == GTK_WIDGET(check))
			row->is_wanted = gtk_toggle_button_get_active(check);
	}
	show_all(self);
	g_signal_emit(self, signals[CHANGED], 0);
}

/* The set that is named, in the form that it has for this kind of account; one's own choice is left as it is. */
static void
on_choice_changed(OutlookScopes *self)
{
	static const char *const registered[] = {OAUTH_SCOPE_DEFAULT, NULL};
	const char *id = gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->set));

	if (self->is_updating)
		return;
	if (g_strcmp0(id, OAUTH_SCOPE_DEFAULT) == 0)
		want(self, registered);
	else if (g_strcmp0(id, OWN) != 0)
		want(self, oauth_permission_find_set(id, get_audience(self)));
	show_all(self);
	g_signal_emit(self, signals[CHANGED], 0);
}

static void
add_row(OutlookScopes *self, const OauthPermission *permission)
{
	Row *row = g_new0(Row, 1);

	row->permission = permission;
	row->check = gtk_check_button_new_with_label(permission->name);
	row->text = outlook_rows_make_text(NULL);
	gtk_label_set_max_width_chars(GTK_LABEL(row->text), TEXT_CHARS);
	gtk_widget_set_margin_start(row->text, INDENT);
	gtk_widget_set_margin_bottom(row->text, 4);
	g_signal_connect_object(row->check, "toggled", G_CALLBACK(on_toggled), self, 0);
	gtk_box_pack_start(GTK_BOX(self), row->check, FALSE, FALSE, 0);
	gtk_box_pack_start(GTK_BOX(self), row->text, FALSE, FALSE, 0);
	g_ptr_array_add(self->rows, row);
}

static GtkWidget *
make_sets(void)
{
	GtkComboBoxText *combo = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());

	for (const OauthPermissionSet *set = oauth_permission_list_sets(); set->id != NULL; set++)
		gtk_combo_box_text_append(combo, set->id, _(set->name));
	gtk_combo_box_text_append(combo, OAUTH_SCOPE_DEFAULT, _("What the registration lists (.default)"));
	gtk_combo_box_text_append(combo, OWN, _("My own choice"));
	return GTK_WIDGET(combo);
}

static void
outlook_scopes_init(OutlookScopes *self)
{
	GtkWidget *grid = outlook_rows_make_grid();

	g_object_set(self, "orientation", GTK_ORIENTATION_VERTICAL, "spacing", 2, NULL);
	self->rows = g_ptr_array_new_with_free_func(g_free);
	self->others = g_ptr_array_new_with_free_func(g_free);
	self->audience = gtk_combo_box_text_new();
	gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(self->audience), _("Work or school account"));
	gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(self->audience), _("Personal account"));
	gtk_combo_box_set_active(GTK_COMBO_BOX(self->audience), 0);
	self->set = make_sets();
	outlook_rows_add(GTK_GRID(grid), 0, _("_Kind of account:"), self->audience, self->audience);
	outlook_rows_add(GTK_GRID(grid), 1, _("Ask _for:"), self->set, self->set);
	gtk_widget_set_margin_bottom(grid, 6);
	gtk_box_pack_start(GTK_BOX(self), grid, FALSE, FALSE, 0);
	for (const OauthPermission *one = oauth_permission_list(); one->name != NULL; one++)
		add_row(self, one);
	self->also = outlook_rows_make_text(NULL);
	gtk_widget_set_no_show_all(self->also, TRUE);
	gtk_box_pack_start(GTK_BOX(self), self->also, FALSE, FALSE, 0);
	g_signal_connect_object(self->audience, "changed", G_CALLBACK(on_choice_changed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->set, "changed", G_CALLBACK(on_choice_changed), self, G_CONNECT_SWAPPED);
}

GtkWidget *
outlook_scopes_new(const char *const *names)
{
	OutlookScopes *self = g_object_new(OUTLOOK_TYPE_SCOPES, NULL);

	outlook_scopes_set(self, names);
	return GTK_WIDGET(self);
}

static void
outlook_scopes_finalize(GObject *object)
{
	OutlookScopes *self = OUTLOOK_SCOPES(object);

	g_ptr_array_unref(self->rows);
	g_ptr_array_unref(self->others);
	G_OBJECT_CLASS(outlook_scopes_parent_class)->finalize(object);
}

static void
outlook_scopes_class_init(OutlookScopesClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = outlook_scopes_finalize;
	signals[CHANGED] =
		g_signal_new("changed", OUTLOOK_TYPE_SCOPES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}
