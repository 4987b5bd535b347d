// SPDX-License-Identifier: GPL-2.0
/* How far a word is from another. */
#include <string.h>
#include "guess.h"

/* Longer words are not compared. */
#define GUESS_MAX 32

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* How many letters have to be put in, left out or changed. */
unsigned int guess_distance(const char *a, const char *b)
{
	unsigned int row[GUESS_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b), i, j;
	unsigned int corner, above;

	if (a_len > GUESS_MAX || b_len > GUESS_MAX)
		return GUESS_MAX;
	for (j = 0; j <= b_len; j++)
		row[j] = j;
	for (i = 1; i <= a_len; i++) {
		corner = row[0];
		row[0] = i;
		for (j = 1; j <= b_len; j++) {
			above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1,
				       corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[b_len];
}
