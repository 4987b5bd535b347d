/* SPDX-License-Identifier: GPL-2.0 */
/* Results and rejects, on their way from a session to its readers. */
#ifndef CHP_DEV_RESULT_H
#define CHP_DEV_RESULT_H

#include <linux/types.h>

struct chp_reject_record;
struct chp_result;
struct chp_session;

bool chp_session_readable(struct chp_session *session);
bool chp_session_over(struct chp_session *session);
int chp_session_lock_reading(struct chp_session *session, bool nowait);

struct chp_reject_record *chp_session_peek_reject(struct chp_session *session);
void chp_session_pass_reject(struct chp_session *session,
			     struct chp_reject_record *record);
const struct chp_result *chp_session_peek(struct chp_session *session);
void chp_session_pass(struct chp_session *session);

#endif
