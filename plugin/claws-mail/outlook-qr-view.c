/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-qr-view.h"

#include <glib/gi18n-lib.h>

#include "outlook-qr.h"

#define MODULE 5 /* pixels, before the desktop's scale */

struct _OutlookQrView {
	GtkDrawingArea parent_instance;

	OutlookQr *code; /* nullable */
};

G_DEFINE_FINAL_TYPE(OutlookQrView, outlook_qr_view, GTK_TYPE_DRAWING_AREA)

static int
count_modules(OutlookQrView *self)
{
	return outlook_qr_get_size(self->code) + 2 * OUTLOOK_QR_QUIET;
}

void
outlook_qr_view_set_uri(OutlookQrView *self, const char *uri)
{
	g_clear_pointer(&self->code, outlook_qr_free);
	self->code = uri != NULL ? outlook_qr_new(uri) : NULL;
	gtk_widget_set_visible(GTK_WIDGET(self), self->code != NULL);
	if (self->code == NULL)
		return;
	gtk_widget_set_size_request(GTK_WIDGET(self), count_modules(self) * MODULE, count_modules(self) * MODULE);
	gtk_widget_queue_draw(GTK_WIDGET(self));
}

static gboolean
draw(GtkWidget *widget, cairo_t *cairo)
{
	OutlookQrView *self = OUTLOOK_QR_VIEW(widget);
	int width = gtk_widget_get_allocated_width(widget);
	int height = gtk_widget_get_allocated_height(widget);
	int n = self->code != NULL ? count_modules(self) : 0;
	int module = n > 0 ? MIN(width, height) / n : 0;

	if (module == 0)
		return FALSE;
	cairo_set_antialias(cairo, CAIRO_ANTIALIAS_NONE);
	cairo_translate(cairo, (width - n * module) / 2, (height - n * module) / 2);
	cairo_set_source_rgb(cairo, 1, 1, 1);
	cairo_rectangle(cairo, 0, 0, n * module, n * module);
	cairo_fill(cairo);
	cairo_set_source_rgb(cairo, 0, 0, 0);
	for (int y = 0; y < n; y++) {
		for (int x = 0; x < n; x++) {
			if (outlook_qr_is_dark(self->code, x - OUTLOOK_QR_QUIET, y - OUTLOOK_QR_QUIET))
				cairo_rectangle(cairo, x * module, y * module, module, module);
		}
	}
	cairo_fill(cairo);
	return FALSE;
}

GtkWidget *
outlook_qr_view_new(void)
{
	return g_object_new(OUTLOOK_TYPE_QR_VIEW, NULL);
}

static void
outlook_qr_view_finalize(GObject *object)
{
	outlook_qr_free(OUTLOOK_QR_VIEW(object)->code);
	G_OBJECT_CLASS(outlook_qr_view_parent_class)->finalize(object);
}

static void
outlook_qr_view_class_init(OutlookQrViewClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = outlook_qr_view_finalize;
	GTK_WIDGET_CLASS(klass)->draw = draw;
}

static void
outlook_qr_view_init(OutlookQrView *self)
{
	AtkObject *accessible = gtk_widget_get_accessible(GTK_WIDGET(self));

	atk_object_set_role(accessible, ATK_ROLE_IMAGE);
	atk_object_set_name(accessible, _("QR code of the page on which the code is entered"));
	gtk_widget_set_no_show_all(GTK_WIDGET(self), TRUE);
}
