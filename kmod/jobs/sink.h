/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHP_JOBS_SINK_H
#define CHP_JOBS_SINK_H

struct chp_job;

void chp_sink_start(struct chp_job *job);
void chp_job_release_stages(struct chp_job *job);

#endif
