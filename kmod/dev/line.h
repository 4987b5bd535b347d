/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of the job language, as they come from a file of a session. */
#ifndef CHP_DEV_LINE_H
#define CHP_DEV_LINE_H

#include <linux/types.h>

struct chp_reject;
struct chp_session;

/* How a line, or what else is written, is taken. */
#define CHP_LINE_NONBLOCK	1	/* do not wait for a place */
#define CHP_LINE_UNHEARD	2	/* its error cannot be returned: it will
					 * be given again
					 */
#define CHP_LINE_NO_FILES	4	/* its descriptors are not current's */
#define CHP_LINE_QUIET		8	/* its reject is not for readers */
#define CHP_LINE_NOWAIT		16	/* do not wait for a lock either */

/**
 * struct chp_line - a line that is written
 * @text: without its newline
 * @len: of @text
 * @cookie: what the job is to be called that it starts, or 0
 * @flags: CHP_LINE_*
 */
struct chp_line {
	const char *text;
	size_t len;
	u64 cookie;
	unsigned int flags;
};

int chp_session_line(struct chp_session *session, const struct chp_line *line,
		     struct chp_reject *why);

#endif
