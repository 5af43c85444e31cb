/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-id.h"

#include <string.h>

#define HEAD 9
#define TAIL 16
#define ITEM_LENGTH 113	 /* 152 characters, the last one `=` */
#define FOLDER_LENGTH 89 /* 120 characters */

static gsize
length_of(SimIdKind kind)
{
	return kind == SIM_ID_FOLDER ? FOLDER_LENGTH : ITEM_LENGTH;
}

static void
put(guint8 *bytes, guint64 value, guint n_bytes)
{
	for (guint i = 0; i < n_bytes; i++)
		bytes[i] = (guint8)(value >> (8 * (n_bytes - 1 - i)));
}

static guint64
take(const guint8 *bytes, guint n_bytes)
{
	guint64 value = 0;

	for (guint i = 0; i < n_bytes; i++)
		value = value << 8 | bytes[i];
	return value;
}

static void
fingerprint(const char *mailbox, guint8 *bytes, gsize length)
{
	guint64 state = 1469598103934665603u;

	for (const char *c = mailbox; *c != '\0'; c++)
		state = (state ^ (guint8)g_ascii_tolower(*c)) * 1099511628211u;
	for (gsize i = 0; i < length; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (guint8)(state >> 56);
	}
}

static char *
encode(const guint8 *bytes, gsize length)
{
	char *text = g_base64_encode(bytes, length);

	for (char *c = text; *c != '\0'; c++) {
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
	}
	return text;
}

static void
fill(const char *mailbox, const SimId *id, guint8 *bytes, gsize length)
{
	/* AAMk or AAkA, the kind, and three bytes that print as `-_-_` */
	const guint8 head[HEAD] = {0,
				   id->kind == SIM_ID_IMMUTABLE ? 9 : 3,
				   id->kind == SIM_ID_IMMUTABLE ? 0 : 0x24,
				   id->kind,
				   0x64,
				   0x8e,
				   0xfb,
				   0xff,
				   0xbf};

	memcpy(bytes, head, HEAD);
	fingerprint(mailbox, bytes + HEAD, length - HEAD - TAIL);
	put(bytes + length - TAIL, id->generation, 4);
	put(bytes + length - TAIL + 4, id->part, 4);
	put(bytes + length - TAIL + 8, id->number, 8);
}

char *
sim_id_format(const char *mailbox, const SimId *id)
{
	guint8 bytes[ITEM_LENGTH];
	gsize length = length_of(id->kind);

	fill(mailbox, id, bytes, length);
	return encode(bytes, length);
}

gboolean
sim_id_parse(const char *mailbox, const char *text, SimId *id, gboolean *mailbox_matches)
{
	g_autofree char *plain = g_strdelimit(g_strdelimit(g_strdup(text), "-", '+'), "_", '/');
	g_autofree guint8 *bytes = NULL;
	g_autofree char *again = NULL;
	guint8 expected[ITEM_LENGTH];
	gsize length = 0;

	if (strpbrk(text, "+/") != NULL || *text == '\0')
		return FALSE;
	bytes = g_base64_decode(plain, &length);
	if (length != FOLDER_LENGTH && length != ITEM_LENGTH)
		return FALSE;
	again = encode(bytes, length);
	if (!g_str_equal(again, text) || bytes[0] != 0)
		return FALSE;

	id->kind = bytes[3];
	id->generation = (guint32)take(bytes + length - TAIL, 4);
	id->part = (guint32)take(bytes + length - TAIL + 4, 4);
	id->number = take(bytes + length - TAIL + 8, 8);
	if (strchr("FIMAC", id->kind) == NULL || length_of(id->kind) != length)
		return FALSE;
	fill(mailbox, id, expected, length);
	*mailbox_matches = memcmp(bytes, expected, length) == 0;
	return TRUE;
}

char *
sim_id_token(void)
{
	guint8 bytes[60];

	for (guint i = 0; i < sizeof bytes; i += 4)
		put(bytes + i, g_random_int(), 4);
	return encode(bytes, sizeof bytes);
}

char *
sim_id_change_key(guint64 version)
{
	guint8 bytes[30];

	fingerprint("change key", bytes, sizeof bytes);
	put(bytes + sizeof bytes - 8, version, 8);
	return g_base64_encode(bytes, sizeof bytes);
}

char *
sim_id_user(const char *address)
{
	guint8 b[16];

	fingerprint(address, b, sizeof b);
	return g_strdup_printf("%02x%02x%02x%02x-%02x%02x-4%01x%02x-8%01x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
			       b[2], b[3], b[4], b[5], b[6] & 15, b[7], b[8] & 15, b[9], b[10], b[11], b[12], b[13],
			       b[14], b[15]);
}
