#include "fake_place.h"
#include "supervisor_fixture.h"
#include "test.h"

#include "base/clock.h"
#include "base/verdict.h"
#include "supervisor/batch/batch.h"
#include "supervisor/life/dependency.h"
#include "supervisor/life/life.h"
#include "supervisor/life/settle.h"
#include "supervisor/job/queue.h"
#include "supervisor/job/job.h"
#include "supervisor/life/attempt.h"
#include "supervisor/life/control.h"
#include "supervisor/life/dependant.h"
#include "supervisor/life/hold.h"
#include "link/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct job *add_to_queue(struct supervisor *s, const char *queue)
{
    struct spec *spec = fixture_spec();

    spec->queue = queue ? strdup(queue) : NULL;
    return fixture_add(s, spec);
}

static struct job *child_of(struct supervisor *s, const struct job *batch, uint32_t number)
{
    struct job *child = jobs_find(s->jobs, jobid_make(jobid_top(batch->key), number));

    assert_non_null(child);
    return child;
}

static void nothing_starts_before_it_is_committed(void **state)
{
    struct supervisor *s = *state;

    (void)add_to_queue(s, NULL);
    assert_int_equal(fixture_schedule(s), 0);
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 1);
}

static void a_queue_runs_as_many_as_its_throttle_in_order(void **state)
{
    struct supervisor *s = *state;
    struct job *jobs[5];

    queue_set_throttle(s, queue_get(s, "q"), 2);
    for (int i = 0; i < 5; i++)
        jobs[i] = add_to_queue(s, "q");
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 2);
    assert_true(jobs[0]->stage == STAGE_SENT && jobs[1]->stage == STAGE_SENT &&
                jobs[2]->stage == STAGE_AT_REST);
    assert_int_equal(fixture_schedule(s), 0);
    fake_begin(s, jobs[1]);
    fake_exit(s, jobs[1], 0, DROVER_CAUSE_NONE);
    assert_int_equal(fixture_schedule(s), 1);
    assert_int_equal(jobs[2]->stage, STAGE_SENT);
}

static void a_queue_of_throttle_0_starts_nothing_new(void **state)
{
    struct supervisor *s = *state;

    queue_set_throttle(s, queue_get(s, "q"), 0);
    (void)add_to_queue(s, "q");
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 0);
    queue_set_throttle(s, queue_find(s, "q"), -1);
    assert_int_equal(fixture_schedule(s), 1);
}

static void no_more_start_than_the_runner_has_room_for(void **state)
{
    struct supervisor *s = *state;

    fake_place.room.capacity = 3;
    for (int i = 0; i < 5; i++)
        (void)add_to_queue(s, NULL);
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 3);
}

static void batches_and_queues_take_turns(void **state)
{
    struct supervisor *s = *state;
    struct job *a = fixture_add_batch(s, fixture_spec(), -1, 20);
    struct job *b = fixture_add_batch(s, fixture_spec(), -1, 20);

    fake_place.room.capacity = 10;
    assert_int_equal(fixture_schedule(s), 10);
    assert_int_equal(a->batch->slots.taken, 5);
    assert_int_equal(b->batch->slots.taken, 5);
}

static void the_line_of_a_batch_is_filled_and_takes_freed_slots(void **state)
{
    struct supervisor *s = *state;
    struct job *batch = fixture_add_batch(s, fixture_spec(), 2, 200);
    struct job *first = child_of(s, batch, 1), *next;

    assert_int_equal(fixture_schedule(s), 2);
    assert_int_equal(batch->state, DROVER_RUNNING);
    assert_int_equal(batch->batch->slots.width, 2);
    assert_int_equal(batch->batch->slots.line, LINK_LINE_JOBS);
    assert_int_equal(s->jobs->in_line, LINK_LINE_JOBS);
    next = child_of(s, batch, 3);
    assert_true(next->stage == STAGE_IN_LINE && next->state == DROVER_NOT_STARTED);
    fake_begin(s, first);
    fake_exit(s, first, 0, DROVER_CAUSE_NONE);
    assert_int_equal(batch->batch->slots.taken, 1);
    assert_int_equal(fixture_schedule(s), 0); /* the runner has filled the slot itself */
    fake_begin(s, next);
    assert_int_equal(next->stage, STAGE_RUNNING);
    assert_int_equal(batch->batch->slots.taken, 2);
    assert_int_equal(batch->batch->slots.line, LINK_LINE_JOBS - 1);
}

