/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sim-tenant.h"

G_BEGIN_DECLS

/*
 * `/_control/…`: what simulator.h offers, for programs. The caller holds the tenant's lock. @release is set when
 * requests that hang are to go on.
 */
void sim_control_handle(SimTenant *tenant, const SimRequest *request, SimResponse *response, gboolean *release);

#define SIM_CONTROL_HELP                                                                                             \
	"Controls: JSON objects by POST unless another method is named. A folder is a\n"                             \
	"well-known name, an id, or a path of display names (\"Inbox/Projects\").\n"                                 \
	"  /_control/faults      see below\n"                                                                        \
	"  /_control/release     requests that hang go on\n"                                                         \
	"  GET /_control/log     {requests, refusals}; DELETE empties both\n"                                        \
	"  /_control/reset       empties the log, clears the faults, latency 0\n"                                    \
	"  /_control/settings    latency, page_limit, delta_expand, access_lifetime,\n"                              \
	"                        expanded_links (status of later pages with expand=; 0: served),\n"                 \
	"                        code_lifetime, device_interval (may be a fraction),\n"                              \
	"                        device_strict (the first poll waits, too), device_slow (polls\n"                    \
	"                        that are told to slow down), device_lifetime, rotate\n"                             \
	"                        (a refresh takes the old refresh token back), batch_limit (unchained\n"             \
	"                        parts served at once, 0: all), damage_printable (text of MIME suffers),\n"          \
	"                        nasty (delta rounds as bad as is allowed, at random from this\n"                    \
	"                        seed; 0: not), size_limit (bytes of a message), drop_bcc (a\n"                      \
	"                        draft of MIME has none)\n"                                                          \
	"                        admin_scopes (names, blank between: people may not consent to them,\n"              \
	"                        and who did loses them)\n"                                                          \
	"  /_control/token       {address, scopes: \"User.Read Mail.ReadWrite\"}: {access_token};\n"                 \
	"                        with client_id {access_token, refresh_token}\n"                                     \
	"  /_control/expire      {what: \"links\", \"uploads\", \"access\", \"refresh\", \"codes\", address}\n"      \
	"  /_control/revoke      {address}: its access and refresh tokens\n"                                         \
	"  /_control/secrets     GET: every token, code, verifier and client secret there was\n"                     \
	"  /_control/challenge   {address, person, endless}: claims challenges, until a person signs in, for ever\n" \
	"  /_control/mailbox     {address, directory}; without a directory the invented mailbox,\n"                  \
	"                        with \"\" an empty one; {address, remove: true}\n"                                  \
	"  /_control/deliver     {address, folder, eml}, or the mail itself as message/rfc822\n"                     \
	"                        with ?address=…&folder=…: {id}\n"                                               \
	"  /_control/change      {address, id, patch}\n"                                                             \
	"  /_control/move        {address, id, folder}\n"                                                            \
	"  /_control/delete      {address, id}\n"                                                                    \
	"  /_control/folder      {address, parent, name}: {id}\n"                                                    \
	"  /_control/share       {address, folder, delegate, read_only}; without a folder all of them\n"             \
	"  /_control/fill        {address, folder, count}: small messages\n"                                         \
	"  GET /_control/dump?address=…&folder=…: an array of messages\n"

G_END_DECLS
