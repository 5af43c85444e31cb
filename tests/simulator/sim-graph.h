/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-faults.h"
#include "sim-request.h"

G_BEGIN_DECLS

/*
 * The mailboxes behind simulator.h: each function does what the one of the same name there promises.
 * The caller holds the tenant's lock, so nothing here locks or waits.
 */

/* @directory as in simulator.h; a mailbox that exists is replaced. A new tenant has none. */
gboolean sim_graph_add_mailbox(SimGraph *self, const char *address, const char *directory, GError **error);
void sim_graph_remove_mailbox(SimGraph *self, const char *address);

/* (transfer full): the addresses in the order in which they were added */
char **sim_graph_list_users(SimGraph *self);
/* (nullable) (transfer full): the `id` of the `user` resource, a GUID, which is the `oid` of the id token too
 */
char *sim_graph_get_user_id(SimGraph *self, const char *address);
char *sim_graph_get_user_name(SimGraph *self, const char *address);

char *sim_graph_deliver(SimGraph *self, const char *address, const char *folder, const char *eml, gssize length,
			GError **error);
gboolean sim_graph_change(SimGraph *self, const char *address, const char *id, const char *json_patch, GError **error);
gboolean sim_graph_move(SimGraph *self, const char *address, const char *id, const char *folder, GError **error);
gboolean sim_graph_delete(SimGraph *self, const char *address, const char *id, GError **error);
char *sim_graph_create_folder(SimGraph *self, const char *address, const char *parent, const char *name,
			      GError **error);
gboolean sim_graph_rename_folder(SimGraph *self, const char *address, const char *id, const char *name, GError **error);
gboolean sim_graph_move_folder(SimGraph *self, const char *address, const char *id, const char *parent, GError **error);
gboolean sim_graph_remove_folder(SimGraph *self, const char *address, const char *id, GError **error);
JsonNode *sim_graph_list_folders(SimGraph *self, const char *address);
JsonNode *sim_graph_dump(SimGraph *self, const char *address, const char *folder);
void sim_graph_fill(SimGraph *self, const char *address, const char *folder, guint count);
void sim_graph_set_page_limit(SimGraph *self, guint limit);
void sim_graph_set_delta_expand(SimGraph *self, gboolean expand);
void sim_graph_set_expanded_links(SimGraph *self, guint status);
void sim_graph_set_nasty(SimGraph *self, guint32 seed);
void sim_graph_expire_links(SimGraph *self);

/* Where faults of the parts of batches are taken from; not owned. */
void sim_graph_set_faults(SimGraph *self, SimFaults *faults);

/* The unchained parts of a batch that a mailbox serves at once beside its other requests, the others are throttled; 4
 * at first, 0: all.
 */
void sim_graph_set_batch_limit(SimGraph *self, guint limit);
/* Whether quoted-printable text of MIME suffers, sent or a draft, as people saw it happen (CHECKED.md 6d); FALSE at
 * first. */
void sim_graph_set_damage_printable(SimGraph *self, gboolean damage);
/* Whether a draft of MIME loses its Bcc, which no documentation rules out; FALSE at first. */
void sim_graph_set_drop_bcc(SimGraph *self, gboolean drop);
/* Bytes of a whole message; 35 MB at first. */
void sim_graph_set_size_limit(SimGraph *self, gsize bytes);
void sim_graph_expire_uploads(SimGraph *self);
/* Lets @delegate into one folder of @owner (as in simulator.h), or with %NULL into all of them and send as
 * @owner. */
gboolean sim_graph_share(SimGraph *self, const char *owner, const char *folder, const char *delegate,
			 gboolean read_only);
/* Who may read alone may send in the name of the mailbox, too (API.md 6.1). FALSE: shares nothing. */
gboolean sim_graph_let_send(SimGraph *self, const char *owner, const char *delegate);

G_END_DECLS
