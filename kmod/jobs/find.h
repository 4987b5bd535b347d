/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a byte stands. The kernel's memchr() looks at one byte at a time on most
 * machines; this looks at a word, with the kernel's own arithmetic for that.
 */
#ifndef CHP_JOBS_FIND_H
#define CHP_JOBS_FIND_H

#include <linux/types.h>
#include <asm/word-at-a-time.h>
#include "../compat.h"

/* Its index, or @len when it is not among the bytes. */
static inline size_t chp_find_byte(const u8 *bytes, size_t len, u8 byte)
{
	const struct word_at_a_time constants = WORD_AT_A_TIME_CONSTANTS;
	unsigned long word, found, pattern = REPEAT_BYTE(byte);
	size_t i = 0;

	for (; i + sizeof(word) <= len; i += sizeof(word)) {
		word = get_unaligned((const unsigned long *)(bytes + i));
		word ^= pattern;
		if (!has_zero(word, &found, &constants))
			continue;
		found = prep_zero_mask(word, found, &constants);
		return i + find_zero(create_zero_mask(found));
	}
	while (i < len && bytes[i] != byte)
		i++;
	return i;
}

#endif
