/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers, durations and sizes as they are written in the job language.
 *
 * Each returns 0, -EINVAL where the text is something else, or -ERANGE where
 * it is right in form and too large.
 */
#ifndef CHP_JOBS_NUMBER_H
#define CHP_JOBS_NUMBER_H

#include "lexer.h"

int chp_text_number(const struct chp_text *text, s64 *num);	/* -5, 0xff */
int chp_text_count(const struct chp_text *text, s64 *num);	/* 64, 4k, 1M */
int chp_text_duration(const struct chp_text *text, s64 *ns);	/* 250us, 2s */

#endif
