/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTL_CARET_H
#define CTL_CARET_H

#include <stddef.h>

void caret_show(const char *line, size_t col);

#endif
