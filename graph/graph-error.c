/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph-error.h"

GQuark
graph_error_quark(void)
{
	return g_quark_from_static_string("graph-error-quark");
}
