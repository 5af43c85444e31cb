/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Service:
 *
 * A session bus and a keyring of the test's own, gnome-keyring's, in a directory of its own. For a process of its own:
 * the environment is changed.
 */
typedef struct {
	char *directory;
	GPid bus;
	GPid daemon;
} Service;

void service_run_in_subprocess(void); /* the test that calls it, which has to pass there */

/* TRUE in a process of its own, with a bus that starts nothing by itself; else the test is run in one, or skipped. */
gboolean service_begin(Service *self);

/* @with_collection: there is a keyring, and it is unlocked; else the one that was made before is locked. */
void service_start_daemon(Service *self, gboolean with_collection);
void service_end_daemon(Service *self);
void service_lock_all(void);	    /* nobody can unlock it but service_unlock() */
void service_unlock(Service *self); /* by another start */

void service_stop(Service *self);

G_END_DECLS
