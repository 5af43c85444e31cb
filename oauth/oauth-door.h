/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * OauthDoor:
 *
 * One port of both loopback addresses (of IPv4 alone where there is no IPv6), and who comes in by it: so many at a
 * time, each for so long and with so much to say (OAUTH.md 11). #SoupServer itself has no such bounds. When all places
 * are taken the one who has been there longest goes, so that nobody keeps a browser out by holding connections.
 */
typedef struct _OauthDoor OauthDoor;

/* The port is ours from now on; connections wait until oauth_door_open(). */
OauthDoor *oauth_door_new(GError **error);
void oauth_door_free(OauthDoor *self); /* closes it */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OauthDoor, oauth_door_free)

guint oauth_door_get_port(OauthDoor *self);

/* Hands who comes to @server. To be called once, on the thread whose default context is @context and runs. */
void oauth_door_open(OauthDoor *self, SoupServer *server, GMainContext *context);

/* Closes the port, and every connection with it. */
void oauth_door_close(OauthDoor *self);

G_END_DECLS
