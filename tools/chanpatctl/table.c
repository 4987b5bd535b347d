// SPDX-License-Identifier: GPL-2.0
/* Tables: columns of numbers stand at the right, others at the left. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "table.h"

void table_add_row(struct table *table)
{
	/* Grows by doubling: when the number of rows is a power of two. */
	if (!(table->nr & (table->nr - 1))) {
		table->rows = realloc(table->rows, sizeof(struct row) *
						   (2 * table->nr + 1));
		if (!table->rows)
			abort();
	}
	memset(&table->rows[table->nr++], 0, sizeof(struct row));
}

static unsigned int find_column(struct table *table, const char *name)
{
	unsigned int i;

	for (i = 0; i < table->columns; i++)
		if (!strcmp(table->names[i], name))
			return i;
	if (i == TABLE_COLUMNS)
		return TABLE_COLUMNS;
	table->names[table->columns++] = name;
	return i;
}

/* In the last row; a name that is new makes a column. */
void table_set(struct table *table, const char *name, const char *cell)
{
	unsigned int column = find_column(table, name);

	if (column < TABLE_COLUMNS && table->nr)
		table->rows[table->nr - 1].cells[column] = cell;
}

static const char *cell_of(const struct table *table, size_t row,
			   unsigned int column)
{
	const char *cell = table->rows[row].cells[column];

	return cell ? cell : "";
}

static int width_of(const struct table *table, unsigned int column)
{
	size_t width = strlen(table->names[column]), len, i;

	for (i = 0; i < table->nr; i++) {
		len = strlen(cell_of(table, i, column));
		if (len > width)
			width = len;
	}
	return width;
}

static int is_number(const char *cell)
{
	return *cell && strspn(cell, "0123456789") == strlen(cell);
}

static int is_numeric(const struct table *table, unsigned int column)
{
	size_t i;

	for (i = 0; i < table->nr; i++)
		if (!is_number(cell_of(table, i, column)))
			return 0;
	return 1;
}

/* What a cell has in it may come from others: nothing that moves the cursor. */
static void print_text(const char *text, int width)
{
	for (; *text; text++, width--)
		putchar(iscntrl((unsigned char)*text) ? '?' : *text);
	for (; width > 0; width--)
		putchar(' ');
}

static void print_cell(const struct table *table, const char *text,
		       unsigned int column)
{
	int last = column + 1 == table->columns;
	int width = width_of(table, column);

	if (column)
		printf("  ");
	if (is_numeric(table, column))
		printf("%*s", width - (int)strlen(text), "");
	print_text(text, last || is_numeric(table, column) ? 0 : width);
}

void table_print_names(const struct table *table, const char *indent)
{
	unsigned int i;
	char name[32];
	size_t j;

	fputs(indent, stdout);
	for (i = 0; i < table->columns; i++) {
		snprintf(name, sizeof(name), "%s", table->names[i]);
		for (j = 0; name[j]; j++)
			name[j] = toupper((unsigned char)name[j]);
		print_cell(table, name, i);
	}
	putchar('\n');
}

void table_print_row(const struct table *table, size_t row,
		     const char *indent)
{
	unsigned int i;

	fputs(indent, stdout);
	for (i = 0; i < table->columns; i++)
		print_cell(table, cell_of(table, row, i), i);
	putchar('\n');
}

void table_print(const struct table *table)
{
	size_t i;

	table_print_names(table, "");
	for (i = 0; i < table->nr; i++)
		table_print_row(table, i, "");
}

void table_free(struct table *table)
{
	free(table->rows);
}
