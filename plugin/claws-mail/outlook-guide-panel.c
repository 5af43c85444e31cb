/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-guide-panel.h"

#include <glib/gi18n-lib.h>

#include "outlook-guide.h"
#include "outlook-rows.h"

#define TEXT_CHARS 44

struct _OutlookGuidePanel {
	GtkBox parent_instance;
};

G_DEFINE_FINAL_TYPE(OutlookGuidePanel, outlook_guide_panel, GTK_TYPE_BOX)

enum { OPEN, FAILED, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
on_page_wanted(OutlookGuidePanel *self)
{
	g_autoptr(GError) error = NULL;
	/* Which is there where no documentation is installed */
	g_autofree char *directory = g_build_filename(g_get_user_cache_dir(), "outlook-mail", NULL);
	g_autofree char *uri = outlook_guide_write_page(directory, &error);

	if (uri != NULL)
		g_signal_emit(self, signals[OPEN], 0, uri);
	else
		g_signal_emit(self, signals[FAILED], 0, error->message);
}

static gboolean
on_link(OutlookGuidePanel *self, const char *uri)
{
	g_signal_emit(self, signals[OPEN], 0, uri);
	return TRUE;
}

static GtkWidget *
add_text(OutlookGuidePanel *self, const char *markup)
{
	GtkWidget *label = outlook_rows_make_text(NULL);

	gtk_label_set_markup(GTK_LABEL(label), markup);
	gtk_label_set_max_width_chars(GTK_LABEL(label), TEXT_CHARS);
	g_signal_connect_object(label, "activate-link", G_CALLBACK(on_link), self, G_CONNECT_SWAPPED);
	gtk_box_pack_start(GTK_BOX(self), label, FALSE, FALSE, 0);
	return label;
}

static void
add_step(OutlookGuidePanel *self, guint number, const OutlookGuideStep *step)
{
	g_autofree char *title = outlook_guide_to_markup(_(step->title));
	g_autofree char *heading = g_strdup_printf("<b>%u. %s</b>", number, title);
	g_autofree char *text = outlook_guide_to_markup(_(step->text));

	gtk_widget_set_margin_top(add_text(self, heading), 6);
	add_text(self, text);
	if (step->copy != NULL) {
		g_autofree char *escaped = outlook_guide_to_markup(_(step->copy));
		g_autofree char *copy = g_strdup_printf("<i>%s</i>", escaped);

		gtk_widget_set_margin_start(add_text(self, copy), 12);
	}
}

GtkWidget *
outlook_guide_panel_new(void)
{
	return g_object_new(OUTLOOK_TYPE_GUIDE_PANEL, "orientation", GTK_ORIENTATION_VERTICAL, "spacing", 4, NULL);
}

static void
outlook_guide_panel_class_init(OutlookGuidePanelClass *klass)
{
	signals[OPEN] = g_signal_new("open", OUTLOOK_TYPE_GUIDE_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
				     G_TYPE_NONE, 1, G_TYPE_STRING);
	signals[FAILED] = g_signal_new("failed", OUTLOOK_TYPE_GUIDE_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
				       G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
outlook_guide_panel_init(OutlookGuidePanel *self)
{
	GtkWidget *button = gtk_button_new_with_label(_("Open these steps in the browser"));
	guint number = 0;

	gtk_widget_set_halign(button, GTK_ALIGN_START);
	g_signal_connect_object(button, "clicked", G_CALLBACK(on_page_wanted), self, G_CONNECT_SWAPPED);
	gtk_box_pack_start(GTK_BOX(self), button, FALSE, FALSE, 0);
	for (const OutlookGuideStep *step = outlook_guide_list(); step->title != NULL; step++)
		add_step(self, ++number, step);
}
