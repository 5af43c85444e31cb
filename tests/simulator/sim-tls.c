/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/* Days; a day of the past covers clocks that differ. */
#define LIFETIME 30
#define BEHIND_PROXY "*.contoso.example"

typedef struct {
	gnutls_x509_crt_t certificate;
	gnutls_x509_privkey_t key;
} Pair;

static void
pair_clear(Pair *pair)
{
	g_clear_pointer(&pair->certificate, gnutls_x509_crt_deinit);
	g_clear_pointer(&pair->key, gnutls_x509_privkey_deinit);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pair, pair_clear)

static int
begin(Pair *pair, const char *name, unsigned char serial, time_t now)
{
	int code;

	if ((code = gnutls_x509_crt_init(&pair->certificate)) < 0 ||
	    (code = gnutls_x509_privkey_init(&pair->key)) < 0 ||
	    (code = gnutls_x509_privkey_generate(pair->key, GNUTLS_PK_RSA, 2048, 0)) < 0 ||
	    (code = gnutls_x509_crt_set_key(pair->certificate, pair->key)) < 0 ||
	    (code = gnutls_x509_crt_set_version(pair->certificate, 3)) < 0 ||
	    (code = gnutls_x509_crt_set_serial(pair->certificate, &serial, 1)) < 0 ||
	    (code = gnutls_x509_crt_set_activation_time(pair->certificate, now - 24 * 3600)) < 0 ||
	    (code = gnutls_x509_crt_set_expiration_time(pair->certificate, now + LIFETIME * 24 * 3600)) < 0)
		return code;
	return gnutls_x509_crt_set_dn_by_oid(pair->certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name, strlen(name));
}

static int
make_authority(Pair *pair, time_t now)
{
	int code;

	if ((code = begin(pair, "Simulated tenant authority", 1, now)) < 0 ||
	    (code = gnutls_x509_crt_set_basic_constraints(pair->certificate, 1, 0)) < 0 ||
	    (code = gnutls_x509_crt_set_key_usage(pair->certificate, GNUTLS_KEY_KEY_CERT_SIGN)) < 0)
		return code;
	return gnutls_x509_crt_sign2(pair->certificate, pair->certificate, pair->key, GNUTLS_DIG_SHA256, 0);
}

static int
make_server(Pair *pair, const Pair *authority, time_t now)
{
	static const unsigned char ipv4[] = {127, 0, 0, 1};
	static const unsigned char ipv6[16] = {[15] = 1};
	int code;

	if ((code = begin(pair, "localhost", 2, now)) < 0 ||
	    (code = gnutls_x509_crt_set_subject_alt_name(pair->certificate, GNUTLS_SAN_DNSNAME, "localhost", 9,
							 GNUTLS_FSAN_SET)) < 0 ||
	    (code = gnutls_x509_crt_set_subject_alt_name(pair->certificate, GNUTLS_SAN_DNSNAME, BEHIND_PROXY,
							 strlen(BEHIND_PROXY), GNUTLS_FSAN_APPEND)) < 0 ||
	    (code = gnutls_x509_crt_set_subject_alt_name(pair->certificate, GNUTLS_SAN_IPADDRESS, ipv4, sizeof ipv4,
							 GNUTLS_FSAN_APPEND)) < 0 ||
	    (code = gnutls_x509_crt_set_subject_alt_name(pair->certificate, GNUTLS_SAN_IPADDRESS, ipv6, sizeof ipv6,
							 GNUTLS_FSAN_APPEND)) < 0 ||
	    (code = gnutls_x509_crt_set_basic_constraints(pair->certificate, 0, -1)) < 0 ||
	    (code = gnutls_x509_crt_set_key_purpose_oid(pair->certificate, GNUTLS_KP_TLS_WWW_SERVER, 0)) < 0 ||
	    (code = gnutls_x509_crt_set_key_usage(pair->certificate,
						  GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT)) < 0)
		return code;
	return gnutls_x509_crt_sign2(pair->certificate, authority->certificate, authority->key, GNUTLS_DIG_SHA256, 0);
}

/* The certificate as text, with its key behind it when wanted. */
static int export(const Pair *pair, gboolean with_key, GString *text)
{
	gnutls_datum_t data = {NULL, 0};
	int code = gnutls_x509_crt_export2(pair->certificate, GNUTLS_X509_FMT_PEM, &data);

	if (code < 0)
		return code;
	g_string_append_len(text, (char *)data.data, data.size);
	gnutls_free(data.data);
	if (!with_key)
		return GNUTLS_E_SUCCESS;
	if ((code = gnutls_x509_privkey_export2_pkcs8(pair->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &data)) <
	    0)
		return code;
	g_string_append_len(text, (char *)data.data, data.size);
	gnutls_free(data.data);
	return GNUTLS_E_SUCCESS;
}

GTlsCertificate *
sim_tls_make_certificate(const char *directory, gint64 time, GError **error)
{
	g_auto(Pair) authority = {NULL, NULL};
	g_auto(Pair) server = {NULL, NULL};
	g_autoptr(GString) issuer = g_string_new(NULL);
	g_autoptr(GString) chain = g_string_new(NULL);
	g_autofree char *path = g_build_filename(directory, "ca.pem", NULL);
	int code;

	if ((code = make_authority(&authority, (time_t)time)) < 0 ||
	    (code = make_server(&server, &authority, (time_t)time)) < 0 ||
	    (code = export(&authority, FALSE, issuer)) < 0 || (code = export(&server, TRUE, chain)) < 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "No certificate could be made: %s",
			    gnutls_strerror(code));
		return NULL;
	}
	if (g_mkdir_with_parents(directory, 0700) != 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", directory, g_strerror(errno));
		return NULL;
	}
	if (!g_file_set_contents(path, issuer->str, issuer->len, error))
		return NULL;
	return g_tls_certificate_new_from_pem(chain->str, chain->len, error);
}
