/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef __SANITIZE_ADDRESS__
/* What the fonts of the desktop never give back is not ours. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\n";
}
#endif
