/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-letters.h"

#include <string.h>

/* Languages that are not written with these letters have one behind the text. */
#define BEHIND "(_X)"

typedef struct {
	GtkWidget *part;
	GPtrArray *labels; /* of the part */
	gboolean taken[128];
} Survey;

/* 0 when there is none, or none of a plain keyboard */
static guint
get_letter(GtkWidget *label)
{
	guint letter = gtk_label_get_mnemonic_keyval(GTK_LABEL(label));

	return letter < 128 ? letter : 0;
}

static gboolean
is_out_of_sight(Survey *self, GtkWidget *widget)
{
	GtkWidget *parent = gtk_widget_get_parent(widget);

	if (!gtk_widget_get_visible(widget))
		return TRUE;
	return (GTK_IS_STACK(parent) || GTK_IS_NOTEBOOK(parent)) && gtk_widget_is_ancestor(self->part, parent) &&
	       !gtk_widget_is_ancestor(self->part, widget);
}

static void
look_inside(GtkWidget *widget, gpointer data)
{
	Survey *self = data;

	if (is_out_of_sight(self, widget))
		return;
	if (GTK_IS_LABEL(widget) && get_letter(widget) != 0)
		g_ptr_array_add(self->labels, widget);
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), look_inside, self);
}

static void
look_around(GtkWidget *widget, gpointer data)
{
	Survey *self = data;

	if (widget == self->part || is_out_of_sight(self, widget))
		return;
	if (GTK_IS_LABEL(widget))
		self->taken[get_letter(widget)] = TRUE;
	else if (GTK_IS_CONTAINER(widget))
		gtk_container_forall(GTK_CONTAINER(widget), look_around, self);
}

/* The place in @text of a free letter, the first ones of words before others; or NULL */
static const char *
find_free(Survey *self, const char *text, gboolean at_word)
{
	gboolean is_first = TRUE;

	for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
		gboolean is_letter = g_unichar_isalnum(g_utf8_get_char(at));

		if (g_ascii_isalpha(*at) && (is_first || !at_word) && !self->taken[(guint)g_ascii_tolower(*at)])
			return at;
		is_first = !is_letter;
	}
	return NULL;
}

static char *
letter_behind(Survey *self, const char *text, const char *place)
{
	const char *rest = place + strlen(BEHIND);

	for (char letter = 'A'; letter <= 'Z'; letter++) {
		if (!self->taken[(guint)g_ascii_tolower(letter)])
			return g_strdup_printf("%.*s(_%c)%s", (int)(place - text), text, letter, rest);
	}
	return g_strdup_printf("%.*s%s", (int)(place - text), text, rest);
}

static char *
strip(const char *label)
{
	char *text = g_strdup(label);
	char *old = strchr(text, '_');

	memmove(old, old + 1, strlen(old));
	return text;
}

/* NULL when all letters of it are taken */
static char *
letter_within(Survey *self, const char *label)
{
	g_autofree char *text = strip(label);
	const char *place = find_free(self, text, TRUE);

	if (place == NULL)
		place = find_free(self, text, FALSE);
	if (place == NULL)
		return NULL;
	return g_strdup_printf("%.*s_%s", (int)(place - text), text, place);
}

static gboolean
give_letter(Survey *self, GtkLabel *label)
{
	const char *text = gtk_label_get_label(label);
	const char *place = strstr(text, "(_");
	g_autofree char *other = NULL;

	if (place != NULL && place[2] != '\0' && place[3] == ')')
		other = letter_behind(self, text, place);
	else
		other = letter_within(self, text);
	if (other == NULL)
		return FALSE;
	gtk_label_set_label(label, other);
	self->taken[get_letter(GTK_WIDGET(label))] = TRUE;
	return TRUE;
}

/* @left: those that have none of their own */
static GtkLabel *
find_holder(Survey *self, guint letter, GPtrArray *left)
{
	for (guint i = 0; i < self->labels->len; i++) {
		GtkWidget *label = g_ptr_array_index(self->labels, i);

		if (get_letter(label) == letter && !g_ptr_array_find(left, label, NULL))
			return GTK_LABEL(label);
	}
	return NULL;
}

/* Another label takes another letter, and leaves one of @label's to it. @tried: letters that do not help */
static gboolean
make_room(Survey *self, GtkLabel *label, GPtrArray *left, gboolean *tried)
{
	for (const char *at = gtk_label_get_text(label); *at != '\0'; at = g_utf8_next_char(at)) {
		guint letter = g_ascii_isalpha(*at) ? (guint)g_ascii_tolower(*at) : 0;
		GtkLabel *holder;

		if (letter == 0 || tried[letter])
			continue;
		tried[letter] = TRUE;
		holder = find_holder(self, letter, left);
		if (holder == NULL || (!give_letter(self, holder) &&
				       (!make_room(self, holder, left, tried) || !give_letter(self, holder))))
			continue;
		self->taken[letter] = FALSE;
		return TRUE;
	}
	return FALSE;
}

static void
give_rest(Survey *self, GPtrArray *left)
{
	for (guint i = 0; i < left->len; i++) {
		GtkLabel *label = g_ptr_array_index(left, i);
		g_autofree char *bare = strip(gtk_label_get_label(label));
		gboolean tried[128] = {FALSE};

		if (!make_room(self, label, left, tried) || !give_letter(self, label))
			gtk_label_set_label(label, bare);
	}
}

void
outlook_letters_settle(GtkWidget *part)
{
	GtkWidget *window = gtk_widget_get_toplevel(part);
	Survey self = {part, g_ptr_array_new(), {FALSE}};
	g_autoptr(GPtrArray) others = g_ptr_array_new();
	g_autoptr(GPtrArray) left = g_ptr_array_new();

	gtk_container_forall(GTK_CONTAINER(part), look_inside, &self);
	if (window != part)
		gtk_container_forall(GTK_CONTAINER(window), look_around, &self);
	for (guint i = 0; i < self.labels->len; i++) {
		guint letter = get_letter(g_ptr_array_index(self.labels, i));

		if (self.taken[letter])
			g_ptr_array_add(others, g_ptr_array_index(self.labels, i));
		self.taken[letter] = TRUE;
	}
	for (guint i = 0; i < others->len; i++) {
		if (!give_letter(&self, g_ptr_array_index(others, i)))
			g_ptr_array_add(left, g_ptr_array_index(others, i));
	}
	give_rest(&self, left);
	g_ptr_array_unref(self.labels);
}

static void
on_expanded(GtkExpander *expander)
{
	if (gtk_expander_get_expanded(expander))
		outlook_letters_settle(gtk_bin_get_child(GTK_BIN(expander)));
}

void
outlook_letters_fold(GtkExpander *expander)
{
	GtkWidget *child = gtk_bin_get_child(GTK_BIN(expander));

	gtk_widget_show_all(child);
	gtk_widget_set_no_show_all(child, TRUE);
	g_object_bind_property(expander, "expanded", child, "visible", G_BINDING_SYNC_CREATE);
	g_signal_connect(expander, "notify::expanded", G_CALLBACK(on_expanded), NULL);
}
