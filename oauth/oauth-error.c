/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth-error.h"

GQuark
oauth_error_quark(void)
{
	return g_quark_from_static_string("oauth-error-quark");
}
