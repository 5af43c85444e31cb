/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"

#define TICK_MILLISECONDS 10

static gint64 last_tick;
static gint64 longest_gap;
static guint ticks;

static gboolean
on_tick(gpointer user_data)
{
	gint64 now = g_get_monotonic_time();

	longest_gap = MAX(longest_gap, now - last_tick);
	last_tick = now;
	ticks++;
	return G_SOURCE_CONTINUE;
}

void
probe_ticks_start(void)
{
	last_tick = g_get_monotonic_time();
	g_timeout_add_full(G_PRIORITY_HIGH, TICK_MILLISECONDS, on_tick, NULL, NULL);
}

/* `longest`: milliseconds between two ticks, at most; about TICK_MILLISECONDS when the loop is never held up. */
void
probe_ticks_read(JsonBuilder *builder, gboolean reset)
{
	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "longest");
	json_builder_add_double_value(builder, (double) longest_gap / 1000.0);
	json_builder_set_member_name(builder, "ticks");
	json_builder_add_int_value(builder, ticks);
	json_builder_end_object(builder);

	if (reset) {
		longest_gap = 0;
		ticks = 0;
	}
}
