/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Two people of the invented tenant who are always there, with an invented mailbox each. */
#define SIMULATOR_CLIENT_ID "11111111-2222-4333-8444-555555555555"
#define SIMULATOR_TENANT_ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define SIMULATOR_USER "alice@contoso.example"
#define SIMULATOR_OTHER "bob@contoso.example"

#define SIM_TYPE_SIMULATOR (simulator_get_type())
G_DECLARE_FINAL_TYPE(Simulator, simulator, SIM, SIMULATOR, GObject)

/**
 * simulator_new:
 *
 * A tenant: identity platform and Graph on one origin, over real HTTP on loopback, on a thread of its own.
 * Everything may be called from any thread.
 */
Simulator *simulator_new(void);

/* Before the start. @secret %NULL: a public client. @directory %NULL: the invented mailbox; "" an empty one. */
void simulator_add_client(Simulator *self, const char *client_id, const char *secret);
gboolean simulator_add_mailbox(Simulator *self, const char *address, const char *directory, GError **error);
void simulator_remove_mailbox(Simulator *self, const char *address);
/* One line for each finished request, without queries, bodies or tokens; the file is made anew. */
gboolean simulator_open_log(Simulator *self, const char *path, GError **error);

/* @port 0: any. @tls_directory %NULL: plain HTTP; else a certificate for localhost is made there, its issuer is ca.pem.
 */
gboolean simulator_start(Simulator *self, guint port, const char *tls_directory, GError **error);
void simulator_stop(Simulator *self);
/* Before the start: the certificate is that of a time so many seconds ahead, as it looks where the clock is slow. */
void simulator_set_certificate_time(Simulator *self, gint64 seconds);
const char *simulator_get_origin(Simulator *self); /* `http://localhost:PORT` */

/* After the start: the origin that it takes for its own, where it is reached under another name, as through a proxy. */
void simulator_set_origin(Simulator *self, const char *origin);

void simulator_set_latency(Simulator *self, guint milliseconds);

/* A fault as `POST /_control/faults` takes it; the program's --help describes the object. */
gboolean simulator_add_fault(Simulator *self, const char *json, GError **error);
void simulator_fail_next(Simulator *self, guint status); /* the next Graph request */
void simulator_clear_faults(Simulator *self);		 /* requests that hang go on */
void simulator_release(Simulator *self);		 /* the same for these alone */

/* What arrived, since the start or the last reset: (element-type utf8) `GET /v1.0/me/messages 200`. */
guint simulator_get_n_requests(Simulator *self);
char **simulator_get_requests(Simulator *self);
/* Those of them that look like @pattern (GPatternSpec). */
guint simulator_count_requests(Simulator *self, const char *pattern);
char **
simulator_get_refusals(Simulator *self); /* requests refused as wrong (4xx not caused by a fault), with the reason */
void simulator_reset_log(Simulator *self);

/* An access token without a sign-in; @scopes: short names, blank between. The refresh token likewise. */
char *simulator_issue_access_token(Simulator *self, const char *address, const char *scopes);
char *simulator_issue_refresh_token(Simulator *self, const char *client_id, const char *address, const char *scopes);
void simulator_revoke_tokens(Simulator *self, const char *address);

/* Tokens that clients with `cp1` hold by now are challenged. @person: until the person has signed in again; @endless:
 * for ever. */
void simulator_challenge(Simulator *self, const char *address, gboolean person, gboolean endless);

void simulator_expire_access_tokens(Simulator *self, const char *address); /* %NULL: everybody's */
void simulator_set_access_lifetime(Simulator *self, guint seconds);	   /* of those still to come; 3599 at first */

/* Of device codes still to come: seconds between two polls (5 at first), and that they live (900). The first poll has
 * to wait, too. */
void simulator_set_device(Simulator *self, double interval, guint lifetime);
/* The next @polls are told to slow down although they are in time. */
void simulator_slow_device(Simulator *self, guint polls);
/* What the person @address does at another device; FALSE when no such code waits for an answer. */
gboolean simulator_enter_code(Simulator *self, const char *user_code, const char *address, gboolean accept);

