// SPDX-License-Identifier: GPL-2.0
/*
 * An operation of one's own for /dev/chanpat: rot13, which rotates the letters of
 * a byte string by N places, 13 if the line does not say.
 *
 *	# insmod chanpat_rot13.ko
 *	# echo 'values Hello | rot13' > /dev/chanpat; cat /dev/chanpat
 *	1 item "Uryyb"
 *	1 done ok items=1 errors=0 time_us=3133
 */
#include <linux/err.h>
#include <linux/module.h>
#include <chanpat/import.h>
#include <chanpat/op.h>

static int rot13_open(struct chp_op_stage *st, struct chp_reject *why)
{
	s64 by = chp_op_arg(st, 0);

	if (by < 0 || by > 25)
		return chp_op_refuse(why, -ERANGE,
				     "\"rot13\" rotates by 0 to 25 places");
	return 0;
}

static u8 rotated(u8 c, unsigned int by)
{
	u8 a = c & ~0x1f;

	if ((c | 0x20) < 'a' || (c | 0x20) > 'z')
		return c;
	return a + 1 + ((c & 0x1f) - 1 + by) % 26;
}

static int rot13_item(struct chp_op_stage *st, struct chp_worker *worker,
		      struct chp_item *item)
{
	unsigned int by = chp_op_given(st, 0) ? chp_op_arg(st, 0) : 13;
	size_t len, i;
	u8 *text = chp_item_edit(item, &len);

	if (IS_ERR(text))
		return PTR_ERR(text);
	for (i = 0; i < len; i++)
		text[i] = rotated(text[i], by);
	return CHP_EMIT;
}

static struct chp_op rot13 = {
	.desc = {
		.name = "rot13",
		.help = "the string with its letters rotated by 13 places, or N",
		.takes = CHP_T_BYTES,
		.makes = CHP_T_BYTES,
		.params = { { .name = "N", .kind = CHP_P_NUM,
			      .optional = true } },
	},
	.open = rot13_open,
	.item = rot13_item,
};

static int __init rot13_init(void)
{
	return chp_op_register(&rot13);
}

static void __exit rot13_exit(void)
{
	/* No job uses it: one that did would hold this module. */
	chp_op_unregister(&rot13);
}

module_init(rot13_init);
module_exit(rot13_exit);
MODULE_DESCRIPTION("rot13 for /dev/chanpat, an example of an operation");
MODULE_LICENSE("GPL");
CHP_IMPORT();
