/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-message.h"

StoreFlags
store_flags_join(StoreFlags flags)
{
	static const StoreFlags together[] = {
		STORE_FLAG_FLAGGED | STORE_FLAG_COMPLETE,
		STORE_FLAG_HIGH | STORE_FLAG_LOW,
		STORE_FLAG_ANSWERED | STORE_FLAG_FORWARDED,
	};

	for (guint i = 0; i < G_N_ELEMENTS(together); i++) {
		if (flags & together[i])
			flags |= together[i];
	}
	return flags;
}

void
store_message_free(StoreMessage *self)
{
	if (self == NULL)
		return;
	g_free(self->id);
	g_free(self->subject);
	g_free(self->from);
	g_free(self->to);
	g_free(self->cc);
	g_free(self->reply_to);
	g_free(self->message_id);
	g_free(self->in_reply_to);
	g_free(self->references);
	g_strfreev(self->categories);
	g_free(self);
}
