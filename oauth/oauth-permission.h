/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whose account signs in: some permissions exist for accounts of an organization alone (SCOPES.md 2). */
typedef enum {
	OAUTH_AUDIENCE_WORK,
	OAUTH_AUDIENCE_PERSONAL,
} OauthAudience;

/**
 * OauthPermission:
 * @name: short name, without the Graph root
 * @meaning: a sentence for people: what it opens. Not translated yet: show it with gettext
 * @purpose: a sentence for people: what this program needs it for. Likewise
 * @exists: %FALSE for a name that guides mention and Microsoft does not have; asking for one ends the sign-in
 * @is_work_only: not for personal accounts
 * @is_used: a feature of this version needs it
 *
 * One of the sixteen delegated permissions that a person may be told of. What includes what:
 * oauth_scope_includes().
 */
typedef struct {
	const char *name;
	const char *meaning;
	const char *purpose;
	gboolean exists;
	gboolean is_work_only;
	gboolean is_used;
} OauthPermission;

/* In the order in which a person reads them; ends with an entry whose name is %NULL. */
const OauthPermission *oauth_permission_list(void);

/* Returns: (nullable): by its short name, without regard to case */
const OauthPermission *oauth_permission_find(const char *name);

/**
 * OauthPermissionSet:
 * @id: `read-only`, `mail`, `mail-and-contacts`, `everything`
 * @name: for people; not translated yet
 * @work: what an account of an organization asks for; nothing in it includes another
 * @personal: what a personal account asks for
 */
typedef struct {
	const char *id;
	const char *name;
	const char *const *work;
	const char *const *personal;
} OauthPermissionSet;

/* Ends with an entry whose id is %NULL. */
const OauthPermissionSet *oauth_permission_list_sets(void);

/* Returns: (nullable): the names of a set, %NULL-terminated */
const char *const *oauth_permission_find_set(const char *id, OauthAudience audience);

/* The least useful set: reading, changing and sending one's own mail. */
#define OAUTH_PERMISSION_SET_DEFAULT "mail"

G_END_DECLS
