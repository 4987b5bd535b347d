/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_KUNIT_OP_ROWS_H
#define CHP_KUNIT_OP_ROWS_H

/**
 * struct chp_op_row - a line and its results
 * @line: the line
 * @want: as chp_test_read() writes them
 */
struct chp_op_row {
	const char *line;
	const char *want;
};

/* Ended by one without a line. */
extern const struct chp_op_row chp_op_rows[];

#endif
