/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-fields.h"

#include <glib/gi18n-lib.h>

#include "oauth-cloud.h"

#define CUSTOM "custom"

struct _OutlookFields {
	GtkGrid parent_instance;

	OutlookSettings *settings; /* what the form began with; has the UUID and the scopes */
	gboolean is_new;

	GtkWidget *client_id;
	GtkWidget *secret;
	GtkWidget *forget_secret; /* %NULL for a new account */
	GtkWidget *tenant;
	GtkWidget *cloud;
	GtkWidget *redirect;
	GtkWidget *expander;
	GtkWidget *identity;
	GtkWidget *graph;
	GtkWidget *redirect_host;
	GtkWidget *redirect_path;
	GtkWidget *response_mode;
};

G_DEFINE_FINAL_TYPE(OutlookFields, outlook_fields, GTK_TYPE_GRID)

enum { CHANGED, ACTIVATE, N_SIGNALS };

static guint signals[N_SIGNALS];

static const char *
get_text(GtkWidget *entry)
{
	return gtk_entry_get_text(GTK_ENTRY(entry));
}

static void
replace(char **place, const char *text)
{
	g_free(*place);
	*place = g_strstrip(g_strdup(text));
}

/* What the form says, over what it does not show. */
OutlookSettings *
outlook_fields_get_settings(OutlookFields *self)
{
	OutlookSettings *settings = outlook_settings_copy(self->settings);
	const char *id = gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->cloud));
	const OauthCloud *cloud = oauth_cloud_find(id);

	replace(&settings->config->client_id, get_text(self->client_id));
	replace(&settings->config->tenant, get_text(self->tenant));
	replace(&settings->cloud, id);
	replace(&settings->config->identity_origin, cloud != NULL ? cloud->identity_origin : get_text(self->identity));
	replace(&settings->config->graph_origin, cloud != NULL ? cloud->graph_origin : get_text(self->graph));
	replace(&settings->config->redirect_host, gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->redirect_host)));
	replace(&settings->config->redirect_path, get_text(self->redirect_path));
	settings->config->response_mode = gtk_combo_box_get_active(GTK_COMBO_BOX(self->response_mode)) == 1
						  ? OAUTH_RESPONSE_MODE_QUERY
						  : OAUTH_RESPONSE_MODE_FORM_POST;
	if (cloud == NULL) {
		g_autofree char *identity = oauth_cloud_check_origin(settings->config->identity_origin, NULL);
		g_autofree char *graph = oauth_cloud_check_origin(settings->config->graph_origin, NULL);

		if (identity != NULL)
			replace(&settings->config->identity_origin, identity);
		if (graph != NULL)
			replace(&settings->config->graph_origin, graph);
	}
	return settings;
}

const char *
outlook_fields_get_secret(OutlookFields *self)
{
	if (self->forget_secret != NULL && gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->forget_secret)))
		return "";
	return *get_text(self->secret) != '\0' ? get_text(self->secret) : NULL;
}

static gboolean
is_valid(const OutlookSettings *settings, GError **error)
{
	g_autoptr(OauthConfig) config = outlook_settings_to_config(settings, NULL);

	return oauth_config_validate(config, error);
}

/* The first field that is wrong when only it and those before it are filled in; %NULL when all are right. */
static GtkWidget *
find_wrong_field(OutlookFields *self, GError **error)
{
	g_autoptr(OutlookSettings) form = outlook_fields_get_settings(self);
	g_autoptr(OutlookSettings) trial = outlook_settings_new();
	g_autofree char *origin = NULL;

	replace(&trial->config->client_id, form->config->client_id);
	if (!is_valid(trial, error))
		return self->client_id;
	replace(&trial->config->tenant, form->config->tenant);
	if (!is_valid(trial, error))
		return self->tenant;
	origin = oauth_cloud_check_origin(form->config->identity_origin, error);
	if (origin == NULL)
		return self->identity;
	g_free(origin);
	origin = oauth_cloud_check_origin(form->config->graph_origin, error);
	if (origin == NULL)
		return self->graph;
	replace(&trial->config->identity_origin, form->config->identity_origin);
	replace(&trial->config->graph_origin, form->config->graph_origin);
	if (!is_valid(trial, error))
		return self->cloud;
	return is_valid(form, error) ? NULL : self->redirect_path;
}

