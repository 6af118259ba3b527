/* The life of a job, from its submission to its end, in a place that does as it is told. */
#include "fake_place.h"
#include "supervisor_fixture.h"
#include "test.h"

#include "base/clock.h"
#include "supervisor/job/job.h"
#include "supervisor/life/life.h"
#include "supervisor/life/control.h"
#include "supervisor/life/dependant.h"
#include "supervisor/life/dependency.h"
#include "supervisor/life/hold.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* ---- what happens to it ---- */

static void start(struct supervisor *s, struct job *job, int starts)
{
    (void)job;
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), starts);
}

static void begin(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    fake_begin(s, job);
}

static void ends(struct supervisor *s, struct job *job, int code)
{
    fake_exit(s, job, code << 8, DROVER_CAUSE_NONE);
}

static void dies(struct supervisor *s, struct job *job, int number)
{
    fake_exit(s, job, number, DROVER_CAUSE_NONE);
}

static void is_stopped(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    fake_exit(s, job, SIGTERM, DROVER_CAUSE_STOPPED);
}

static void times_out(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    fake_exit(s, job, SIGKILL, DROVER_CAUSE_TIMEOUT);
}

static void is_lost(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    fake_lose(s, job);
}

static void no_command(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    fake_refuse(s, job, STEP_EXEC, ENOENT);
}

static void no_processes(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    fake_refuse(s, job, STEP_FORK, EAGAIN);
}

static void comes_back(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    life_undispatch(s, job);
}

static void stop(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    assert_int_equal(control_stop(s, job, CLOCK_SECOND), 0);
}

static void stop_refused(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    assert_int_equal(control_stop(s, job, CLOCK_SECOND), -EALREADY);
}

static void suspend(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    assert_int_equal(control_suspend(s, job), 0);
}

static void resume(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    assert_int_equal(control_resume(s, job, false), 0);
}

static void retry(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    assert_int_equal(control_retry(s, job, false), 0);
}

static void retry_refused(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    assert_int_equal(control_retry(s, job, false), -EPERM);
}

static void its_time_comes(struct supervisor *s, struct job *job, int unused)
{
    (void)unused;
    assert_true(job->not_before > clock_wall());
    job->not_before = 1;
    hold_release(s, job);
}

/* The supervisor ends and begins anew; its place has what it had. */
static void reload(struct supervisor *s, struct job *job, int unused)
{
    (void)job, (void)unused;
    fixture_reload(s);
}

/* Both do, and what had begun is found, or nobody knows of it. */
static void crash_found(struct supervisor *s, struct job *job, int unused)
{
    fake_forget();
    fake_place.finds = true;
    reload(s, job, unused);
}

static void crash_lost(struct supervisor *s, struct job *job, int unused)
{
    fake_forget();
    reload(s, job, unused);
}

static const struct event {
    const char *name; /* may have a number behind it */
    void (*happens)(struct supervisor *s, struct job *job, int number);
} events[] = {
    {"start", start},
    {"begin", begin},
    {"exit", ends},
    {"signal", dies},
    {"stopped", is_stopped},
    {"timed-out", times_out},
    {"lost", is_lost},
    {"no-command", no_command},
    {"no-processes", no_processes},
    {"back", comes_back},
    {"stop", stop},
    {"stop-refused", stop_refused},
    {"suspend", suspend},
    {"resume", resume},
    {"retry", retry},
    {"retry-refused", retry_refused},
    {"time-comes", its_time_comes},
    {"reload", reload},
    {"crash-found", crash_found},
    {"crash-lost", crash_lost},
};

/* ---- lives ---- */

