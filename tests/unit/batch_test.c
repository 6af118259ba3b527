/* A batch alone: its parts, each without a batch, and then a batch without a life and without a
 * loop that turns. */
#include "room.h"
#include "test.h"

#include "base/clock.h"
#include "supervisor/batch/admission.h"
#include "supervisor/batch/batch.h"
#include "supervisor/batch/halt.h"
#include "supervisor/batch/rollout.h"
#include "supervisor/batch/slot_number.h"
#include "supervisor/batch/timeout_median.h"
#include "supervisor/batch/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- parts ---- */

static void the_lowest_free_slot_number_is_next(void **state)
{
    struct slot_numbers numbers = {0};

    (void)state;
    for (uint32_t i = 1; i <= 100; i++)
        assert_int_equal(slot_number_take(&numbers, 0), i);
    slot_number_leave(&numbers, 42);
    slot_number_leave(&numbers, 7);
    assert_int_equal(slot_number_take(&numbers, 0), 7);
    assert_int_equal(slot_number_take(&numbers, 0), 42);
    assert_int_equal(slot_number_take(&numbers, 0), 101);
    slot_numbers_release(&numbers);
}

static void a_slot_number_that_is_known_is_taken_again(void **state)
{
    struct slot_numbers numbers = {0};

    (void)state;
    assert_int_equal(slot_number_take(&numbers, 3), 3);
    assert_int_equal(slot_number_take(&numbers, 0), 1);
    assert_int_equal(slot_number_take(&numbers, 0), 2);
    assert_int_equal(slot_number_take(&numbers, 0), 4);
    slot_number_leave(&numbers, 0);
    slot_number_leave(&numbers, 999);
    assert_int_equal(slot_number_take(&numbers, 0), 5);
    slot_numbers_release(&numbers);
}

static void the_median_is_of_the_last_ones(void **state)
{
    static struct timeout_median median;

    (void)state;
    timeout_median_add(&median, 30);
    timeout_median_add(&median, 10);
    assert_int_equal(timeout_median_get(&median), 0);
    timeout_median_add(&median, 20);
    assert_int_equal(timeout_median_get(&median), 20);
    for (int i = 0; i < 2 * TIMEOUT_MEDIAN_KEPT; i++)
        timeout_median_add(&median, 5);
    assert_int_equal(timeout_median_get(&median), 5);
    assert_int_equal(median.count, TIMEOUT_MEDIAN_KEPT);
}

