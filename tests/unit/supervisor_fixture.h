/*
 * supervisor_fixture: a supervisor in a home of its own, without clients, whose place is
 * fake_place.h.
 */
#ifndef DROVER_TESTS_SUPERVISOR_FIXTURE_H
#define DROVER_TESTS_SUPERVISOR_FIXTURE_H

#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

/* cmocka setup and teardown; *state is the struct supervisor. */
int fixture_open(void **state);
int fixture_close(void **state);

/* Writes and commits what is pending, as a turn does. */
void fixture_commit(struct supervisor *s);

/* A spec whose words are `echo hello`, to be changed and handed to fixture_add. */
struct spec *fixture_spec(void);

/* Submits a job or a batch (throttle of it) with that spec, which is taken over: a reference,
 * held until the close. */
struct job *fixture_add(struct supervisor *s, struct spec *spec);
struct job *fixture_add_batch(struct supervisor *s, struct spec *spec, int64_t throttle,
                              size_t items);

/* Gives the reference of a job back before the close, so that it can be read from the table. */
void fixture_forget(struct supervisor *s, jobid key);

/* Runs the scheduler: how many jobs it handed to their place. */
size_t fixture_schedule(struct supervisor *s);

/* The supervisor ends and another begins: pointers to jobs are none any more (jobs_find). */
void fixture_reload(struct supervisor *s);

#endif