static const struct life {
    const char *events;
    int64_t retries;
    enum drover_state state;
    uint32_t attempts;
    const char *asked;  /* of its place */
    const char *reason; /* or how it begins, with ... behind it; NULL: none */
} lives[] = {
    /* start and end */
    {"start 1, begin, exit 0", 0, DROVER_COMPLETED, 1, "start", NULL},
    {"start 1, begin, exit 3", 0, DROVER_FAILED, 1, "start", "exit 3"},
    {"start 1, begin, signal 11", 0, DROVER_FAILED, 1, "start", "signal 11 ..."},
    {"start 1, begin, timed-out", 0, DROVER_FAILED, 1, "start", "timed out ..."},
    {"start 1, back, start 1", 0, DROVER_NOT_STARTED, 0, "start start", NULL},
    /* refused: what will be there again is waited for, and is no attempt */
    {"start 1, no-command", 0, DROVER_FAILED, 1, "start", "echo: command not found"},
    {"start 1, no-processes, start 0", 0, DROVER_NOT_STARTED, 0, "start",
     "no processes left, next try in 2 s"},
    {"start 1, no-processes, time-comes, start 1, begin, exit 0", 0, DROVER_COMPLETED, 1,
     "start start", NULL},
    /* lost */
    {"start 1, begin, lost", 0, DROVER_FAILED, 1, "start", "lost: its exit status was not seen"},
    {"start 1, begin, crash-lost", 0, DROVER_FAILED, 1, "start recover",
     "lost: nobody saw its end"},
    {"start 1, begin, lost, retry, start 1, begin, exit 0", 0, DROVER_COMPLETED, 2, "start start",
     NULL},
    /* stop, the first before anybody has started it */
    {"stop, start 0", 0, DROVER_STOPPED, 0, "", "stopped before it was started"},
    {"start 1, stop, back", 0, DROVER_STOPPED, 0, "start stop-later", NULL},
    {"start 1, stop, begin, stopped", 0, DROVER_STOPPED, 1, "start stop-later stop", "stopped"},
    {"start 1, begin, stop, stopped", 0, DROVER_STOPPED, 1, "start stop", "stopped"},
    {"start 1, begin, stop, stop, stopped", 0, DROVER_STOPPED, 1, "start stop stop", "stopped"},
    {"start 1, begin, stop, stopped", 3, DROVER_STOPPED, 1, "start stop", "stopped"},
    {"start 1, begin, exit 0, stop-refused", 0, DROVER_COMPLETED, 1, "start", NULL},
    /* suspend and resume */
    {"start 1, begin, suspend, resume, exit 0", 0, DROVER_COMPLETED, 1, "start suspend resume",
     NULL},
    {"start 1, begin, suspend, stop, stopped", 0, DROVER_STOPPED, 1, "start suspend stop",
     "stopped"},
    {"suspend, start 0", 0, DROVER_SUSPENDED, 0, "", NULL},
    {"suspend, start 0, resume, start 1, begin, exit 0", 0, DROVER_COMPLETED, 1, "start", NULL},
    {"start 1, suspend, begin", 0, DROVER_SUSPENDED, 1, "start suspend", NULL},
    /* after a restart of the supervisor, and with its place: what was asked is asked again */
    {"start 1, begin, reload, exit 3", 0, DROVER_FAILED, 1, "start", "exit 3"},
    {"crash-lost, start 1, begin, exit 0", 0, DROVER_COMPLETED, 1, "start", NULL},
    {"start 1, begin, crash-found, exit 0", 0, DROVER_COMPLETED, 1, "start recover", NULL},
    {"start 1, crash-found, start 1, begin, exit 0", 0, DROVER_COMPLETED, 1, "start start", NULL},
    {"start 1, stop, crash-found, start 0", 0, DROVER_STOPPED, 0, "start stop-later", NULL},
    {"start 1, begin, stop, crash-found, stopped", 0, DROVER_STOPPED, 1, "start stop recover stop",
     "stopped"},
    {"start 1, begin, suspend, crash-found", 0, DROVER_SUSPENDED, 1,
     "start suspend recover suspend", NULL},
    {"start 1, begin, suspend, resume, crash-found, exit 0", 0, DROVER_COMPLETED, 1,
     "start suspend resume recover resume", NULL},
    /* retries */
    {"start 1, begin, exit 3, start 0", 1, DROVER_NOT_STARTED, 1, "start end-left",
     "attempt 1 failed (exit 3), next try in ..."},
    {"start 1, begin, exit 3, time-comes, start 1, begin, exit 0", 1, DROVER_COMPLETED, 2,
     "start end-left start", NULL},
    {"start 1, begin, exit 3, time-comes, start 1, begin, exit 4", 1, DROVER_FAILED, 2,
     "start end-left start", "exit 4"},
    {"start 1, begin, exit 3, crash-lost, time-comes, start 1, begin, exit 0", 1, DROVER_COMPLETED,
     2, "start end-left start", NULL},
    {"start 1, begin, exit 3, stop, start 0", 1, DROVER_STOPPED, 1, "start end-left",
     "stopped before its next attempt: attempt 1 had not completed"},
    {"start 1, begin, exit 3, retry, start 1, begin, exit 0", 0, DROVER_COMPLETED, 2, "start start",
     NULL},
    {"start 1, begin, exit 0, retry-refused", 0, DROVER_COMPLETED, 1, "start", NULL},
};

