/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-fields.h"

#include <glib/gi18n-lib.h>

#include "oauth-authorizer.h"
#include "oauth-cloud.h"
#include "outlook-check.h"
#include "outlook-guide-panel.h"
#include "outlook-letters.h"
#include "outlook-rows.h"
#include "outlook-scopes.h"

#define CUSTOM "custom"
#define ENTRY_CHARS 40
#define INDENT 18

struct _OutlookFields {
	GtkGrid parent_instance;

	OutlookSettings *settings; /* what the form began with; has the UUID */
	gboolean is_new;
	char *typed_secret;

	GtkWidget *fields[OUTLOOK_N_FIELDS];
	GtkWidget *errors[OUTLOOK_N_FIELDS];
	GtkWidget *forget_secret; /* %NULL for a new account */
	GtkWidget *redirect;
	GtkWidget *redirect_hint;
	GtkWidget *permissions; /* the expander around OUTLOOK_FIELD_SCOPES */
	GtkWidget *expander;
	GtkWidget *redirect_host;
	GtkWidget *response_mode;
	GtkWidget *guide_button;
	GtkWidget *guide;
};

G_DEFINE_FINAL_TYPE(OutlookFields, outlook_fields, GTK_TYPE_GRID)

enum { CHANGED, ACTIVATE, OPEN, FAILED, N_SIGNALS };

static guint signals[N_SIGNALS];

static const char *
get_text(OutlookFields *self, OutlookField field)
{
	return gtk_entry_get_text(GTK_ENTRY(self->fields[field]));
}

static const char *
get_cloud(OutlookFields *self)
{
	return gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->fields[OUTLOOK_FIELD_CLOUD]));
}

static void
settle_origin(char **origin)
{
	char *plain = oauth_cloud_check_origin(*origin, NULL);

	if (plain == NULL)
		return;
	g_free(*origin);
	*origin = plain;
}

/* What the form says, over what it does not show. */
OutlookSettings *
outlook_fields_get_settings(OutlookFields *self)
{
	OutlookSettings *settings = outlook_settings_copy(self->settings);
	OauthConfig *config = settings->config;
	const OauthCloud *cloud = oauth_cloud_find(get_cloud(self));

	outlook_settings_set(&config->client_id, get_text(self, OUTLOOK_FIELD_CLIENT_ID));
	outlook_settings_set(&config->tenant, get_text(self, OUTLOOK_FIELD_TENANT));
	outlook_settings_set(&settings->cloud, get_cloud(self));
	outlook_settings_set(&config->identity_origin,
			     cloud != NULL ? cloud->identity_origin : get_text(self, OUTLOOK_FIELD_IDENTITY));
	outlook_settings_set(&config->graph_origin,
			     cloud != NULL ? cloud->graph_origin : get_text(self, OUTLOOK_FIELD_GRAPH));
	settle_origin(&config->identity_origin);
	settle_origin(&config->graph_origin);
	g_strfreev(config->scopes);
	config->scopes = outlook_scopes_get(OUTLOOK_SCOPES(self->fields[OUTLOOK_FIELD_SCOPES]));
	outlook_settings_set(&config->redirect_host, gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->redirect_host)));
	outlook_settings_set(&config->redirect_path, get_text(self, OUTLOOK_FIELD_REDIRECT_PATH));
	config->response_mode = gtk_combo_box_get_active(GTK_COMBO_BOX(self->response_mode)) == 1
					? OAUTH_RESPONSE_MODE_QUERY
					: OAUTH_RESPONSE_MODE_FORM_POST;
	return settings;
}

void
outlook_fields_set_scopes(OutlookFields *self, const char *const *names)
{
	outlook_scopes_set(OUTLOOK_SCOPES(self->fields[OUTLOOK_FIELD_SCOPES]), names);
}

static gboolean
forgets_secret(OutlookFields *self)
{
	return self->forget_secret != NULL && gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->forget_secret));
}

const char *
outlook_fields_get_secret(OutlookFields *self)
{
	g_clear_pointer(&self->typed_secret, oauth_token_free);
	if (forgets_secret(self))
		return "";
	self->typed_secret = outlook_settings_trim(get_text(self, OUTLOOK_FIELD_SECRET));
	return *self->typed_secret != '\0' ? self->typed_secret : NULL;
}

