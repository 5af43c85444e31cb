/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message opened by its number, and all that the message view shows of it: the text and each part with its content.
 */
#include "probe.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <gtk/gtk.h>

#include <mainwindow.h>
#include <messageview.h>
#include <mimeview.h>
#include <procmime.h>
#include <summaryview.h>
#include <textview.h>

static void
add_string(JsonBuilder *builder, const char *name, const char *value)
{
	g_autofree char *valid = value != NULL ? g_utf8_make_valid(value, -1) : NULL;

	json_builder_set_member_name(builder, name);
	json_builder_add_string_value(builder, valid);
}

static void
add_int(JsonBuilder *builder, const char *name, gint64 value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_int_value(builder, value);
}

/* As the list does when a person clicks there. Nothing happens while the program is busy with another message. */
void
probe_open_message(JsonBuilder *builder, gint64 number)
{
	MainWindow *window = mainwindow_get_mainwindow();

	if (window != NULL)
		summary_select_by_msgnum(window->summaryview, (guint)number, TRUE);
	probe_read_shown(builder);
}

/* (transfer full): the checksum of what the part is saved as, %NULL if it cannot be saved. */
static char *
get_checksum(MimeInfo *part)
{
	g_autofree char *path = NULL;
	g_autofree char *content = NULL;
	char *sum = NULL;
	gsize length = 0;
	int fd = g_file_open_tmp("probe-XXXXXX", &path, NULL);

	if (fd < 0)
		return NULL;
	g_close(fd, NULL);
	if (procmime_get_part(path, part) == 0 && g_file_get_contents(path, &content, &length, NULL))
		sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)content, length);
	g_unlink(path);
	return sum;
}

static void
add_part(JsonBuilder *builder, MimeInfo *part)
{
	g_autofree char *type =
		g_strdup_printf("%s/%s", procmime_get_media_type_str(part->type), part->subtype ? part->subtype : "");

	json_builder_begin_object(builder);
	add_string(builder, "type", type);
	add_string(builder, "name", procmime_mimeinfo_get_parameter(part, "filename"));
	add_string(builder, "other-name", procmime_mimeinfo_get_parameter(part, "name"));
	add_string(builder, "description", part->description);
	add_int(builder, "disposition", part->disposition);
	if (part->node->children == NULL) {
		g_autofree char *sum = get_checksum(part);

		add_string(builder, "sum", sum);
	}
	json_builder_set_member_name(builder, "parts");
	json_builder_begin_array(builder);
	for (GNode *node = part->node->children; node != NULL; node = node->next)
		add_part(builder, node->data);
	json_builder_end_array(builder);
	json_builder_end_object(builder);
}

static void
add_text(JsonBuilder *builder, TextView *view)
{
	GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(view->text));
	g_autofree char *content = NULL;
	GtkTextIter start;
	GtkTextIter end;

	gtk_text_buffer_get_bounds(buffer, &start, &end);
	content = gtk_text_buffer_get_slice(buffer, &start, &end, TRUE);
	add_string(builder, "text", content);
}

/* What is on screen, `loading` while more of it comes. The tip of an icon is its name, type and size. */
void
probe_read_shown(JsonBuilder *builder)
{
	MainWindow *window = mainwindow_get_mainwindow();
	MessageView *view = window != NULL ? window->messageview : NULL;
	MimeView *mime = view != NULL ? view->mimeview : NULL;

	json_builder_begin_object(builder);
	add_int(builder, "number", view != NULL && view->msginfo != NULL ? view->msginfo->msgnum : 0);
	if (mime != NULL && mime->textview != NULL) {
		g_autoptr(GList) icons = gtk_container_get_children(GTK_CONTAINER(mime->icon_grid));

		json_builder_set_member_name(builder, "loading");
		json_builder_add_boolean_value(builder, view->updating || mime->textview->loading);
		add_text(builder, mime->textview);
		json_builder_set_member_name(builder, "icons");
		json_builder_begin_array(builder);
		for (GList *l = g_list_last(icons); l != NULL; l = l->prev) {
			g_autofree char *tip = gtk_widget_get_tooltip_text(l->data);

			if (tip != NULL)
				json_builder_add_string_value(builder, tip);
		}
		json_builder_end_array(builder);
		json_builder_set_member_name(builder, "tree");
		if (mime->mimeinfo != NULL)
			add_part(builder, mime->mimeinfo);
		else
			json_builder_add_null_value(builder);
	}
	json_builder_end_object(builder);
}
