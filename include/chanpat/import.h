/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The line that a module needs which calls chanpat, once, beside MODULE_LICENSE():
 *
 *	CHP_IMPORT();
 */
#ifndef CHANPAT_IMPORT_H
#define CHANPAT_IMPORT_H

#include <linux/module.h>
#include <linux/version.h>

/* The namespace of an export became a string literal in 6.13. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define CHP_IMPORT()	MODULE_IMPORT_NS("CHANPAT")
#else
#define CHP_IMPORT()	MODULE_IMPORT_NS(CHANPAT)
#endif

#endif
