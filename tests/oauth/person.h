/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PersonAnswer:
 * @page: (nullable): the text of a page that says why there is no answer
 * @redirect: (nullable): where the answer goes
 * @form: (nullable): the answer, encoded
 *
 * A person at the simulated tenant's pages, over real HTTP: how far one gets with a sign-in.
 */
typedef struct {
	char *page;
	char *redirect;
	char *form;
} PersonAnswer;

/* Goes to @uri and presses @button (`accept` or `cancel`) as @address; does not bring the answer anywhere. */
PersonAnswer *person_visit(const char *uri, const char *address, const char *button);
void person_answer_free(PersonAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PersonAnswer, person_answer_free)

/* Brings the answer to the listener; the status, 0 for none, and with @text (nullable) what is shown then. */
guint person_deliver(const PersonAnswer *answer, char **text);

/* For a thread: %SIMULATOR_USER goes to the page @uri (transfer full), agrees, and the answer is taken. Returns %NULL.
 */
gpointer person_agree(gpointer uri);

G_END_DECLS
