/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Makes an authority and a certificate signed by it, for localhost, 127.0.0.1 and ::1, and for *.contoso.example, which
 * only a proxy finds, and writes the authority's certificate as ca.pem into @directory, which is made when it is not
 * there. The keys are never written. Valid at @time, seconds since 1970, and for some days after it.
 */
GTlsCertificate *sim_tls_make_certificate(const char *directory, gint64 time, GError **error);

G_END_DECLS