static void a_line_holds_no_more_text_than_it_has_room_for(void **state)
{
    struct supervisor *s = *state;
    struct spec *spec = fixture_spec();
    size_t half = LINK_LINE_TEXT / 2;
    struct job *batch, *second;

    free(spec->argv);
    spec->argv = malloc(half);
    assert_non_null(spec->argv);
    memset(spec->argv, 'x', half);
    spec->argv[half - 1] = '\0';
    spec->argv_size = half;
    batch = fixture_add_batch(s, spec, 1, 3);
    assert_int_equal(fixture_schedule(s), 1);
    assert_int_equal(batch->batch->slots.line, 1);
    assert_true(batch->batch->slots.line_size > (int64_t)half);
    second = child_of(s, batch, 2);
    fake_begin(s, child_of(s, batch, 1));
    fake_exit(s, child_of(s, batch, 1), 0, DROVER_CAUSE_NONE);
    fake_begin(s, second);
    assert_int_equal(fixture_schedule(s), 0);
    assert_int_equal(child_of(s, batch, 3)->stage, STAGE_IN_LINE);
}

static void a_child_too_long_for_a_line_waits_for_a_slot(void **state)
{
    struct supervisor *s = *state;
    struct spec *spec = fixture_spec();
    struct job *batch, *first;

    free(spec->argv);
    spec->argv = calloc(1, LINK_LINE_TEXT);
    assert_non_null(spec->argv);
    memset(spec->argv, 'x', LINK_LINE_TEXT - 1);
    spec->argv_size = LINK_LINE_TEXT;
    batch = fixture_add_batch(s, spec, 1, 2);
    first = child_of(s, batch, 1);
    assert_int_equal(fixture_schedule(s), 1);
    assert_int_equal(batch->batch->slots.line, 0);
    fake_begin(s, first);
    assert_int_equal(fixture_schedule(s), 0);
    fake_exit(s, first, 0, DROVER_CAUSE_NONE);
    assert_int_equal(fixture_schedule(s), 1);
}

static void a_child_given_back_stands_in_line_again(void **state)
{
    struct supervisor *s = *state;
    struct job *batch = fixture_add_batch(s, fixture_spec(), 1, 2);
    struct job *first = child_of(s, batch, 1), *second = child_of(s, batch, 2);

    assert_int_equal(fixture_schedule(s), 1);
    assert_int_equal(second->stage, STAGE_IN_LINE);
    batch->batch->throttle = 0;
    assert_int_equal(fixture_schedule(s), 0);
    assert_int_equal(batch->batch->slots.width, 0);
    life_undispatch(s, second); /* as the runner answers when its line is closed */
    assert_int_equal(batch->batch->slots.line, 0);
    assert_int_equal(s->jobs->in_line, 0);
    batch->batch->throttle = 1;
    assert_int_equal(fixture_schedule(s), 0);
    second = child_of(s, batch, 2);
    assert_int_equal(second->stage, STAGE_IN_LINE);
    fake_begin(s, first);
    fake_exit(s, first, 0, DROVER_CAUSE_NONE);
    assert_int_equal(batch->batch->slots.taken, 0);
}

static void batches_beyond_the_lines_of_the_runner_wait_for_slots(void **state)
{
    struct supervisor *s = *state;
    struct job *batches[LINK_LINES + 1];
    int with_line = 0;

    for (int i = 0; i <= LINK_LINES; i++)
        batches[i] = fixture_add_batch(s, fixture_spec(), 1, 3);
    assert_int_equal(fixture_schedule(s), LINK_LINES + 1);
    for (int i = 0; i <= LINK_LINES; i++) {
        with_line += batches[i]->batch->slots.width > 0;
        assert_int_equal(batches[i]->batch->slots.line, batches[i]->batch->slots.width ? 2 : 0);
    }
    assert_int_equal(with_line, LINK_LINES);
}

