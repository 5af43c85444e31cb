/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-request.h"

G_BEGIN_DECLS

typedef enum {
	SIM_FAULT_STATUS, /* another status, headers or body */
	SIM_FAULT_HTML,	  /* a page in place of JSON */
	SIM_FAULT_TYPE,	  /* JSON that is not an object */
	SIM_FAULT_CUT,	  /* the first half of the JSON, as if it were whole */
	SIM_FAULT_CLOSE,  /* the connection ends */
	SIM_FAULT_HANG,	  /* no answer for a time, or until released */
	SIM_FAULT_CLAIMS, /* a claims challenge */
	SIM_FAULT_OAUTH,  /* an error of the identity platform */
} SimFaultKind;

typedef enum {
	SIM_CLOSE_UPLOAD, /* in the middle of the request's body */
	SIM_CLOSE_BEFORE, /* nothing was done */
	SIM_CLOSE_WORK,	  /* all was done, no byte of the answer arrives */
	SIM_CLOSE_MIDDLE, /* all was done, half of the answer's body arrives */
	SIM_CLOSE_AFTER,  /* the answer arrives whole */
} SimCloseWhen;

/**
 * SimFault:
 * @work: the request is carried out all the same
 * @delay: milliseconds before anything happens
 * @hang: milliseconds, 0 until released
 */
typedef struct {
	gatomicrefcount references;
	SimFaultKind kind;
	gboolean graph;
	gboolean identity;
	gboolean part; /* of a batch */
	char *method;
	char *prefix;
	char *option;
	GRegex *path;
	GRegex *prefer;
	guint skip;
	guint count;
	gboolean endless;
	gboolean work;
	guint delay;
	guint hang;
	guint status;
	SimCloseWhen when;
	JsonObject *headers;
	JsonNode *body;
	JsonObject *claims;
	char *error;
	char *suberror;
	guint aadsts;
	gboolean back;	   /* to the client, not on a page */
	gboolean is_early; /* strikes before the request's body is there */
} SimFault;

void sim_fault_unref(SimFault *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimFault, sim_fault_unref)

/* Whether the request's work is done before sim_fault_apply(). */
gboolean sim_fault_wants_work(const SimFault *self);

/* Turns @response, which is the true answer when there was work, into what the fault asks for. */
void sim_fault_apply(const SimFault *self, const SimRequest *request, SimResponse *response);

typedef struct _SimFaults SimFaults;

SimFaults *sim_faults_new(void);
void sim_faults_free(SimFaults *self);

/* One object of SIM_FAULTS_HELP, or an array of them; all or nothing. %G_IO_ERROR_INVALID_ARGUMENT. */
gboolean sim_faults_add(SimFaults *self, JsonNode *node, GError **error);
void sim_faults_clear(SimFaults *self);

/* (nullable) (transfer full): the first fault that the request meets, which is then used up by one. */
SimFault *sim_faults_take(SimFaults *self, gboolean graph, const SimRequest *request);

/* The same of faults that strike before the body of @request is there. */
SimFault *sim_faults_take_early(SimFaults *self, gboolean graph, const SimRequest *request);

/* The same for a part of a batch. @path is whole. */
SimFault *sim_faults_take_part(SimFaults *self, const SimRequest *request, const char *path);

#define SIM_FAULTS_HELP                                                                             \
	"Faults: POST /_control/faults takes one object, or an array of them. The first\n"          \
	"that a request meets is applied to it. Which requests:\n"                                  \
	"  target   \"graph\" (default), \"identity\", \"any\", or \"part\": of a batch, where\n"   \
	"           a kind is \"status\" or \"close\" (the answer leaves the part out)\n"           \
	"  method   \"GET\", \"POST\", …; any when absent\n"                                      \
	"  path     a regular expression on the encoded path, \"^/v1\\\\.0/me/sendMail$\"\n"        \
	"  prefix   the path's beginning\n"                                                         \
	"  prefer   a regular expression on the header Prefer, \"maxpagesize=1000\"\n"              \
	"  option   a query option that the request has, \"$skiptoken\"\n"                          \
	"  skip     so many matching requests are left alone first (0)\n"                           \
	"  nth      the same, counted from 1\n"                                                     \
	"  count    so many are met (1); 0: until the faults are cleared\n"                         \
	"What happens:\n"                                                                           \
	"  delay    milliseconds before anything happens; alone it only delays\n"                   \
	"  work     true: the request is carried out all the same\n"                                \
	"  kind     \"status\"  status (default 500), headers {name: value}, body (object or\n"     \
	"                     string); without a body an error in the endpoint's own\n"             \
	"                     shape, or with work the true body (200 for 202)\n"                    \
	"           \"html\"    an HTML page; status (200)\n"                                       \
	"           \"type\"    JSON that is an array; status (200)\n"                              \
	"           \"cut\"     the first half of the true JSON\n"                                  \
	"           \"close\"   when: \"upload\" (after the first bytes of the request's body),\n"  \
	"                     \"before\" (nothing done), \"work\" (done, the answer is lost),\n"    \
	"                     \"middle\" (done, half of the body), \"after\"\n"                     \
	"           \"hang\"    for: milliseconds, then carried out and answered; without\n"        \
	"                     \"for\" until POST /_control/release; with work done at once, and\n"  \
	"                     only the answer waits; with when \"upload\" no more\n"                \
	"                     of the request's body is read than its first bytes until then,\n"     \
	"                     and it is in the log twice: as it stops, and when it is whole\n"      \
	"           \"claims\"  401 with a claims challenge; claims: the object in it\n"            \
	"           \"oauth\"   error (\"invalid_grant\": a dead refresh token), suberror, code\n"  \
	"                     (the AADSTS number), claims, status (400); where a browser asks,\n"   \
	"                     a page, or with \"back\": true its way back to the client\n"          \
	"DELETE /_control/faults clears them.\n"

G_END_DECLS
