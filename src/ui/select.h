/*
 * select: the JOB arguments of a command: ids, ranges, names, patterns, and `-`, which stands
 * for the first column of each line of standard input.
 *
 * What names nothing is reported, and the rest served: `status` is then STATUS_REFUSED.
 */
#ifndef DROVER_UI_SELECT_H
#define DROVER_UI_SELECT_H

#include "ui/words.h"
#include "drover.h"

struct selection {
    struct words ids; /* after a call on `jobs` without those that it refused */
    int status;
    struct drover_jobs jobs; /* ids as the library takes them, refusals reported */
};

/* The arguments with `-` replaced; nothing is asked. For drover_list, which knows names. */
int select_words(struct selection *selection, int argc, char *const argv[]);

/* The jobs that these are: sorted by id, each once. */
int select_jobs(struct selection *selection, struct drover *d, int argc, char *const argv[]);

/* In the order given; what is an id already is taken as it is. */
int select_in_order(struct selection *selection, struct drover *d, int argc, char *const argv[]);

/* Every job that the options list. */
int select_listed(struct selection *selection, struct drover *d,
                  const struct drover_list_options *options);

/* The exit status after a call on `jobs` returned `error`, reported where refusals were not. */
int select_status(const struct selection *selection, struct drover *d, int error);

/* The state of that name, in any case; -1: there is none. */
int select_state(const char *name);

/* Whether it is the id of one job: 3 or 7.42. */
bool select_is_id(const char *word);

void select_release(struct selection *selection);

#endif
