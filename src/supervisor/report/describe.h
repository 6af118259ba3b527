/*
 * describe: a row of the tables as users see the job: struct drover_job.
 */
#ifndef DROVER_SUPERVISOR_REPORT_DESCRIBE_H
#define DROVER_SUPERVISOR_REPORT_DESCRIBE_H

#include "base/buffer.h"
#include "supervisor/job/job.h"
#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

/* The columns that describe_row reads; a WHERE may follow. */
#define DESCRIBE_SELECT                                                                            \
    "SELECT job.key, job.state, job.item, job.reason, job.attempt, job.submitted, job.begin,"      \
    " job.end, job.pid, job.status, job.user, job.sys, job.rss, job.out_size, job.err_size,"       \
    " job.unread, job.hold, job.not_before, job.lane, job.processes, job.flags,"                   \
    " job.hook_status, job.hook_said, job.cause FROM job"

struct description {
    struct drover_job job; /* strings point into the database's row, the spec, or the texts */
    struct spec *spec;     /* of the job or batch described last */
    int64_t environment;   /* whose origin is known: 0 is none */
    jobid origin;          /* the job that a caller with that environment is part of, or 0 */
    struct buffer name, item, command, argv, reason;
};

#define DESCRIPTION_INIT                                                                           \
    {                                                                                              \
        .spec = NULL                                                                               \
    }

/* Describes the row at hand; it is valid until the statement moves on. 0, -ENOENT or -ENOMEM. */
int describe_row(struct supervisor *s, sqlite3_stmt *row, struct description *description);
void description_release(struct description *description);

#endif
