/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTL_GUESS_H
#define CTL_GUESS_H

unsigned int guess_distance(const char *a, const char *b);

#endif
