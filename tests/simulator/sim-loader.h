/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-mailbox.h"

G_BEGIN_DECLS

/*
 * A mailbox from a directory: each directory in it is a folder, each `*.eml` a message (those at the top lie in
 * the Inbox). What a directory cannot tell is in a key file `.mailbox` in it, all of it optional:
 *
 *     [mailbox]          at the top alone
 *     name=Alice Example
 *     language=de        the names of the usual folders: en, de
 *     [folder]
 *     name=A name / that no directory could have
 *     role=sentitems     a well-known name; else the directory's own name tells (`Inbox`, `inbox`, `Sent
 * Items`, …) hidden=true [0001.eml] read=true draft=true flag=flagged       or complete importance=high
 *     categories=Blue;Work
 *     answered=reply     or replyall, forward
 *     received=2026-03-01T08:00:00Z    else the Date of the message
 *
 * @directory: a path; "" gives the usual folders with nothing in them, %NULL the mailbox that was invented for
 * @address.
 */
SimMailbox *sim_loader_load(const char *address, const char *directory, GError **error);

G_END_DECLS