static void
set_marked(GtkWidget *field, gboolean marked)
{
	GtkStyleContext *style = gtk_widget_get_style_context(field);

	if (marked)
		gtk_style_context_add_class(style, GTK_STYLE_CLASS_ERROR);
	else
		gtk_style_context_remove_class(style, GTK_STYLE_CLASS_ERROR);
}

static void
unmark_all(OutlookFields *self)
{
	GtkWidget *fields[] = {self->client_id, self->tenant, self->identity,
			       self->graph,	self->cloud,  self->redirect_path};

	for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
		set_marked(fields[i], FALSE);
}

gboolean
outlook_fields_check(OutlookFields *self, GError **error)
{
	GtkWidget *wrong = find_wrong_field(self, error);

	unmark_all(self);
	if (wrong == NULL)
		return TRUE;
	if (gtk_widget_is_ancestor(wrong, self->expander))
		gtk_expander_set_expanded(GTK_EXPANDER(self->expander), TRUE);
	set_marked(wrong, TRUE);
	gtk_widget_grab_focus(wrong);
	return FALSE;
}

void
outlook_fields_show(OutlookFields *self, OauthRemedy remedy)
{
	switch (remedy) {
	case OAUTH_REMEDY_CLIENT_ID:
		gtk_widget_grab_focus(self->client_id);
		break;
	case OAUTH_REMEDY_SECRET:
		gtk_widget_grab_focus(self->secret);
		break;
	case OAUTH_REMEDY_TENANT:
		gtk_widget_grab_focus(self->tenant);
		break;
	case OAUTH_REMEDY_CLOUD:
		gtk_widget_grab_focus(self->cloud);
		break;
	case OAUTH_REMEDY_REDIRECT:
		gtk_widget_grab_focus(self->redirect);
		break;
	default:
		break;
	}
}

static void
show_redirect(OutlookFields *self)
{
	g_autoptr(OutlookSettings) settings = outlook_fields_get_settings(self);
	g_autoptr(OauthConfig) config = outlook_settings_to_config(settings, NULL);
	g_autofree char *redirect = oauth_config_build_registered_redirect(config);

	gtk_entry_set_text(GTK_ENTRY(self->redirect), redirect != NULL ? redirect : "");
}

static void
on_changed(OutlookFields *self)
{
	gboolean forget =
		self->forget_secret != NULL && gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->forget_secret));
	gboolean custom = g_strcmp0(gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->cloud)), CUSTOM) == 0;

	unmark_all(self);
	gtk_widget_set_sensitive(self->secret, !forget);
	gtk_widget_set_sensitive(self->identity, custom);
	gtk_widget_set_sensitive(self->graph, custom);
	show_redirect(self);
	g_signal_emit(self, signals[CHANGED], 0);
}

/* The endpoints of the chosen cloud are shown; those of one's own are typed over them. */
static void
on_cloud_changed(OutlookFields *self)
{
	const char *id = gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->cloud));
	const OauthCloud *cloud = oauth_cloud_find(id);

	if (cloud != NULL) {
		gtk_entry_set_text(GTK_ENTRY(self->identity), cloud->identity_origin);
		gtk_entry_set_text(GTK_ENTRY(self->graph), cloud->graph_origin);
	} else {
		gtk_expander_set_expanded(GTK_EXPANDER(self->expander), TRUE);
	}
	on_changed(self);
}

static void
on_activate(OutlookFields *self)
{
	g_signal_emit(self, signals[ACTIVATE], 0);
}

static void
on_copy(OutlookFields *self)
{
	gtk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self), GDK_SELECTION_CLIPBOARD),
			       get_text(self->redirect), -1);
}

