/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stddef.h>

#define TABLE_COLUMNS 16

/**
 * struct row - a line of a table
 * @cells: texts that outlive it, or NULL
 */
struct row {
	const char *cells[TABLE_COLUMNS];
};

/**
 * struct table - rows, printed in columns as wide as their widest cell
 * @names: of the columns, printed in capital letters
 * @columns: how many there are
 * @rows: the rows
 * @nr: of them
 */
struct table {
	const char *names[TABLE_COLUMNS];
	unsigned int columns;
	struct row *rows;
	size_t nr;
};

void table_add_row(struct table *table);
void table_set(struct table *table, const char *name, const char *cell);
void table_print_names(const struct table *table, const char *indent);
void table_print_row(const struct table *table, size_t row,
		     const char *indent);
void table_print(const struct table *table);
void table_free(struct table *table);

#endif
