/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * HistoryTeller:
 * @tell: runs the steps of the history of @seed that @numbers (element-type guint) names, of @length in all, and ends
 * the process when something is wrong
 * @name: what a step of it is
 *
 * Histories run in processes of their own, some side by side. One that fails is told again without some of its steps,
 * as long as it still fails; the shortest is printed, and runs by itself:
 *
 *   PROGRAM --history SEED STEPS [NUMBER,NUMBER,…]
 *
 * STORE_TEST_SEED (the first), STORE_TEST_HISTORIES (how many) and STORE_TEST_STEPS (of each) choose others.
 */
typedef struct {
	void (*tell)(guint32 seed, guint length, GArray *numbers);
	const char *(*name)(guint32 seed, guint length, guint number);
	guint histories;
	guint steps;
} HistoryTeller;

/* First in main(). TRUE: the process was started to tell some, and has. */
gboolean history_begin(const HistoryTeller *teller, int argc, char **argv);

/* A test: all of them, each from a seed of its own. */
void history_test(void);

G_END_DECLS