/* Lets @delegate into all of the mailbox of @address, and send in its name. */
void simulator_share(Simulator *self, const char *address, const char *delegate);
/* Lets @delegate read all of it, and no more. */
void simulator_share_read_only(Simulator *self, const char *address, const char *delegate);
/* And then to send in its name, which is a right apart (API.md 6.1). */
void simulator_let_send(Simulator *self, const char *address, const char *delegate);

/* Permissions to which people may not consent, and which they lose: short names, blank between; "": none. */
void simulator_set_admin_scopes(Simulator *self, const char *scopes);

/* What another client of @address does. Folders by well-known name, id, or path of display names (`Inbox/Projects`). */
char *simulator_deliver(Simulator *self, const char *address, const char *folder, const char *eml, gssize length,
			GError **error); /* the message's immutable id */
gboolean simulator_change(Simulator *self, const char *address, const char *id, const char *json_patch, GError **error);
gboolean simulator_move(Simulator *self, const char *address, const char *id, const char *folder, GError **error);
gboolean simulator_delete(Simulator *self, const char *address, const char *id, GError **error);
char *simulator_create_folder(Simulator *self, const char *address, const char *parent, const char *name,
			      GError **error);
gboolean simulator_rename_folder(Simulator *self, const char *address, const char *folder, const char *name,
				 GError **error);
gboolean simulator_move_folder(Simulator *self, const char *address, const char *folder, const char *parent,
			       GError **error);
/* For good, with all that is in it. */
gboolean simulator_remove_folder(Simulator *self, const char *address, const char *folder, GError **error);

/* Those that are neither hidden nor a search, as an array of `mailFolder` objects. */
JsonNode *simulator_list_folders(Simulator *self, const char *address);

/* The folder's messages as an array of `message` objects with every property, `body` and the MIME as `x-mime` (base64)
 * included. */
JsonNode *simulator_dump(Simulator *self, const char *address, const char *folder);

/* Of the folder's messages those of @subject, all of them if it is %NULL. */
guint simulator_count(Simulator *self, const char *address, const char *folder, const char *subject);
JsonObject *simulator_get(Simulator *self, const char *address, const char *folder,
			  const char *subject); /* transfer full: the only one, or %NULL */
/* Makes @count small messages in the folder, quickly; for benchmarks. */
void simulator_fill(Simulator *self, const char *address, const char *folder, guint count);
/* The largest page that is granted, whatever is asked; 500 at first. */
void simulator_set_page_limit(Simulator *self, guint limit);
/* Whether `expand=` without `$` brings extended properties with a delta; TRUE at first. */
void simulator_set_delta_expand(Simulator *self, gboolean expand);
/* The status of later pages of a delta round with `expand=`, whose first page is served (CHECKED 2b); 0: they are
 * served, as at first. */
void simulator_set_expanded_links(Simulator *self, guint status);
/* Whether delta rounds are as bad as the documentation allows (sim-nasty.h), at random from @seed; 0: not, as at first.
 */
void simulator_set_nasty(Simulator *self, guint32 seed);
/* Whether quoted-printable text of MIME suffers, sent or a draft, as the service's does (CHECKED.md 6d); FALSE at
 * first. */
void simulator_set_damage_printable(Simulator *self, gboolean damage);
/* Whether a draft of MIME loses its Bcc, which no documentation rules out; FALSE at first. */
void simulator_set_drop_bcc(Simulator *self, gboolean drop);
/* Bytes of a whole message; more is refused. 35 MB at first, as tenants have it. */
void simulator_set_size_limit(Simulator *self, gsize bytes);
/* Upload sessions that are open run out. */
void simulator_expire_uploads(Simulator *self);
/* Every delta and next link handed out so far is refused: 410. */
void simulator_expire_links(Simulator *self);

G_END_DECLS
