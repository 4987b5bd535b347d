// SPDX-License-Identifier: GPL-2.0
/*
 * Text to numbers. Overflow is an error, never another number.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/overflow.h>
#include <linux/string.h>
#endif

#include "number.h"

struct unit {
	const char *name;
	u64 factor;
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "k", 1024 },
	{ "M", 1024 * 1024 },
};

static const struct unit times[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000 * 1000 },
	{ "s", 1000 * 1000 * 1000 },
	{ "m", 60ULL * 1000 * 1000 * 1000 },
	{ "h", 3600ULL * 1000 * 1000 * 1000 },
};

/* What the digit counts, or -1 where it is none in this base. */
static int digit(char c, int base)
{
	int value = chp_hex_digit(c);

	return value < base ? value : -1;
}

/*
 * Reads digits from s[*pos] on and steps over all of them, too large or not:
 * what follows decides whether it is a number at all.
 */
static int read_digits(const char *s, u32 len, u32 *pos, int base, u64 *num)
{
	u32 start = *pos;
	int err = 0;

	*num = 0;
	for (; *pos < len && digit(s[*pos], base) >= 0; ++*pos)
		if (check_mul_overflow(*num, (u64)base, num) ||
		    check_add_overflow(*num, (u64)digit(s[*pos], base), num))
			err = -ERANGE;
	return *pos == start ? -EINVAL : err;
}

/* Without a branch for the smallest number, whose amount has no s64. */
static int with_sign(u64 amount, bool negative, s64 *num)
{
	if (amount > (u64)S64_MAX + negative)
		return -ERANGE;
	*num = (s64)(negative ? -amount : amount);
	return 0;
}

int chp_text_number(const struct chp_text *text, s64 *num)
{
	const char *s = text->at;
	int base = 10;
	bool negative = false;
	u32 pos = 0;
	u64 amount;
	int err;

	if (text->quoted)
		return -EINVAL;
	if (text->len && (s[0] == '-' || s[0] == '+'))
		negative = s[pos++] == '-';
	if (text->len - pos > 2 && s[pos] == '0' &&
	    (s[pos + 1] == 'x' || s[pos + 1] == 'X')) {
		base = 16;
		pos += 2;
	}
	err = read_digits(s, text->len, &pos, base, &amount);
	if (pos != text->len)
		return -EINVAL;
	return err ? err : with_sign(amount, negative, num);
}

static const struct unit *find_unit(const struct unit *units, size_t nr,
				    const char *name, u32 len)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (strlen(units[i].name) == len &&
		    !memcmp(units[i].name, name, len))
			return &units[i];
	return NULL;
}

/* Decimal digits and one of @units. */
static int read_units(const struct chp_text *text, const struct unit *units,
		      size_t nr, s64 *num)
{
	const struct unit *unit;
	u64 amount;
	u32 pos = 0;
	int err;

	if (text->quoted)
		return -EINVAL;
	err = read_digits(text->at, text->len, &pos, 10, &amount);
	unit = find_unit(units, nr, text->at + pos, text->len - pos);
	if (err == -EINVAL || !unit)
		return -EINVAL;
	if (err || check_mul_overflow(amount, unit->factor, &amount))
		return -ERANGE;
	return with_sign(amount, false, num);
}

int chp_text_count(const struct chp_text *text, s64 *num)
{
	int err = chp_text_number(text, num);

	if (err != -EINVAL)
		return err;
	return read_units(text, sizes, ARRAY_SIZE(sizes), num);
}

int chp_text_duration(const struct chp_text *text, s64 *ns)
{
	return read_units(text, times, ARRAY_SIZE(times), ns);
}