/* @row of @grid: a label with a mnemonic, and what it names. */
static void
add_row(GtkGrid *grid, int row, const char *mnemonic, GtkWidget *widget)
{
	GtkWidget *label = gtk_label_new_with_mnemonic(mnemonic);

	gtk_label_set_mnemonic_widget(GTK_LABEL(label), widget);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_widget_set_hexpand(widget, TRUE);
	gtk_grid_attach(grid, label, 0, row, 1, 1);
	gtk_grid_attach(grid, widget, 1, row, 1, 1);
}

static GtkWidget *
add_entry(OutlookFields *self, GtkGrid *grid, int row, const char *mnemonic, const char *text, const char *placeholder)
{
	GtkWidget *entry = gtk_entry_new();

	gtk_entry_set_text(GTK_ENTRY(entry), text != NULL ? text : "");
	gtk_entry_set_placeholder_text(GTK_ENTRY(entry), placeholder);
	gtk_entry_set_width_chars(GTK_ENTRY(entry), 42);
	add_row(grid, row, mnemonic, entry);
	g_signal_connect_object(entry, "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(entry, "activate", G_CALLBACK(on_activate), self, G_CONNECT_SWAPPED);
	return entry;
}

static GtkWidget *
make_cloud(OutlookFields *self)
{
	GtkWidget *combo = gtk_combo_box_text_new();

	for (const OauthCloud *cloud = oauth_cloud_list(); cloud->id != NULL; cloud++)
		gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(combo), cloud->id, cloud->name);
	gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(combo), CUSTOM, _("Other servers"));
	if (!gtk_combo_box_set_active_id(GTK_COMBO_BOX(combo), self->settings->cloud))
		gtk_combo_box_set_active(GTK_COMBO_BOX(combo), 0);
	return combo;
}

static GtkWidget *
make_redirect(OutlookFields *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	GtkWidget *copy = gtk_button_new_with_mnemonic(_("Cop_y"));

	self->redirect = gtk_entry_new();
	gtk_editable_set_editable(GTK_EDITABLE(self->redirect), FALSE);
	gtk_widget_set_tooltip_text(
		self->redirect, _("Register this address under “Mobile and desktop applications”; no port is needed."));
	gtk_widget_set_tooltip_text(copy, _("Copy the address to the clipboard"));
	atk_object_set_name(gtk_widget_get_accessible(copy), _("Copy the redirect address"));
	g_signal_connect_object(copy, "clicked", G_CALLBACK(on_copy), self, G_CONNECT_SWAPPED);
	gtk_box_pack_start(GTK_BOX(box), self->redirect, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), copy, FALSE, FALSE, 0);
	return box;
}

static void
add_redirect(OutlookFields *self, int row)
{
	GtkWidget *box = make_redirect(self);
	GtkWidget *label = gtk_label_new_with_mnemonic(_("Redirect _URI to register:"));

	gtk_label_set_mnemonic_widget(GTK_LABEL(label), self->redirect);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_widget_set_hexpand(box, TRUE);
	gtk_grid_attach(GTK_GRID(self), label, 0, row, 1, 1);
	gtk_grid_attach(GTK_GRID(self), box, 1, row, 1, 1);
}

static GtkWidget *
make_grid(void)
{
	GtkWidget *grid = gtk_grid_new();

	gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
	gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
	return grid;
}