/* FALSE when it is wrong; @only_marked leaves what nobody complained of yet in peace. */
static gboolean
check_field(OutlookFields *self, const OutlookSettings *settings, OutlookField field, gboolean only_marked)
{
	g_autofree char *wrong = NULL;

	if (only_marked && !gtk_widget_get_visible(self->errors[field]))
		return TRUE;
	wrong = outlook_check(settings, outlook_fields_get_secret(self), field);
	outlook_rows_set_error(self->errors[field], self->fields[field], wrong);
	return wrong == NULL;
}

static void
reveal(OutlookFields *self, GtkWidget *widget)
{
	if (gtk_widget_is_ancestor(widget, self->expander))
		gtk_expander_set_expanded(GTK_EXPANDER(self->expander), TRUE);
	if (gtk_widget_is_ancestor(widget, self->permissions))
		gtk_expander_set_expanded(GTK_EXPANDER(self->permissions), TRUE);
	if (OUTLOOK_IS_SCOPES(widget))
		gtk_widget_child_focus(widget, GTK_DIR_TAB_FORWARD);
	else
		gtk_widget_grab_focus(widget);
}

gboolean
outlook_fields_check(OutlookFields *self)
{
	g_autoptr(OutlookSettings) settings = outlook_fields_get_settings(self);
	GtkWidget *first = NULL;

	for (guint field = 0; field < OUTLOOK_N_FIELDS; field++) {
		if (!check_field(self, settings, field, FALSE) && first == NULL)
			first = self->fields[field];
	}
	if (first != NULL)
		reveal(self, first);
	return first == NULL;
}

void
outlook_fields_show(OutlookFields *self, OauthRemedy remedy)
{
	switch (remedy) {
	case OAUTH_REMEDY_CLIENT_ID:
		reveal(self, self->fields[OUTLOOK_FIELD_CLIENT_ID]);
		break;
	case OAUTH_REMEDY_SECRET:
		reveal(self, self->fields[OUTLOOK_FIELD_SECRET]);
		break;
	case OAUTH_REMEDY_TENANT:
		reveal(self, self->fields[OUTLOOK_FIELD_TENANT]);
		break;
	case OAUTH_REMEDY_CLOUD:
		reveal(self, self->fields[OUTLOOK_FIELD_CLOUD]);
		break;
	case OAUTH_REMEDY_SCOPES:
		reveal(self, self->fields[OUTLOOK_FIELD_SCOPES]);
		break;
	case OAUTH_REMEDY_REDIRECT:
		reveal(self, self->redirect);
		break;
	case OAUTH_REMEDY_GUIDE:
		gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(self->guide_button), TRUE);
		gtk_widget_child_focus(self->guide, GTK_DIR_TAB_FORWARD);
		break;
	default:
		break;
	}
}

/* OAUTH.md 2: the platform decides whether a secret is taken. Whether one is stored is not known here. */
static const char *
name_platform(OutlookFields *self)
{
	const char *secret = outlook_fields_get_secret(self);

	if (secret == NULL && !self->is_new)
		return _("Register it for “Mobile and desktop applications”, or for “Web” if there is a client secret; "
			 "no port is needed.");
	if (secret != NULL && *secret != '\0')
		return _("Register it for the platform “Web”, because there is a client secret.");
	return _("Register it for “Mobile and desktop applications”; no port is needed.");
}

static void
show_redirect(OutlookFields *self, const OutlookSettings *settings)
{
	g_autoptr(OauthConfig) config = outlook_settings_to_config(settings, NULL);
	g_autofree char *redirect = oauth_config_build_registered_redirect(config);

	gtk_entry_set_text(GTK_ENTRY(self->redirect), redirect != NULL ? redirect : "");
	gtk_label_set_text(GTK_LABEL(self->redirect_hint), name_platform(self));
}

static void
on_changed(OutlookFields *self)
{
	g_autoptr(OutlookSettings) settings = outlook_fields_get_settings(self);
	gboolean is_custom = g_strcmp0(get_cloud(self), CUSTOM) == 0;

	gtk_widget_set_sensitive(self->fields[OUTLOOK_FIELD_SECRET], !forgets_secret(self));
	gtk_widget_set_sensitive(self->fields[OUTLOOK_FIELD_IDENTITY], is_custom);
	gtk_widget_set_sensitive(self->fields[OUTLOOK_FIELD_GRAPH], is_custom);
	show_redirect(self, settings);
	for (guint field = 0; field < OUTLOOK_N_FIELDS; field++)
		check_field(self, settings, field, TRUE);
	g_signal_emit(self, signals[CHANGED], 0);
}

