/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-flow.h"

#define WIDE 10000
#define CHARS 60

static const char *const labels[] = {"Copy the _link for the person who administers it", "_Mail it", "Ch_oose others"};

typedef struct {
	GtkWidget *window;
	GtkWidget *flow;
	GtkWidget *buttons[G_N_ELEMENTS(labels)];
	GdkRectangle areas[G_N_ELEMENTS(labels)];
	int height;
} Fixture;

static void
set_up(Fixture *self, gconstpointer data)
{
	self->window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	self->flow = outlook_flow_new(CHARS);
	for (guint i = 0; i < G_N_ELEMENTS(labels); i++)
		self->buttons[i] = outlook_flow_add_button(OUTLOOK_FLOW(self->flow), labels[i]);
	gtk_container_add(GTK_CONTAINER(self->window), self->flow);
	gtk_widget_show_all(self->window);
}

static void
tear_down(Fixture *self, gconstpointer data)
{
	gtk_widget_destroy(self->window);
}

/* As whatever is around it would, with just the height that it asks for */
static void
give(Fixture *self, int width)
{
	GtkAllocation all = {7, 9, width, 0};

	gtk_widget_get_preferred_height_for_width(self->flow, width, &all.height, NULL);
	gtk_widget_size_allocate(self->flow, &all);
	self->height = all.height;
	for (guint i = 0; i < G_N_ELEMENTS(labels); i++)
		gtk_widget_get_allocation(self->buttons[i], &self->areas[i]);
}

static int
get_width_of_all(Fixture *self, guint n)
{
	int all = 0;

	for (guint i = 0; i < n; i++) {
		int natural;

		gtk_widget_get_preferred_width(self->buttons[i], NULL, &natural);
		all += natural + (i > 0 ? 6 : 0);
	}
	return all;
}

static void
check_whole(Fixture *self, int width)
{
	GdkRectangle all = {7, 9, width, self->height};

	for (guint i = 0; i < G_N_ELEMENTS(labels); i++) {
		GtkWidget *label = gtk_bin_get_child(GTK_BIN(self->buttons[i]));
		GdkRectangle *area = &self->areas[i];
		GdkRectangle common;
		int height;

		g_assert_true(gdk_rectangle_intersect(area, &all, &common));
		g_assert_true(gdk_rectangle_equal(area, &common));
		gtk_widget_get_preferred_height_for_width(self->buttons[i], area->width, &height, NULL);
		g_assert_cmpint(area->height, >=, height);
		pango_layout_get_pixel_size(gtk_label_get_layout(GTK_LABEL(label)), &common.width, &common.height);
		g_assert_cmpint(common.width, <=, gtk_widget_get_allocated_width(label));
		g_assert_cmpint(common.height, <=, gtk_widget_get_allocated_height(label));
		for (guint j = 0; j < i; j++)
			g_assert_false(gdk_rectangle_intersect(area, &self->areas[j], NULL));
	}
}

static void
test_rows(Fixture *self, gconstpointer data)
{
	int least;

	give(self, get_width_of_all(self, 3));
	check_whole(self, get_width_of_all(self, 3));
	g_assert_cmpint(self->areas[1].y, ==, self->areas[0].y);
	g_assert_cmpint(self->areas[2].y, ==, self->areas[0].y);
	g_assert_cmpint(self->height, ==, self->areas[0].height);

	give(self, get_width_of_all(self, 3) - 1);
	check_whole(self, get_width_of_all(self, 3) - 1);
	g_assert_cmpint(self->areas[1].y, ==, self->areas[0].y);
	g_assert_cmpint(self->areas[2].y, >, self->areas[0].y);
	g_assert_cmpint(self->areas[2].x, ==, self->areas[0].x);

	give(self, get_width_of_all(self, 2) - 1);
	check_whole(self, get_width_of_all(self, 2) - 1);
	g_assert_cmpint(self->areas[1].y, >, self->areas[0].y);
	g_assert_cmpint(self->areas[2].y, ==, self->areas[1].y);

	gtk_widget_get_preferred_width(self->flow, &least, NULL);
	for (int width = least; width < get_width_of_all(self, 3); width++) {
		give(self, width);
		check_whole(self, width);
	}
}

