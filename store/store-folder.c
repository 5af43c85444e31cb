/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-folder.h"

void
store_folder_free(StoreFolder *self)
{
	if (self == NULL)
		return;
	g_free(self->id);
	g_free(self->name);
	g_free(self);
}