/* Which permissions there are depends on whose account signs in. */
static void
show_audience(OutlookFields *self)
{
	g_autoptr(OutlookSettings) settings = outlook_fields_get_settings(self);
	OauthAudience audience;
	gboolean is_fixed = outlook_check_decides_audience(settings, &audience);

	if (is_fixed)
		outlook_scopes_set_audience(OUTLOOK_SCOPES(self->fields[OUTLOOK_FIELD_SCOPES]), audience);
	else
		outlook_scopes_free_audience(OUTLOOK_SCOPES(self->fields[OUTLOOK_FIELD_SCOPES]));
}

static void
on_tenant_changed(OutlookFields *self)
{
	show_audience(self);
	on_changed(self);
}

/* The endpoints of the chosen cloud are shown; those of one's own are typed over them. */
static void
on_cloud_changed(OutlookFields *self)
{
	const OauthCloud *cloud = oauth_cloud_find(get_cloud(self));

	if (cloud != NULL) {
		gtk_entry_set_text(GTK_ENTRY(self->fields[OUTLOOK_FIELD_IDENTITY]), cloud->identity_origin);
		gtk_entry_set_text(GTK_ENTRY(self->fields[OUTLOOK_FIELD_GRAPH]), cloud->graph_origin);
	} else {
		gtk_expander_set_expanded(GTK_EXPANDER(self->expander), TRUE);
	}
	on_tenant_changed(self);
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
			       gtk_entry_get_text(GTK_ENTRY(self->redirect)), -1);
}

static void
on_open(OutlookFields *self, const char *uri)
{
	g_signal_emit(self, signals[OPEN], 0, uri);
}

static void
on_failed(OutlookFields *self, const char *text)
{
	g_signal_emit(self, signals[FAILED], 0, text);
}

/* Fills two rows: the field, and what is wrong with it. */
static void
add_field(OutlookFields *self, GtkGrid *grid, int *row, OutlookField field, const char *mnemonic, GtkWidget *widget)
{
	self->fields[field] = widget;
	outlook_rows_add(grid, (*row)++, mnemonic, widget, widget);
	self->errors[field] = outlook_rows_add_error(grid, (*row)++, widget);
}

static void
add_entry(OutlookFields *self, GtkGrid *grid, int *row, OutlookField field, const char *mnemonic, const char *text,
	  const char *placeholder)
{
	GtkWidget *entry = gtk_entry_new();

	gtk_entry_set_text(GTK_ENTRY(entry), text != NULL ? text : "");
	gtk_entry_set_placeholder_text(GTK_ENTRY(entry), placeholder);
	gtk_entry_set_width_chars(GTK_ENTRY(entry), ENTRY_CHARS);
	add_field(self, grid, row, field, mnemonic, entry);
	g_signal_connect_object(entry, "changed",
				field == OUTLOOK_FIELD_TENANT ? G_CALLBACK(on_tenant_changed) : G_CALLBACK(on_changed),
				self, G_CONNECT_SWAPPED);
	g_signal_connect_object(entry, "activate", G_CALLBACK(on_activate), self, G_CONNECT_SWAPPED);
}

