/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of the job language, as they come from a file of a session. */
#ifndef CHP_DEV_LINE_H
#define CHP_DEV_LINE_H

#include <linux/types.h>

struct chp_session;

/* How a line is taken. */
#define CHP_LINE_NONBLOCK	1	/* do not wait for a place */
#define CHP_LINE_UNHEARD	2	/* its error cannot be returned: it will
					 * be given again
					 */
#define CHP_LINE_NO_FILES	4	/* its descriptors are not current's */

int chp_session_line(struct chp_session *session, const char *line, size_t len,
		     unsigned int flags);

#endif