static void a_list_of_waves_is_one(void **state)
{
    static const struct {
        const char *sizes;
        bool is_list;
    } rows[] = {{"1", true},   {"1,10,100", true},   {"", false},          {"0", false},
                {"1,", false}, {",1", false},        {"-1", false},        {"1;2", false},
                {"x", false},  {"4294967295", true}, {"4294967296", false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(rollout_is_list(rows[i].sizes), rows[i].is_list);
}

static void a_wave_begins_when_the_one_before_has_finished(void **state)
{
    static const struct {
        int64_t finished, running;
        bool starts;
        int64_t last; /* number that is in a wave which has begun */
    } rows[] = {
        {0, 0, true, 1},    {0, 1, false, 1},  {1, 0, true, 11},
        {5, 6, false, 11},  {5, 5, true, 11},  {11, 0, true, 21},
        {20, 1, false, 21}, {21, 0, true, 31}, {30, 0, true, 31},
    };
    char sizes[] = "1,10";
    struct rollout_rule rule = {.sizes = sizes};
    struct rollout rollout = {0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t until = rollout_until(&rollout, &rule, rows[i].finished, rows[i].running, 100);

        assert_int_equal(until, rows[i].starts ? 100 : INT64_MAX);
        assert_int_equal(rollout_last(&rollout, &rule), rows[i].last);
    }
}

static void between_two_waves_is_the_pause(void **state)
{
    char sizes[] = "2";
    struct rollout_rule rule = {.sizes = sizes, .pause = 50};
    struct rollout rollout = {0};

    (void)state;
    assert_int_equal(rollout_until(&rollout, &rule, 0, 0, 100), 100);
    assert_int_equal(rollout_until(&rollout, &rule, 1, 0, 110), 110);
    assert_int_equal(rollout_until(&rollout, &rule, 2, 0, 120), 170);
    assert_int_equal(rollout_until(&rollout, &rule, 2, 0, 169), 170);
    assert_int_equal(rollout_until(&rollout, &rule, 2, 0, 171), 171);
}

static void a_start_waits_for_the_delay_after_the_last(void **state)
{
    struct policy policy = {.delay = 30};
    struct admission admission = {0};

    (void)state;
    assert_int_equal(admission_until(&admission, &policy, 0, 0, 100), 100);
    admission.last_start = 100;
    assert_int_equal(admission_until(&admission, &policy, 0, 1, 110), 130);
    assert_int_equal(admission_until(&admission, &policy, 0, 1, 130), 130);
    policy.min_free = INT64_MAX; /* more than any machine has: it is looked again later */
    assert_true(admission_until(&admission, &policy, 0, 1, 200) > 200);
    assert_true(admission.short_of_memory);
}

static void a_batch_halts_when_its_rule_says_so(void **state)
{
    static const struct {
        struct drover_halt rule;
        struct batch_counts counts;
        int64_t base;
        bool more, due;
        enum drover_state end;
    } rows[] = {
        {{DROVER_HALT_NEVER, DROVER_HALT_FAIL, 1, false},
         {.failed = 9},
         0,
         false,
         false,
         DROVER_FAILED},
        {{DROVER_HALT_SOON, DROVER_HALT_FAIL, 2, false},
         {.failed = 1},
         0,
         true,
         false,
         DROVER_FAILED},
        {{DROVER_HALT_SOON, DROVER_HALT_FAIL, 2, false},
         {.failed = 2},
         0,
         true,
         true,
         DROVER_FAILED},
        {{DROVER_HALT_NOW, DROVER_HALT_FAIL, 2, false},
         {.failed = 3},
         2,
         true,
         false,
         DROVER_FAILED},
        {{DROVER_HALT_NOW, DROVER_HALT_SUCCESS, 1, false},
         {.completed = 1, .failed = 5},
         0,
         true,
         true,
         DROVER_COMPLETED},
        {{DROVER_HALT_SOON, DROVER_HALT_DONE, 3, false},
         {.completed = 1, .failed = 1, .stopped = 1},
         0,
         true,
         true,
         DROVER_FAILED},
        {{DROVER_HALT_SOON, DROVER_HALT_DONE, 3, false},
         {.completed = 3},
         0,
         true,
         true,
         DROVER_COMPLETED},
        /* a share is one of all: nobody knows it while more may come */
        {{DROVER_HALT_SOON, DROVER_HALT_FAIL, 50, true},
         {.total = 4, .failed = 2},
         0,
         true,
         false,
         DROVER_FAILED},
        {{DROVER_HALT_SOON, DROVER_HALT_FAIL, 50, true},
         {.total = 4, .failed = 2},
         0,
         false,
         true,
         DROVER_FAILED},
        {{DROVER_HALT_SOON, DROVER_HALT_FAIL, 50, true},
         {.total = 5, .failed = 2},
         0,
         false,
         false,
         DROVER_FAILED},
        {{DROVER_HALT_SOON, DROVER_HALT_FAIL, 50, true}, {0}, 0, false, false, DROVER_FAILED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(halt_is_due(&rows[i].rule, &rows[i].counts, rows[i].base, rows[i].more),
                         rows[i].due);
        assert_int_equal(halt_state(&rows[i].rule, &rows[i].counts), rows[i].end);
    }
}

/* ---- a batch ---- */

/* A batch of so many items, stored and committed. Its command tells the slot. */
static struct batch *room_batch(struct room *room, int64_t throttle, uint32_t items)
{
    struct spec *spec = room_spec(7);
    struct batch *batch;
    struct job *job, *child;

    spec->batch = true;
    spec_store(&room->store, spec);
    job = jobs_add(&room->jobs, spec->key, spec);
    spec_unref(spec);
    assert_non_null(job);
    batch = batch_create(&room->s, job, throttle, false, &(struct policy){0});
    assert_non_null(batch);
    jobs_put(job);
    for (uint32_t i = 1; i <= items; i++) {
        assert_int_equal(batch_add_child(&room->s, batch, "x", 1, &child), 0);
        batch_offer(batch, child);
        jobs_put(child);
    }
    room_commit(room);
    return batch;
}

/* What life does when a child is started, and when it has ended. */
static void room_start(struct batch *batch, struct job *child)
{
    batch_count(batch, child->state, DROVER_RUNNING);
    batch_count_stage(batch, child, STAGE_AT_REST, STAGE_SENT);
    child->state = DROVER_RUNNING;
    job_touch(child);
}

static void room_end(struct batch *batch, struct job *child, enum drover_state state)
{
    batch_count(batch, child->state, state);
    batch_count_stage(batch, child, STAGE_SENT, STAGE_AT_REST);
    child->state = state;
    job_touch(child);
    jobs_put(child);
}

static void children_start_in_order_as_far_as_the_throttle_allows(void **state)
{
    struct room *room = *state;
    struct batch *batch = room_batch(room, 2, 4);
    struct job *child[4];

    for (uint32_t i = 0; i < 2; i++) {
        child[i] = batch_next(&room->s, batch);
        assert_non_null(child[i]);
        assert_int_equal(jobid_child(child[i]->key), i + 1);
        room_start(batch, child[i]);
        assert_int_equal(child[i]->slot_number, i + 1);
    }
    assert_null(batch_next(&room->s, batch));
    room_end(batch, child[0], DROVER_COMPLETED);
    child[2] = batch_next(&room->s, batch);
    assert_int_equal(jobid_child(child[2]->key), 3);
    room_start(batch, child[2]);
    assert_int_equal(child[2]->slot_number, 1); /* which the first left */
    assert_int_equal(batch->counts.completed, 1);
    assert_int_equal(batch->counts.running, 2);
    assert_int_equal(batch->counts.not_started, 1);
    room_end(batch, child[1], DROVER_FAILED);
    room_end(batch, child[2], DROVER_STOPPED);
}

static void what_is_not_committed_does_not_start(void **state)
{
    struct room *room = *state;
    struct batch *batch = room_batch(room, -1, 0);
    struct job *child;

    assert_int_equal(batch_add_child(&room->s, batch, "x", 1, &child), 0);
    batch_offer(batch, child);
    jobs_put(child);
    assert_null(batch_next(&room->s, batch));
    room_commit(room);
    child = batch_next(&room->s, batch);
    assert_non_null(child);
    jobs_put(child);
}

/* Else a slot that becomes free just after an item has come stays so until the next commit. */
static void a_free_slot_asks_for_the_commit_of_what_was_added(void **state)
{
    struct room *room = *state;
    struct batch *batch = room_batch(room, 1, 1);
    struct job *first = batch_next(&room->s, batch), *child;

    room_start(batch, first);
    assert_int_equal(batch_add_child(&room->s, batch, "x", 1, &child), 0);
    batch_offer(batch, child);
    jobs_put(child);
    room->store.commit_soon = false;
    assert_null(batch_next(&room->s, batch));
    assert_false(room->store.commit_soon); /* the only slot is taken */
    room_end(batch, first, DROVER_COMPLETED);
    assert_null(batch_next(&room->s, batch));
    assert_true(room->store.commit_soon);
}

static void more_than_the_window_holds_are_read_again_each_once(void **state)
{
    struct room *room = *state;
    struct batch *batch = room_batch(room, -1, 2 * WINDOW_SIZE + 5);
    struct job *child;
    uint32_t number = 0;

    while ((child = batch_next(&room->s, batch))) {
        assert_int_equal(jobid_child(child->key), ++number);
        room_start(batch, child);
        room_end(batch, child, DROVER_COMPLETED);
    }
    assert_int_equal(number, 2 * WINDOW_SIZE + 5);
    assert_int_equal(batch->counts.completed, number);
}

static void a_child_that_may_start_again_comes_first(void **state)
{
    struct room *room = *state;
    struct batch *batch = room_batch(room, -1, 3);
    struct job *first = batch_next(&room->s, batch), *next;

    room_start(batch, first);
    batch_count(batch, DROVER_RUNNING, DROVER_NOT_STARTED);
    batch_count_stage(batch, first, STAGE_SENT, STAGE_AT_REST);
    first->state = DROVER_NOT_STARTED;
    batch_again(batch, first->key);
    next = batch_next(&room->s, batch);
    assert_ptr_equal(next, first);
    jobs_put(next);
    jobs_put(first);
    batch_rewind(batch);
    next = batch_next(&room->s, batch);
    assert_int_equal(jobid_child(next->key), 1);
    jobs_put(next);
}

static void a_batch_is_read_as_it_was_written(void **state)
{
    struct room *room = *state;
    struct batch *batch = room_batch(room, 3, 5);
    struct job *child = batch_next(&room->s, batch);
    jobid key = batch->job->key;

    room_start(batch, child);
    room_end(batch, child, DROVER_FAILED);
    batch->fed = 5;
    batch->halted = true;
    batch_end_input(&room->s, batch, INPUT_CUT);
    room_commit(room);
    batch_retire(&room->s, batch);
    assert_null(batch_find(&room->s, key));
    batch = batch_get(&room->s, key);
    assert_non_null(batch);
    assert_int_equal(batch->throttle, 3);
    assert_int_equal(batch->input, INPUT_CUT);
    assert_int_equal(batch->fed, 5);
    assert_true(batch->halted);
    assert_int_equal(batch->counts.total, 5);
    assert_int_equal(batch->counts.failed, 1);
    assert_int_equal(batch->counts.not_started, 4);
}

static void a_halt_counts_no_child_that_runs_again(void **state)
{
    struct room *room = *state;
    struct batch *batch = room_batch(room, -1, 3);
    struct job *child = batch_next(&room->s, batch);

    batch->policy.halt = (struct drover_halt){DROVER_HALT_SOON, DROVER_HALT_FAIL, 1, false};
    room_start(batch, child);
    assert_false(batch_halt_is_due(batch));
    batch_count(batch, DROVER_RUNNING, DROVER_FAILED);
    assert_true(batch_halt_is_due(batch));
    batch->halted = true;
    assert_false(batch_halt_is_due(batch)); /* once */
    batch_reset_halt(batch);
    assert_int_equal(batch->halt_base, 1);
    assert_false(batch_halt_is_due(batch));
    batch_count(batch, DROVER_FAILED, DROVER_NOT_STARTED);
    assert_int_equal(batch->halt_base, 0);
    batch_count(batch, DROVER_NOT_STARTED, DROVER_FAILED);
    assert_true(batch_halt_is_due(batch));
    batch_count_stage(batch, child, STAGE_SENT, STAGE_AT_REST);
    jobs_put(child);
}

#define room_test(name) cmocka_unit_test_setup_teardown(name, room_open, room_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lowest_free_slot_number_is_next),
        cmocka_unit_test(a_slot_number_that_is_known_is_taken_again),
        cmocka_unit_test(the_median_is_of_the_last_ones),
        cmocka_unit_test(a_list_of_waves_is_one),
        cmocka_unit_test(a_wave_begins_when_the_one_before_has_finished),
        cmocka_unit_test(between_two_waves_is_the_pause),
        cmocka_unit_test(a_start_waits_for_the_delay_after_the_last),
        cmocka_unit_test(a_batch_halts_when_its_rule_says_so),
        room_test(children_start_in_order_as_far_as_the_throttle_allows),
        room_test(what_is_not_committed_does_not_start),
        room_test(a_free_slot_asks_for_the_commit_of_what_was_added),
        room_test(more_than_the_window_holds_are_read_again_each_once),
        room_test(a_child_that_may_start_again_comes_first),
        room_test(a_batch_is_read_as_it_was_written),
        room_test(a_halt_counts_no_child_that_runs_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
