/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlook-qr.h"

#include <qrencode.h>

/* Black on white, and back to what was before. */
#define COLOURS "\033[30;107m"
#define NO_COLOURS "\033[0m"

struct _OutlookQr {
	QRcode *code;
};

OutlookQr *
outlook_qr_new(const char *text)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	OutlookQr *self;

	if (code == NULL)
		return NULL;
	self = g_new0(OutlookQr, 1);
	self->code = code;
	return self;
}

void
outlook_qr_free(OutlookQr *self)
{
	if (self == NULL)
		return;
	QRcode_free(self->code);
	g_free(self);
}

int
outlook_qr_get_size(const OutlookQr *self)
{
	return self->code->width;
}

gboolean
outlook_qr_is_dark(const OutlookQr *self, int x, int y)
{
	int size = self->code->width;

	/* The lowest bit of a module is its colour. */
	return x >= 0 && y >= 0 && x < size && y < size && (self->code->data[y * size + x] & 1) != 0;
}

char *
outlook_qr_to_text(const OutlookQr *self)
{
	static const char *const blocks[] = {" ", "▄", "▀", "█"};
	int end = self->code->width + OUTLOOK_QR_QUIET;
	GString *text = g_string_new(NULL);

	for (int y = -OUTLOOK_QR_QUIET; y < end; y += 2) {
		g_string_append(text, COLOURS);
		for (int x = -OUTLOOK_QR_QUIET; x < end; x++)
			g_string_append(
				text, blocks[2 * outlook_qr_is_dark(self, x, y) + outlook_qr_is_dark(self, x, y + 1)]);
		g_string_append(text, NO_COLOURS "\n");
	}
	return g_string_free(text, FALSE);
}
