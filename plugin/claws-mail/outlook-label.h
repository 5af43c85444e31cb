/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-folder.h"

G_BEGIN_DECLS

/*
 * How a folder of the server is called in the host, whose identifiers are paths of such labels. Knows no Claws.
 */

/* The host's own name of a role (`Sent Items`), whatever the server calls the folder; %NULL for
 * STORE_ROLE_NONE. */
const char *outlook_label_for_role(StoreRole role);

/* The label that @name gives by itself: valid UTF-8, one line, `/` as `∕`, never empty nor a path's dot.
 * Transfer full. */
char *outlook_label_from_name(const char *name);

/*
 * What the server is to be told when a person answers @given to the question for a folder's name: a name as the store
 * keeps it, which may be empty; %NULL when it is the one that the folder has. @current: (nullable): that of the server,
 * which was shown; %NULL for a new folder. Transfer full.
 */
char *outlook_label_read_name(const char *given, const char *current);

/*
 * A label that is not in @taken (a set of labels) yet, which it joins: @wanted itself, or with a number.
 * @current: (nullable): the folder's present label; kept when it is one that @wanted could have got. Transfer
 * full.
 */
char *outlook_label_make_unique(const char *wanted, const char *current, GHashTable *taken);

G_END_DECLS
