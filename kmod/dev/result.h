/* SPDX-License-Identifier: GPL-2.0 */
/* Results and rejects, on their way from a session to its readers. */
#ifndef CHP_DEV_RESULT_H
#define CHP_DEV_RESULT_H

#include <linux/types.h>

struct chp_job;
struct chp_reject_record;
struct chp_result;
struct chp_session;

bool chp_session_readable(struct chp_session *session);
bool chp_session_over(struct chp_session *session);
int chp_session_take(struct chp_session *session, struct chp_result *result,
		     struct chp_reject_record **reject);
void chp_session_put_back(struct chp_session *session,
			  const struct chp_result *result,
			  struct chp_reject_record *reject);
void chp_session_job_read(struct chp_session *session, struct chp_job *job);

#endif