static void
test_long_label(Fixture *self, gconstpointer data)
{
	int narrow = get_width_of_all(self, 1) / 2;
	int line;
	int least;

	give(self, WIDE);
	line = self->height;
	gtk_widget_get_preferred_width(self->flow, &least, NULL);
	g_assert_cmpint(least, <=, narrow);
	give(self, narrow);
	check_whole(self, narrow);
	g_assert_cmpint(self->areas[0].height, >, line);
	g_assert_cmpint(self->areas[1].height, ==, line);
}

/* Not as wide as all of them, where that is more than people read in a line */
static void
test_best_width(Fixture *self, gconstpointer data)
{
	int natural;
	int widest;

	gtk_widget_get_preferred_width(self->flow, NULL, &natural);
	gtk_widget_get_preferred_width(self->buttons[0], NULL, &widest);
	g_assert_cmpint(natural, >, widest);
	g_assert_cmpint(natural, <, get_width_of_all(self, 3));
	gtk_widget_hide(self->buttons[1]);
	gtk_widget_hide(self->buttons[2]);
	gtk_widget_get_preferred_width(self->flow, NULL, &natural);
	g_assert_cmpint(natural, ==, widest);
}

/* Without a window manager no window is active, and the keys would stay where they are: each one leaves in its turn. */
static void
test_keys(Fixture *self, gconstpointer data)
{
	give(self, get_width_of_all(self, 2) - 1);
	for (guint i = 0; i < G_N_ELEMENTS(labels); i++) {
		gtk_container_set_focus_child(GTK_CONTAINER(self->flow), NULL);
		g_assert_true(gtk_widget_child_focus(self->flow, GTK_DIR_TAB_FORWARD));
		g_assert_true(gtk_window_get_focus(GTK_WINDOW(self->window)) == self->buttons[i]);
		gtk_widget_set_sensitive(self->buttons[i], FALSE);
	}
}

static void
test_names(Fixture *self, gconstpointer data)
{
	g_assert_cmpstr(atk_object_get_name(gtk_widget_get_accessible(self->buttons[2])), ==, "Choose others");
	g_assert_cmpint(gtk_label_get_mnemonic_keyval(GTK_LABEL(gtk_bin_get_child(GTK_BIN(self->buttons[2])))), ==,
			'o');
}

static void
test_from_right_to_left(Fixture *self, gconstpointer data)
{
	int width = get_width_of_all(self, 3) - 1;

	gtk_widget_set_direction(self->flow, GTK_TEXT_DIR_RTL);
	give(self, width);
	check_whole(self, width);
	g_assert_cmpint(self->areas[0].x + self->areas[0].width, ==, 7 + width);
	g_assert_cmpint(self->areas[1].x + self->areas[1].width + 6, ==, self->areas[0].x);
	g_assert_cmpint(self->areas[2].x + self->areas[2].width, ==, 7 + width);
}

static void
test_what_is_hidden(Fixture *self, gconstpointer data)
{
	gtk_widget_hide(self->buttons[0]);
	give(self, WIDE);
	g_assert_cmpint(self->areas[1].x, ==, 7);
	gtk_widget_hide(self->buttons[1]);
	gtk_widget_hide(self->buttons[2]);
	give(self, WIDE);
	g_assert_cmpint(self->height, ==, 0);
}

int
main(int argc, char *argv[])
{
	gtk_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add("/flow/" name, Fixture, NULL, set_up, test, tear_down)
	ADD("the width decides how many rows there are", test_rows);
	ADD("a label that is wider than a row takes more lines", test_long_label);
	ADD("at best it is no wider than a line of text", test_best_width);
	ADD("the keys go through the rows", test_keys);
	ADD("each button has its name and its letter", test_names);
	ADD("where text runs to the left, so do the buttons", test_from_right_to_left);
	ADD("what is hidden takes no place", test_what_is_hidden);
	return g_test_run();
}