/* Ends the children of a new batch with these exit codes: -1 is a stop. */
static enum drover_state batch_of(struct supervisor *s, const int *codes, size_t count)
{
    struct job *batch = fixture_add_batch(s, fixture_spec(), -1, count);

    (void)fixture_schedule(s);
    for (size_t i = 0; i < count; i++) {
        struct job *child = child_of(s, batch, (uint32_t)i + 1);
        struct record_exit stopped = {.how = EXIT_WAITED, .cause = DROVER_CAUSE_STOPPED};

        fake_begin(s, child);
        if (codes[i] >= 0) {
            fake_exit(s, child, codes[i] << 8, DROVER_CAUSE_NONE);
        } else {
            attempt_exited(s, child, &stopped, &(struct verdict){.kind = VERDICT_UNKNOWN},
                           clock_wall());
            attempt_closed(s, child);
        }
    }
    settle_run(s);
    return batch->state;
}

static void a_batch_is_what_its_children_are(void **state)
{
    struct supervisor *s = *state;

    assert_int_equal(batch_of(s, (int[]){0, 0, 0}, 3), DROVER_COMPLETED);
    assert_int_equal(batch_of(s, (int[]){0, 3, 0}, 3), DROVER_FAILED);
    assert_int_equal(batch_of(s, (int[]){0, -1, 0}, 3), DROVER_STOPPED);
    assert_int_equal(batch_of(s, (int[]){-1, 3, 0}, 3), DROVER_FAILED);
    assert_int_equal(batch_of(s, NULL, 0), DROVER_COMPLETED);
}

static void a_stopped_batch_stops_what_waits(void **state)
{
    struct supervisor *s = *state;
    struct job *batch = fixture_add_batch(s, fixture_spec(), 1, 50);

    assert_int_equal(fixture_schedule(s), 1);
    fake_begin(s, child_of(s, batch, 1));
    assert_int_equal(control_stop(s, batch, 0), 0);
    assert_int_equal(batch->state, DROVER_STOPPING);
    assert_int_equal(child_of(s, batch, 2)->state, DROVER_STOPPING);
    for (uint32_t i = 2; i <= 50; i++)
        life_undispatch(s, child_of(s, batch, i)); /* as the runner answers */
    assert_int_equal(batch->batch->counts.stopped, 49);
    fake_exit(s, child_of(s, batch, 1), 0, DROVER_CAUSE_NONE);
    assert_int_equal(batch->state, DROVER_STOPPED);
    assert_int_equal(control_retry(s, batch, false), 0);
    assert_int_equal(batch->batch->counts.not_started, 49);
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 1);
}

/* A runner that was killed between an intent and its fork: nobody has the job. */
static void an_intent_read_after_its_runner_died_makes_no_job_live(void **state)
{
    struct supervisor *s = *state;
    struct job *job = add_to_queue(s, NULL);

    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 1);
    s->life->recovering = true;
    attempt_intent(s, job, 1, 0, clock_wall());
    s->life->recovering = false;
    assert_int_equal(job->state, DROVER_RUNNING);
    assert_int_equal(job->stage, STAGE_SOUGHT);
    attempt_lost(s, job, "the runner died");
    assert_int_equal(job->state, DROVER_FAILED);
    assert_int_equal(s->jobs->dispatched, 0);
}

