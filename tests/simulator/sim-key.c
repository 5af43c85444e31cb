/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-key.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

struct _SimKey {
	gnutls_privkey_t key;
	char *id;
};

static char *
encode(const void *data, gsize length)
{
	char *text = g_base64_encode(data, length);

	g_strdelimit(text, "+", '-');
	g_strdelimit(text, "/", '_');
	text[strcspn(text, "=")] = '\0';
	return text;
}

SimKey *
sim_key_new(void)
{
	SimKey *self = g_new0(SimKey, 1);

	if (gnutls_privkey_init(&self->key) != GNUTLS_E_SUCCESS ||
	    gnutls_privkey_generate(self->key, GNUTLS_PK_RSA, 2048, 0) != GNUTLS_E_SUCCESS)
		g_error("GnuTLS cannot make a key.");
	self->id = g_uuid_string_random();
	return self;
}

void
sim_key_free(SimKey *self)
{
	gnutls_privkey_deinit(self->key);
	g_free(self->id);
	g_free(self);
}

static char *
encode_object(JsonObject *object)
{
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), object);
	g_autofree char *text = json_to_string(node, FALSE);

	return encode(text, strlen(text));
}

char *
sim_key_sign(SimKey *self, JsonObject *claims)
{
	g_autoptr(JsonObject) header = json_object_new();
	g_autofree char *first = NULL;
	g_autofree char *second = encode_object(claims);
	g_autofree char *signed_text = NULL;
	g_autofree char *third = NULL;
	gnutls_datum_t data;
	gnutls_datum_t signature = {NULL, 0};

	json_object_set_string_member(header, "typ", "JWT");
	json_object_set_string_member(header, "alg", "RS256");
	json_object_set_string_member(header, "kid", self->id);
	first = encode_object(header);
	signed_text = g_strdup_printf("%s.%s", first, second);
	data.data = (unsigned char *)signed_text;
	data.size = strlen(signed_text);
	if (gnutls_privkey_sign_data2(self->key, GNUTLS_SIGN_RSA_SHA256, 0, &data, &signature) != GNUTLS_E_SUCCESS)
		g_error("GnuTLS refuses to sign with the key that it made.");
	third = encode(signature.data, signature.size);
	gnutls_free(signature.data);
	return g_strdup_printf("%s.%s", signed_text, third);
}

JsonObject *
sim_key_describe(SimKey *self)
{
	JsonObject *object = json_object_new();
	JsonArray *keys = json_array_new();
	JsonObject *key = json_object_new();
	gnutls_datum_t modulus = {NULL, 0};
	gnutls_datum_t exponent = {NULL, 0};
	g_autofree char *n = NULL;
	g_autofree char *e = NULL;

	if (gnutls_privkey_export_rsa_raw2(self->key, &modulus, &exponent, NULL, NULL, NULL, NULL, NULL, NULL,
					   GNUTLS_EXPORT_FLAG_NO_LZ) != GNUTLS_E_SUCCESS)
		g_error("GnuTLS refuses to show the key that it made.");
	n = encode(modulus.data, modulus.size);
	e = encode(exponent.data, exponent.size);
	gnutls_free(modulus.data);
	gnutls_free(exponent.data);
	json_object_set_string_member(key, "kty", "RSA");
	json_object_set_string_member(key, "use", "sig");
	json_object_set_string_member(key, "alg", "RS256");
	json_object_set_string_member(key, "kid", self->id);
	json_object_set_string_member(key, "n", n);
	json_object_set_string_member(key, "e", e);
	json_array_add_object_element(keys, key);
	json_object_set_array_member(object, "keys", keys);
	return object;
}