/* What most people never need. */
static GtkWidget *
make_expander(OutlookFields *self)
{
	GtkWidget *expander = gtk_expander_new_with_mnemonic(_("Ser_vers and redirect"));
	GtkGrid *grid = GTK_GRID(make_grid());
	GtkComboBoxText *combo;

	gtk_widget_set_margin_top(GTK_WIDGET(grid), 6);
	gtk_widget_set_margin_start(GTK_WIDGET(grid), 18);
	self->identity = add_entry(self, grid, 0, _("S_ign-in server:"), self->settings->config->identity_origin,
				   "https://login.example.org");
	self->graph = add_entry(self, grid, 1, _("_Graph server:"), self->settings->config->graph_origin,
				"https://graph.example.org");

	combo = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
	gtk_combo_box_text_append(combo, "localhost", "localhost");
	gtk_combo_box_text_append(combo, "127.0.0.1", "127.0.0.1");
	self->redirect_host = GTK_WIDGET(combo);
	if (!gtk_combo_box_set_active_id(GTK_COMBO_BOX(combo), self->settings->config->redirect_host))
		gtk_combo_box_set_active(GTK_COMBO_BOX(combo), 0);
	add_row(grid, 2, _("Redirect _host:"), self->redirect_host);

	self->redirect_path =
		add_entry(self, grid, 3, _("Redirect _path:"), self->settings->config->redirect_path, _("none"));

	combo = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
	gtk_combo_box_text_append_text(combo, _("as a form (recommended)"));
	gtk_combo_box_text_append_text(combo, _("in the address"));
	self->response_mode = GTK_WIDGET(combo);
	gtk_combo_box_set_active(GTK_COMBO_BOX(combo),
				 self->settings->config->response_mode == OAUTH_RESPONSE_MODE_QUERY ? 1 : 0);
	add_row(grid, 4, _("Browser _answers:"), self->response_mode);

	gtk_container_add(GTK_CONTAINER(expander), GTK_WIDGET(grid));
	gtk_expander_set_expanded(GTK_EXPANDER(expander), g_strcmp0(self->settings->cloud, CUSTOM) == 0);
	return expander;
}

static void
build(OutlookFields *self)
{
	GtkGrid *grid = GTK_GRID(self);
	int row = 0;

	self->client_id = add_entry(self, grid, row++, _("Application (_client) ID:"),
				    self->settings->config->client_id, "00000000-0000-0000-0000-000000000000");
	self->secret = add_entry(self, grid, row++, _("Client s_ecret:"), "",
				 self->is_new ? _("empty, unless the registration has one") : _("unchanged"));
	gtk_entry_set_visibility(GTK_ENTRY(self->secret), FALSE);
	gtk_entry_set_input_purpose(GTK_ENTRY(self->secret), GTK_INPUT_PURPOSE_PASSWORD);
	if (!self->is_new) {
		self->forget_secret = gtk_check_button_new_with_mnemonic(_("Use _no client secret"));
		gtk_widget_set_tooltip_text(self->forget_secret, _("Removes a stored client secret from the keyring."));
		g_signal_connect_object(self->forget_secret, "toggled", G_CALLBACK(on_changed), self,
					G_CONNECT_SWAPPED);
		gtk_grid_attach(grid, self->forget_secret, 1, row++, 1, 1);
	}
	self->tenant = add_entry(self, grid, row++, _("_Tenant:"), self->settings->config->tenant,
				 _("common (any organization or personal account)"));
	self->cloud = make_cloud(self);
	add_row(grid, row++, _("C_loud:"), self->cloud);
	add_redirect(self, row++);
	self->expander = make_expander(self);
	gtk_grid_attach(grid, self->expander, 0, row, 2, 1);

	g_signal_connect_object(self->cloud, "changed", G_CALLBACK(on_cloud_changed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->redirect_host, "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->response_mode, "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
	on_changed(self);
	gtk_widget_show_all(GTK_WIDGET(self));
}

GtkWidget *
outlook_fields_new(const OutlookSettings *settings)
{
	OutlookFields *self = g_object_new(OUTLOOK_TYPE_FIELDS, "row-spacing", 6, "column-spacing", 12, NULL);

	self->is_new = settings == NULL;
	self->settings = settings != NULL ? outlook_settings_copy(settings) : outlook_settings_new();
	build(self);
	return GTK_WIDGET(self);
}

static void
outlook_fields_finalize(GObject *object)
{
	OutlookFields *self = OUTLOOK_FIELDS(object);

	outlook_settings_free(self->settings);
	G_OBJECT_CLASS(outlook_fields_parent_class)->finalize(object);
}

static void
outlook_fields_class_init(OutlookFieldsClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = outlook_fields_finalize;
	signals[CHANGED] =
		g_signal_new("changed", OUTLOOK_TYPE_FIELDS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[ACTIVATE] =
		g_signal_new("activate", OUTLOOK_TYPE_FIELDS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
outlook_fields_init(OutlookFields *self)
{
}
