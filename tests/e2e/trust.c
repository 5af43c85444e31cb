/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into the client by a story with TLS: the authority in the file TEST_AUTHORITY is trusted, and no other. */
#include <gnutls/x509.h>
#include <stdlib.h>

int
gnutls_x509_trust_list_add_system_trust(gnutls_x509_trust_list_t list, unsigned int flags, unsigned int verify)
{
	return gnutls_x509_trust_list_add_trust_file(list, getenv("TEST_AUTHORITY"), NULL, GNUTLS_X509_FMT_PEM, flags,
						     verify);
}
