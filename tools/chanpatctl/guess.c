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

/* How many letters have to be put in, left out, changed or swapped. */
unsigned int guess_distance(const char *a, const char *b)
{
	unsigned int d[GUESS_MAX + 1][GUESS_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b), i, j;

	if (a_len > GUESS_MAX || b_len > GUESS_MAX)
		return GUESS_MAX;
	for (i = 0; i <= a_len; i++) {
		for (j = 0; j <= b_len; j++) {
			if (!i || !j) {
				d[i][j] = i + j;
				continue;
			}
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1,
					d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && d[i][j] > d[i - 2][j - 2])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[a_len][b_len];
}
