/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph-client.h"

G_BEGIN_DECLS

/* @mail is %NULL where the account has no mailbox; then @principal_name is the next best address. */
typedef struct {
	char *id;
	char *display_name;
	char *mail;
	char *principal_name;
} GraphUser;

void graph_user_free(GraphUser *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphUser, graph_user_free)

GraphUser *graph_user_from_json(JsonObject *object, GError **error);

/*
 * Other addresses of the signed-in user's own mailbox (`proxyAddresses`), without their `smtp:`; ended by %NULL, maybe
 * none: not every account tells them. (transfer full)
 */
char **graph_user_list_aliases(GraphClient *client, GCancellable *cancellable, GError **error);

/* `GET /me` */
GraphUser *graph_user_get_me(GraphClient *client, GCancellable *cancellable, GError **error);

G_END_DECLS
