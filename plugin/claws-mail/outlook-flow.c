/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-flow.h"

#define SPACING 6

struct _OutlookFlow {
	GtkFixed parent_instance;

	guint chars;
};

G_DEFINE_FINAL_TYPE(OutlookFlow, outlook_flow, GTK_TYPE_FIXED)

typedef struct {
	GtkWidget *child;
	GdkRectangle area; /* from the upper corner where a line of text begins */
} Place;

static int
get_wish(OutlookFlow *self)
{
	PangoContext *context = gtk_widget_get_pango_context(GTK_WIDGET(self));
	PangoFontMetrics *metrics = pango_context_get_metrics(context, NULL, NULL);
	int width = pango_font_metrics_get_approximate_char_width(metrics) * (int)self->chars / PANGO_SCALE;

	pango_font_metrics_unref(metrics);
	return width;
}

/* What is in a row is as high as the highest in it. Returns: the height of the row */
static int
level(GArray *places, guint first)
{
	int height = 0;

	for (guint i = first; i < places->len; i++)
		height = MAX(height, g_array_index(places, Place, i).area.height);
	for (guint i = first; i < places->len; i++)
		g_array_index(places, Place, i).area.height = height;
	return height;
}

/* Returns: (element-type Place): where each goes; @height: what they need */
static GArray *
arrange(OutlookFlow *self, int width, int *height)
{
	g_autoptr(GList) children = gtk_container_get_children(GTK_CONTAINER(self));
	GArray *places = g_array_new(FALSE, FALSE, sizeof(Place));
	guint first = 0; /* of the row */
	int x = 0;
	int y = 0;

	for (GList *at = children; at != NULL; at = at->next) {
		Place place = {.child = at->data};
		int natural;
		int least;

		if (!gtk_widget_get_visible(place.child))
			continue;
		gtk_widget_get_preferred_width(place.child, &least, &natural);
		place.area.width = MAX(least, MIN(natural, width));
		if (places->len > first && x + place.area.width > width) {
			y += level(places, first) + SPACING;
			x = 0;
			first = places->len;
		}
		place.area.x = x;
		place.area.y = y;
		gtk_widget_get_preferred_height_for_width(place.child, place.area.width, NULL, &place.area.height);
		x += place.area.width + SPACING;
		g_array_append_val(places, place);
	}
	*height = y + level(places, first);
	return places;
}

static GtkSizeRequestMode
outlook_flow_get_request_mode(GtkWidget *widget)
{
	return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
outlook_flow_get_preferred_width(GtkWidget *widget, int *least, int *natural)
{
	OutlookFlow *self = OUTLOOK_FLOW(widget);
	g_autoptr(GList) children = gtk_container_get_children(GTK_CONTAINER(self));
	int row = -SPACING;
	int widest = 0;

	*least = 0;
	for (GList *at = children; at != NULL; at = at->next) {
		int child_natural;
		int child_least;

		if (!gtk_widget_get_visible(at->data))
			continue;
		gtk_widget_get_preferred_width(at->data, &child_least, &child_natural);
		*least = MAX(*least, child_least);
		widest = MAX(widest, child_natural);
		row += child_natural + SPACING;
	}
	*natural = MAX(widest, MIN(row, get_wish(self)));
}

static void
outlook_flow_get_preferred_height_for_width(GtkWidget *widget, int width, int *least, int *natural)
{
	g_array_unref(arrange(OUTLOOK_FLOW(widget), width, natural));
	*least = *natural;
}

static void
outlook_flow_get_preferred_height(GtkWidget *widget, int *least, int *natural)
{
	int width;

	gtk_widget_get_preferred_width(widget, NULL, &width);
	gtk_widget_get_preferred_height_for_width(widget, width, least, natural);
}

static void
outlook_flow_size_allocate(GtkWidget *widget, GtkAllocation *all)
{
	gboolean is_mirrored = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
	g_autoptr(GArray) places = NULL;
	int height;

	gtk_widget_set_allocation(widget, all);
	places = arrange(OUTLOOK_FLOW(widget), all->width, &height);
	for (guint i = 0; i < places->len; i++) {
		Place *place = &g_array_index(places, Place, i);

		if (is_mirrored)
			place->area.x = all->width - place->area.x - place->area.width;
		place->area.x += all->x;
		place->area.y += all->y;
		gtk_widget_size_allocate(place->child, &place->area);
	}
}

GtkWidget *
outlook_flow_new(guint chars)
{
	OutlookFlow *self = g_object_new(OUTLOOK_TYPE_FLOW, NULL);

	self->chars = chars;
	return GTK_WIDGET(self);
}

GtkWidget *
outlook_flow_add_button(OutlookFlow *self, const char *mnemonic)
{
	GtkWidget *button = gtk_button_new_with_mnemonic(mnemonic);
	GtkLabel *label = GTK_LABEL(gtk_bin_get_child(GTK_BIN(button)));

	gtk_label_set_line_wrap(label, TRUE);
	gtk_label_set_justify(label, GTK_JUSTIFY_CENTER);
	gtk_container_add(GTK_CONTAINER(self), button);
	gtk_widget_show(button);
	return button;
}

static void
outlook_flow_class_init(OutlookFlowClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

	widget_class->get_request_mode = outlook_flow_get_request_mode;
	widget_class->get_preferred_width = outlook_flow_get_preferred_width;
	widget_class->get_preferred_height = outlook_flow_get_preferred_height;
	widget_class->get_preferred_height_for_width = outlook_flow_get_preferred_height_for_width;
	widget_class->size_allocate = outlook_flow_size_allocate;
}

static void
outlook_flow_init(OutlookFlow *self)
{
}
