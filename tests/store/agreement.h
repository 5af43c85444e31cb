/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "home.h"

G_BEGIN_DECLS

/*
 * Compares every folder and message here with the tenant's, without the store's own synchronisation. Returns the first
 * difference in words, (transfer full), %NULL if there is none; mail that the tenant refused for good stays here alone
 * and is none. @counted: (nullable): to hold subject → how many at the tenant.
 */
char *agreement_find_difference(Home *self, GHashTable *counted);

G_END_DECLS
