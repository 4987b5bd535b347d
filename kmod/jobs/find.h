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

/* Which bytes of a word are zero, marked, when there are any. */
static inline bool chp_find_mark(const u8 *bytes, unsigned long pattern,
				 unsigned long *marks)
{
	const struct word_at_a_time constants = WORD_AT_A_TIME_CONSTANTS;
	unsigned long word = get_unaligned((const unsigned long *)bytes);

	word ^= pattern;
	if (!has_zero(word, marks, &constants))
		return false;
	*marks = prep_zero_mask(word, *marks, &constants);
	return true;
}

static inline size_t chp_find_place(unsigned long marks)
{
	return find_zero(create_zero_mask(marks));
}

/* Its index, or @len when it is not among the bytes. */
static inline size_t chp_find_byte(const u8 *bytes, size_t len, u8 byte)
{
	unsigned long marks, pattern = REPEAT_BYTE(byte);
	const size_t step = sizeof(marks);
	size_t i = 0;

	if (len < step) {
		while (i < len && bytes[i] != byte)
			i++;
		return i;
	}
	for (; i <= len - step; i += step)
		if (chp_find_mark(bytes + i, pattern, &marks))
			return i + chp_find_place(marks);
	/* What is left, and some of what has been looked at already. */
	i = len - step;
	if (chp_find_mark(bytes + i, pattern, &marks))
		return i + chp_find_place(marks);
	return len;
}

#endif
