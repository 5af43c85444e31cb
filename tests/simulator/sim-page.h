/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-request.h"

G_BEGIN_DECLS

/* The identity platform's pages: HTML without style, for a browser or for a script that posts the one form. */

/* An error that stays in the browser. @reference: the line of the contract. */
void sim_page_set_error(SimResponse *response, guint code, const char *message, const char *reference);

/* A notice with nothing to do. */
void sim_page_set_notice(SimResponse *response, const char *title, const char *text);

/**
 * sim_page_set_consent:
 * @action: path that the form is posted to
 * @hidden: names and values in turn, ended by %NULL
 * @user_code: whether the form asks for a device's code
 * @accounts: addresses to choose from; @chosen is the one selected
 * @scopes: what is asked for, shown as a list
 *
 * Fields: the hidden ones, `otc` for the code, `account`; buttons `accept` and `cancel`.
 */
void sim_page_set_consent(SimResponse *response, const char *action, const char *const *hidden, gboolean user_code,
			  char **accounts, const char *chosen, char **scopes);

/* A form that posts itself to @action (`response_mode=form_post`); @fields: (element-type SimParameter). */
void sim_page_set_form_post(SimResponse *response, const char *action, GPtrArray *fields);

G_END_DECLS
