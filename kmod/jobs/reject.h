/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Says why a line was not accepted.
 */
#ifndef CHP_JOBS_REJECT_H
#define CHP_JOBS_REJECT_H

#include "spec.h"

#ifdef __KERNEL__
#include <linux/compiler_attributes.h>
#endif

#define CHP_QUOTE_MAX	48	/* with its NUL */
#define CHP_GUESS_MAX	24	/* no name longer than that is suggested */

/* A piece of the user's line, in a form that can stand in a reason. */
struct chp_quote {
	char text[CHP_QUOTE_MAX];
};

/**
 * struct chp_guess - the name that was perhaps meant
 * @word: what stands in the line
 * @len: its bytes
 * @name: the nearest name so far, or NULL
 * @distance: how many slips of the finger are between the two
 */
struct chp_guess {
	const char *word;
	u32 len;
	const char *name;
	unsigned int distance;
};

__printf(4, 5)
int chp_reject(struct chp_reject *why, int err, u32 col, const char *fmt, ...);

const char *chp_quote(struct chp_quote *quote, const char *text, u32 len);

void chp_guess_start(struct chp_guess *guess, const char *word, u32 len);
void chp_guess_try(struct chp_guess *guess, const char *name);
int chp_reject_unknown(struct chp_reject *why, u32 col, const char *what,
		       const struct chp_guess *guess);

#endif