static void jobs_wait_for_what_they_come_after(void **state)
{
    struct supervisor *s = *state;
    struct job *first = add_to_queue(s, NULL), *then = add_to_queue(s, NULL);
    struct job *anyhow = add_to_queue(s, NULL);

    dependency_add(s, then, first->key, false);
    dependant_settle(s, then);
    dependency_add(s, anyhow, first->key, true);
    dependant_settle(s, anyhow);
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 1);
    fake_begin(s, first);
    fake_exit(s, first, 1 << 8, DROVER_CAUSE_NONE);
    assert_int_equal(then->state, DROVER_FAILED);
    assert_int_equal(then->attempt, 0);
    assert_non_null(strstr(then->reason, "job 1"));
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 1);
    assert_int_equal(anyhow->stage, STAGE_SENT);
    assert_int_equal(s->life->dependencies, 0);
}

static void a_failed_attempt_is_put_aside_and_tried_again_later(void **state)
{
    struct supervisor *s = *state;
    struct spec *spec = fixture_spec();
    struct extent extent;
    struct job *job;

    spec->retries = 1;
    spec->backoff = CLOCK_SECOND;
    job = fixture_add(s, spec);
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 1);
    fake_begin(s, job);
    fake_exit(s, job, 3 << 8, DROVER_CAUSE_NONE);
    assert_int_equal(job->state, DROVER_NOT_STARTED);
    assert_true(job->hold && job->not_before > clock_wall());
    assert_int_equal(s->jobs->dispatched, 0);
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 0);
    assert_int_equal(job_extent(job, 1, &extent), 0);
    job->not_before = 1;
    hold_release(s, job);
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), 1);
    fake_begin(s, job);
    fake_exit(s, job, 3 << 8, DROVER_CAUSE_NONE);
    assert_int_equal(job->state, DROVER_FAILED);
    assert_int_equal(job->attempt, 2);
}

static void assert_put_off(struct supervisor *s, enum record_step step, int error,
                           const char *reason)
{
    struct record_failure failure = {.step = step, .error = (uint32_t)error};
    struct job *job = add_to_queue(s, NULL);

    fixture_commit(s);
    (void)fixture_schedule(s);
    attempt_intent(s, job, 1, 0, clock_wall());
    attempt_failed_to_start(s, job, &failure, clock_wall());
    assert_int_equal(job->state, DROVER_NOT_STARTED);
    assert_int_equal(job->attempt, 0);
    assert_true(job->hold);
    assert_string_equal(job->reason, reason);
    assert_int_equal(s->jobs->dispatched, 0);
}

static void a_start_that_lacks_a_resource_is_no_attempt(void **state)
{
    struct supervisor *s = *state;

    assert_put_off(s, STEP_FORK, EAGAIN, "no processes left, next try in 2 s");
    assert_put_off(s, STEP_SLOT, EAGAIN, "the runner has no room for it, next try in 2 s");
    assert_put_off(s, STEP_SLOT, ENOSPC, "the disk is full, next try in 2 s");
}

#define SCHEDULER_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCHEDULER_TEST(nothing_starts_before_it_is_committed),
        SCHEDULER_TEST(a_queue_runs_as_many_as_its_throttle_in_order),
        SCHEDULER_TEST(a_queue_of_throttle_0_starts_nothing_new),
        SCHEDULER_TEST(no_more_start_than_the_runner_has_room_for),
        SCHEDULER_TEST(batches_and_queues_take_turns),
        SCHEDULER_TEST(the_line_of_a_batch_is_filled_and_takes_freed_slots),
        SCHEDULER_TEST(a_line_holds_no_more_text_than_it_has_room_for),
        SCHEDULER_TEST(a_child_too_long_for_a_line_waits_for_a_slot),
        SCHEDULER_TEST(a_child_given_back_stands_in_line_again),
        SCHEDULER_TEST(batches_beyond_the_lines_of_the_runner_wait_for_slots),
        SCHEDULER_TEST(a_batch_is_what_its_children_are),
        SCHEDULER_TEST(a_stopped_batch_stops_what_waits),
        SCHEDULER_TEST(an_intent_read_after_its_runner_died_makes_no_job_live),
        SCHEDULER_TEST(jobs_wait_for_what_they_come_after),
        SCHEDULER_TEST(a_failed_attempt_is_put_aside_and_tried_again_later),
        SCHEDULER_TEST(a_start_that_lacks_a_resource_is_no_attempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