static void happen(struct supervisor *s, jobid key, const char *word)
{
    size_t size = strcspn(word, " ,");
    struct job *job = jobs_find(s->jobs, key);

    assert_non_null(job);
    for (size_t i = 0; i < LENGTH(events); i++)
        if (strlen(events[i].name) == size && strncmp(events[i].name, word, size) == 0) {
            events[i].happens(s, job, atoi(word + size));
            return;
        }
    fail_msg("%s: no such event", word);
}

static bool reason_is(const char *reason, const char *expected)
{
    const char *rest = expected ? strstr(expected, "...") : NULL;

    if (!reason || !expected)
        return reason == expected;
    return rest ? strncmp(reason, expected, (size_t)(rest - expected)) == 0
                : strcmp(reason, expected) == 0;
}

static void live(const struct life *life)
{
    struct spec *spec;
    struct supervisor *s;
    struct job *job;
    void *state;
    jobid key;

    assert_int_equal(fixture_open(&state), 0);
    s = state;
    spec = fixture_spec();
    spec->retries = life->retries;
    key = fixture_add(s, spec)->key;
    for (const char *word = life->events; *word; word += strspn(word, ", ")) {
        happen(s, key, word);
        word += strcspn(word, ",");
    }
    job = jobs_find(s->jobs, key);
    if (job->state != life->state || job->attempt != life->attempts ||
        !reason_is(job->reason, life->reason) || strcmp(fake_place.asked, life->asked) != 0)
        fail_msg("%s: state %d after %u attempts (%s), and its place was asked to %s", life->events,
                 (int)job->state, job->attempt, job->reason ? job->reason : "no reason",
                 fake_place.asked);
    if (job_is_finished(job))
        assert_int_equal(s->jobs->dispatched, 0);
    assert_int_equal(fixture_close(&state), 0);
}

static void every_life_ends_as_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(lives); i++)
        live(&lives[i]);
}

/* No journal brings that about: nothing of this turn is committed or told. */
static void a_move_that_cannot_be_breaks_the_supervisor(void **state)
{
    struct supervisor *s = *state;
    struct job *job = fixture_add(s, fixture_spec());

    life_sent(s, job);
    assert_int_equal(s->broken.code, 0);
    life_move(s, job, job->state, STAGE_DRAINING);
    assert_string_equal(s->broken.text, "internal error: job 1 cannot go from sent to draining");
    s->broken = (struct error){0};
    life_move(s, job, job->state, STAGE_AT_REST);
    assert_int_equal(s->jobs->dispatched, 0);
}

/* Each waits for the one before it: the end of the first is the end of all, in one turn. */
static void an_end_goes_down_a_chain_of_jobs_that_wait(void **state)
{
    struct supervisor *s = *state;
    struct job *jobs[100];

    for (size_t i = 0; i < LENGTH(jobs); i++) {
        jobs[i] = fixture_add(s, fixture_spec());
        if (i) {
            dependency_add(s, jobs[i], jobs[i - 1]->key, false);
            dependant_settle(s, jobs[i]);
        }
    }
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 1);
    fake_begin(s, jobs[0]);
    fake_exit(s, jobs[0], 1 << 8, DROVER_CAUSE_NONE);
    for (size_t i = 1; i < LENGTH(jobs); i++)
        assert_int_equal(jobs[i]->state, DROVER_FAILED);
    assert_int_equal(control_retry(s, jobs[0], false), 0);
    fixture_commit(s);
    for (size_t i = 0; i < LENGTH(jobs); i++)
        assert_int_equal(jobs[i]->state, DROVER_NOT_STARTED);
    assert_int_equal(fixture_schedule(s), 1);
}

/* What it waits for is written behind the commit: that is not left to a timer. */
static void a_batch_that_waits_for_its_files_alone_asks_for_the_commit(void **state)
{
    struct supervisor *s = *state;
    struct job *job = fixture_add_batch(s, fixture_spec(), 1, 1), *child;

    job->batch->files.due = 1;
    assert_int_equal(fixture_schedule(s), 1);
    child = jobs_find(s->jobs, job->key + 1);
    fake_begin(s, child);
    s->store->commit_soon = false;
    fake_exit(s, child, 0, DROVER_CAUSE_NONE);
    assert_false(job_is_finished(job));
    assert_true(s->store->commit_soon);
    job->batch->files.due = 0;
    batch_unsettle(s, job->batch);
    fixture_commit(s);
    assert_int_equal(job->state, DROVER_COMPLETED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_life_ends_as_it_should),
        cmocka_unit_test_setup_teardown(a_move_that_cannot_be_breaks_the_supervisor, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(an_end_goes_down_a_chain_of_jobs_that_wait, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(a_batch_that_waits_for_its_files_alone_asks_for_the_commit,
                                        fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
