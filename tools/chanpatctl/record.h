/* SPDX-License-Identifier: GPL-2.0 */
/* The lines that the device gives, such as "1 item 42". */
#ifndef CTL_RECORD_H
#define CTL_RECORD_H

#include <stdbool.h>
#include <stddef.h>

enum record_kind {
	RECORD_ITEM,
	RECORD_ERROR,
	RECORD_DONE,
	RECORD_REJECT,
};

/**
 * struct record - a line, taken apart; pointers lead into the line
 * @kind: which of the others are set
 * @value: item: the number as text, or the bytes of the string
 * @len: item: of @value
 * @word: error, reject: the name of the errno; done: the status
 * @op: error: the operation
 * @stage: error: its place
 * @seq: error: which of its items
 * @items: done
 * @errors: done
 * @time_us: done
 * @col: reject: byte of the line, from 1
 * @reason: reject
 */
struct record {
	enum record_kind kind;
	const char *value;
	size_t len;
	const char *word;
	const char *op;
	unsigned long long stage;
	unsigned long long seq;
	unsigned long long items;
	unsigned long long errors;
	unsigned long long time_us;
	unsigned long long col;
	const char *reason;
};

bool record_parse(char *line, size_t len, struct record *record);

#endif
