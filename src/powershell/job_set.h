/*
 * job_set: the jobs that a cmdlet is for: by its selectors, or, where it has none, those of a table
 * on standard input.
 *
 * Selectors combine: a job has to meet all of them. An empty one is refused. An id or name that
 * there is not is reported, with PowerShell's id of the error, and the others are served.
 */
#ifndef DROVER_POWERSHELL_JOB_SET_H
#define DROVER_POWERSHELL_JOB_SET_H

#include "powershell/binder.h"

/* The places of the selectors in a table of parameters that begins with JOB_SET_PARAMETERS. */
enum job_set_parameter {
    JOB_SET_ID,
    JOB_SET_NAME,
    JOB_SET_JOB,
    JOB_SET_STATE,
    JOB_SET_COMMAND,
    JOB_SET_OWN
};

/* clang-format off */
#define JOB_SET_PARAMETERS                                                                            \
    {"Id", NULL, PARAMETER_LIST, 1},                                                               \
    {"Name", NULL, PARAMETER_LIST, 0},                                                             \
    {"Job", NULL, PARAMETER_LIST, 0},                                                              \
    {"State", NULL, PARAMETER_LIST, 0},                                                            \
    {"Command", NULL, PARAMETER_LIST, 0}
/* clang-format on */

struct job_set {
    struct words ids; /* copies */
    int status;       /* STATUS_FINE, or that of the first selector that failed */
};

/* input: without a selector standard input is read; else none selects all. -1, or an exit status
 * with the mistake reported. */
int job_set_select(struct job_set *jobs, const struct binder *binder, bool input);

/* The ids in them that `keep` wants; what it reports of the others sets the status. */
struct drover_job;
typedef bool job_set_keep_fn(void *data, const struct drover_job *job);
int job_set_filter(struct job_set *jobs, job_set_keep_fn *keep, void *data);

/* Adds the children of the batches among them that are in one of the states (bits; 0: any) and that
 * `keep` wants (NULL: all) to `ids`. -1, or an exit status. */
int job_set_children(const struct job_set *jobs, unsigned states, job_set_keep_fn *keep, void *data,
                     struct words *ids);

/* Reports that the name is no state's: STATUS_USAGE. */
int job_set_refuse_state(const struct binder *b, int parameter, const char *name);

void job_set_release(struct job_set *jobs);

#endif
