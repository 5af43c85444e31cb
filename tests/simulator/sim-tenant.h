/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-faults.h"
#include "sim-graph.h"
#include "sim-log.h"
#include "sim-key.h"
#include "sim-token.h"
#include "simulator.h"

G_BEGIN_DECLS

/* OAUTH.md 1: the directory of personal accounts, and the invented one. */
#define SIM_PERSONAL_DIRECTORY "9188040d-6c67-4c5b-b112-36a304b66dad"
#define SIM_WORK_DIRECTORY SIMULATOR_TENANT_ID

typedef struct {
	char *id;
	char *secret; /* %NULL: a public client */
} SimClient;

/**
 * SimTenant:
 * @lock: held while anything below is read or changed; never while something waits
 * @origin: %NULL before the start
 * @admin_scopes: (nullable): permissions that people may not consent to here, short names
 * @rotate: a refresh takes the old refresh token back (the service does not, OAUTH.md 10)
 *
 * Everything that the simulated tenant knows, shared by its server thread and the callers of simulator.h.
 */
typedef struct {
	GMutex lock;
	char *origin;
	GPtrArray *clients; /* (element-type SimClient) */
	SimGraph *graph;
	SimTokens *tokens;
	SimFaults *faults;
	SimLog *log;
	SimKey *key;	       /* signs id tokens; made when first needed */
	guint latency;	       /* milliseconds */
	guint access_lifetime; /* seconds */
	guint code_lifetime;
	guint device_lifetime;
	double device_interval;
	gboolean device_strict; /* the first poll, too, has to wait the interval */
	guint device_slow;	/* so many polls are told to slow down although they are in time */
	gboolean rotate;
	GPtrArray *confided;	/* (element-type utf8): verifiers and secrets that clients sent, id tokens */
	GHashTable *events; /* address → what sim-evaluation.c has to say */
	char **admin_scopes;
} SimTenant;

SimTenant *sim_tenant_new(void);
void sim_tenant_free(SimTenant *self);

void sim_tenant_add_client(SimTenant *self, const char *client_id, const char *secret);
const SimClient *sim_tenant_find_client(SimTenant *self, const char *client_id);

/* The key that signs id tokens. */
SimKey *sim_tenant_get_key(SimTenant *self);

/* Takes away the scopes that @grant's person cannot hold: a personal account's `.Shared` ones (SCOPES.md 1). */
void sim_tenant_grant_scopes(SimGrant *grant);

/* (nullable): one of @names to which people may not consent in this tenant */
const char *sim_tenant_find_refused(SimTenant *self, char **names);

/* The directory a person belongs to: the invented tenant, or that of personal accounts. */
const char *sim_tenant_get_directory_id(const char *address);

/* Whether that person may sign in at `/{tenant}/…`, and whether there is such a tenant at all (OAUTH.md 1). */
gboolean sim_tenant_admits(SimTenant *self, const char *tenant, const char *address);
gboolean sim_tenant_is_known(SimTenant *self, const char *tenant);

G_END_DECLS
