// SPDX-License-Identifier: GPL-2.0
/* Where a byte stands: the same as the kernel's memchr() says, and no further. */
#include <linux/string.h>
#include "../../kmod/jobs/find.h"
#include "helpers.h"
#include "suites.h"

#define SPAN 40

static size_t find_slowly(const u8 *bytes, size_t len, u8 byte)
{
	const u8 *at = memchr(bytes, byte, len);

	return at ? at - bytes : len;
}

/* Every start, length and place; around it are bytes that differ in one bit. */
static void a_byte_is_found_wherever_it_stands(struct kunit *test)
{
	static const u8 bytes[] = { '\n', 0, 1, 0x7f, 0x80, 0xff };
	size_t start, len, place, i;
	u8 text[SPAN];

	for (i = 0; i < ARRAY_SIZE(bytes); i++)
		for (place = 0; place < SPAN; place++) {
			memset(text, bytes[i] ^ 1, SPAN);
			memset(text + place, bytes[i] ^ 0x80, SPAN - place);
			text[place] = bytes[i];
			for (start = 0; start < SPAN; start++)
				for (len = 0; start + len <= SPAN; len++)
					KUNIT_ASSERT_EQ(test,
							chp_find_byte(text + start, len, bytes[i]),
							find_slowly(text + start, len, bytes[i]));
		}
}

static void the_first_of_several_is_found(struct kunit *test)
{
	u8 text[SPAN];
	size_t i;

	memset(text, 'x', SPAN);
	for (i = 0; i < SPAN; i++) {
		KUNIT_EXPECT_EQ(test, chp_find_byte(text + i, SPAN - i, 'x'),
				0);
		KUNIT_EXPECT_EQ(test, chp_find_byte(text + i, SPAN - i, 'y'),
				SPAN - i);
	}
}

static struct kunit_case find_cases[] = {
	KUNIT_CASE(a_byte_is_found_wherever_it_stands),
	KUNIT_CASE(the_first_of_several_is_found),
	{}
};

struct kunit_suite chp_find_suite = {
	.name = "chanpat_find",
	.init = chp_test_init,
	.test_cases = find_cases,
};