static void
add_secret(OutlookFields *self, GtkGrid *grid, int *row)
{
	GtkEntry *entry;

	add_entry(self, grid, row, OUTLOOK_FIELD_SECRET, _("Client s_ecret:"), "",
		  self->is_new ? _("empty, unless the registration has one") : _("unchanged"));
	entry = GTK_ENTRY(self->fields[OUTLOOK_FIELD_SECRET]);
	gtk_entry_set_visibility(entry, FALSE);
	gtk_entry_set_input_purpose(entry, GTK_INPUT_PURPOSE_PASSWORD);
	if (self->is_new)
		return;
	self->forget_secret = gtk_check_button_new_with_mnemonic(_("Use _no client secret"));
	gtk_widget_set_tooltip_text(self->forget_secret, _("Removes a stored client secret from the keyring."));
	g_signal_connect_object(self->forget_secret, "toggled", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
	gtk_grid_attach(grid, self->forget_secret, 1, (*row)++, 1, 1);
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

static void
add_redirect(OutlookFields *self, GtkGrid *grid, int *row)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	GtkWidget *copy = gtk_button_new_with_mnemonic(_("Cop_y"));

	self->redirect = gtk_entry_new();
	gtk_editable_set_editable(GTK_EDITABLE(self->redirect), FALSE);
	gtk_widget_set_tooltip_text(copy, _("Copy the address to the clipboard"));
	atk_object_set_name(gtk_widget_get_accessible(copy), _("Copy the redirect address"));
	g_signal_connect_object(copy, "clicked", G_CALLBACK(on_copy), self, G_CONNECT_SWAPPED);
	gtk_box_pack_start(GTK_BOX(box), self->redirect, TRUE, TRUE, 0);
	gtk_box_pack_start(GTK_BOX(box), copy, FALSE, FALSE, 0);
	outlook_rows_add(grid, (*row)++, _("_Redirect URI to register:"), box, self->redirect);

	self->redirect_hint = outlook_rows_make_text(NULL);
	gtk_label_set_max_width_chars(GTK_LABEL(self->redirect_hint), ENTRY_CHARS);
	atk_object_add_relationship(gtk_widget_get_accessible(self->redirect), ATK_RELATION_DESCRIBED_BY,
				    gtk_widget_get_accessible(self->redirect_hint));
	gtk_grid_attach(grid, self->redirect_hint, 1, (*row)++, 1, 1);
}

static void
add_expander(GtkGrid *grid, int *row, GtkWidget *expander, GtkWidget *content)
{
	gtk_widget_set_margin_top(content, 6);
	gtk_widget_set_margin_start(content, INDENT);
	gtk_container_add(GTK_CONTAINER(expander), content);
	outlook_letters_fold(GTK_EXPANDER(expander));
	gtk_grid_attach(grid, expander, 0, (*row)++, 2, 1);
}

static void
add_permissions(OutlookFields *self, GtkGrid *grid, int *row)
{
	GtkWidget *scopes = outlook_scopes_new((const char *const *)self->settings->config->scopes);

	self->fields[OUTLOOK_FIELD_SCOPES] = scopes;
	self->permissions = gtk_expander_new_with_mnemonic(_("Per_missions"));
	add_expander(grid, row, self->permissions, scopes);
	self->errors[OUTLOOK_FIELD_SCOPES] = outlook_rows_add_error(grid, (*row)++, scopes);
	g_signal_connect_object(scopes, "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
}

/* What most people never need. */
static void
add_servers(OutlookFields *self, GtkGrid *form, int *form_row)
{
	GtkGrid *grid = GTK_GRID(outlook_rows_make_grid());
	GtkComboBoxText *combo;
	int row = 0;

	add_entry(self, grid, &row, OUTLOOK_FIELD_IDENTITY, _("Sign-_in server:"),
		  self->settings->config->identity_origin, "https://login.example.org");
	add_entry(self, grid, &row, OUTLOOK_FIELD_GRAPH, _("_Graph server:"), self->settings->config->graph_origin,
		  "https://graph.example.org");

	combo = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
	gtk_combo_box_text_append(combo, "localhost", "localhost");
	gtk_combo_box_text_append(combo, "127.0.0.1", "127.0.0.1");
	self->redirect_host = GTK_WIDGET(combo);
	if (!gtk_combo_box_set_active_id(GTK_COMBO_BOX(combo), self->settings->config->redirect_host))
		gtk_combo_box_set_active(GTK_COMBO_BOX(combo), 0);
	outlook_rows_add(grid, row++, _("Redirect _host:"), self->redirect_host, self->redirect_host);
	add_entry(self, grid, &row, OUTLOOK_FIELD_REDIRECT_PATH, _("Redirect _path:"),
		  self->settings->config->redirect_path, _("none"));

	combo = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
	gtk_combo_box_text_append_text(combo, _("as a form (recommended)"));
	gtk_combo_box_text_append_text(combo, _("in the address"));
	self->response_mode = GTK_WIDGET(combo);
	gtk_combo_box_set_active(GTK_COMBO_BOX(combo),
				 self->settings->config->response_mode == OAUTH_RESPONSE_MODE_QUERY ? 1 : 0);
	outlook_rows_add(grid, row++, _("_Browser answers:"), self->response_mode, self->response_mode);

	self->expander = gtk_expander_new_with_mnemonic(_("Ser_vers and redirect"));
	gtk_expander_set_expanded(GTK_EXPANDER(self->expander), g_strcmp0(self->settings->cloud, CUSTOM) == 0);
	add_expander(form, form_row, self->expander, GTK_WIDGET(grid));
}

/* Beside a new form, where nothing else is; below one that stands in the host's window. */
static void
add_guide(OutlookFields *self, GtkWidget *form)
{
	gtk_grid_attach(GTK_GRID(self), form, 0, 0, 1, 1);
	gtk_widget_set_valign(form, GTK_ALIGN_START);
	self->guide = outlook_guide_panel_new();
	gtk_widget_set_margin_end(self->guide, 12);
	gtk_widget_show_all(self->guide);
	gtk_widget_set_no_show_all(self->guide, TRUE);
	gtk_widget_hide(self->guide);
	if (self->is_new)
		gtk_grid_attach(GTK_GRID(self), self->guide, 1, 0, 1, 1);
	else
		gtk_grid_attach(GTK_GRID(self), self->guide, 0, 1, 1, 1);
	g_object_bind_property(self->guide_button, "active", self->guide, "visible", G_BINDING_SYNC_CREATE);
	g_signal_connect_object(self->guide, "open", G_CALLBACK(on_open), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->guide, "failed", G_CALLBACK(on_failed), self, G_CONNECT_SWAPPED);
}

static void
build(OutlookFields *self)
{
	GtkGrid *grid = GTK_GRID(outlook_rows_make_grid());
	const OauthConfig *config = self->settings->config;
	int row = 0;

	self->guide_button = gtk_toggle_button_new_with_mnemonic(_("_Where do I find this?"));
	gtk_widget_set_tooltip_text(self->guide_button, _("Shows how an application is registered, step by step."));
	gtk_widget_set_halign(self->guide_button, GTK_ALIGN_START);

	add_entry(self, grid, &row, OUTLOOK_FIELD_CLIENT_ID, _("Application (client) I_D:"), config->client_id,
		  "00000000-0000-0000-0000-000000000000");
	gtk_grid_attach(grid, self->guide_button, 1, row++, 1, 1);
	add_secret(self, grid, &row);
	add_entry(self, grid, &row, OUTLOOK_FIELD_TENANT, _("_Tenant ID:"), config->tenant,
		  _("common (any organization or personal account)"));
	add_field(self, grid, &row, OUTLOOK_FIELD_CLOUD, _("C_loud:"), make_cloud(self));
	add_redirect(self, grid, &row);
	add_permissions(self, grid, &row);
	add_servers(self, grid, &row);
	add_guide(self, GTK_WIDGET(grid));

	g_signal_connect_object(self->fields[OUTLOOK_FIELD_CLOUD], "changed", G_CALLBACK(on_cloud_changed), self,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(self->redirect_host, "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->response_mode, "changed", G_CALLBACK(on_changed), self, G_CONNECT_SWAPPED);
	on_tenant_changed(self);
	gtk_widget_show_all(GTK_WIDGET(self));
}

GtkWidget *
outlook_fields_new(const OutlookSettings *settings, gboolean is_new)
{
	OutlookFields *self = g_object_new(OUTLOOK_TYPE_FIELDS, "row-spacing", 12, "column-spacing", 24, NULL);

	self->is_new = is_new;
	self->settings = outlook_settings_copy(settings);
	build(self);
	return GTK_WIDGET(self);
}

static void
outlook_fields_finalize(GObject *object)
{
	OutlookFields *self = OUTLOOK_FIELDS(object);

	oauth_token_free(self->typed_secret);
	outlook_settings_free(self->settings);
	G_OBJECT_CLASS(outlook_fields_parent_class)->finalize(object);
}

static guint
add_signal(const char *name, guint n_params)
{
	return g_signal_new(name, OUTLOOK_TYPE_FIELDS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, n_params,
			    G_TYPE_STRING);
}

static void
outlook_fields_class_init(OutlookFieldsClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = outlook_fields_finalize;
	signals[CHANGED] = add_signal("changed", 0);
	signals[ACTIVATE] = add_signal("activate", 0);
	signals[OPEN] = add_signal("open", 1);
	signals[FAILED] = add_signal("failed", 1);
}

static void
outlook_fields_init(OutlookFields *self)
{
}
