/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "outlook-item.h"

G_BEGIN_DECLS

/*
 * The host applies its rules to whatever a scan of an Inbox finds, also when it has lost its cache. What was there when
 * the first synchronisation of the folder ended is no new mail, and the rules pass it over. A scan calls these members
 * of our class in this order, and decides between the second and the third.
 */

/* @numbers: of guint32, rising: all that the store has */
void outlook_old_mail_listed(FolderItem *item, GArray *numbers);

/* @numbers: those that the host did not know */
void outlook_old_mail_found(FolderItem *item, GSList *numbers);

void outlook_old_mail_decided(FolderItem *item);

/* Whether it is known yet which mail of the folder is old. */
gboolean outlook_old_mail_is_known(OutlookItem *item);

void outlook_old_mail_done(void);

G_END_DECLS
