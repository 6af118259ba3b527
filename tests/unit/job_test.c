/* Jobs alone: the line in front of a queue, and who hears of what happens. */
#include "room.h"
#include "test.h"

#include "supervisor/job/notify.h"
#include "supervisor/job/queue.h"

#include <errno.h>
#include <string.h>

/* Jobs 1 to `count` of queue q, committed. */
static struct queue *queue_of(struct room *room, uint32_t count, int64_t throttle)
{
    struct queue *queue;

    queues_load(&room->s);
    queue = queue_get(&room->s, "q");
    assert_non_null(queue);
    queue_set_throttle(&room->s, queue, throttle);
    for (uint32_t id = 1; id <= count; id++) {
        struct spec *spec = room_spec(id);

        spec->queue = strdup("q");
        spec_store(&room->store, spec);
        jobs_put(jobs_add(&room->jobs, spec->key, spec));
        spec_unref(spec);
    }
    room_commit(room);
    queues_changed(&room->s);
    return queue;
}

static int queue_close(void **state)
{
    struct room *room = *state;

    queues_release(&room->s);
    return room_close(state);
}

static void jobs_of_a_queue_come_in_order_as_far_as_the_throttle_allows(void **state)
{
    struct room *room = *state;
    struct queue *queue = queue_of(room, 3, 2);

    for (uint32_t id = 1; id <= 2; id++) {
        struct job *job = queue_next(&room->s, queue);

        assert_non_null(job);
        assert_int_equal(jobid_top(job->key), id);
        queue->running++;
        jobs_put(job);
    }
    assert_null(queue_next(&room->s, queue));
    queue_set_throttle(&room->s, queue, 0);
    queue->running = 0;
    assert_null(queue_next(&room->s, queue));
}

/* Takes what is there as if it was started: the number of the last. */
static uint32_t queue_take_all(struct room *room, struct queue *queue, uint32_t id)
{
    struct job *job;

    while ((job = queue_next(&room->s, queue))) {
        assert_int_equal(jobid_top(job->key), ++id);
        job->state = DROVER_RUNNING;
        job_touch(job);
        jobs_put(job);
    }
    return id;
}

static void a_queue_longer_than_its_window_is_read_to_its_end(void **state)
{
    struct room *room = *state;
    struct queue *queue = queue_of(room, 2 * QUEUE_WINDOW + 3, -1);

    assert_int_equal(queue_take_all(room, queue, 0), 2 * QUEUE_WINDOW + 3);
}

static void what_is_held_is_passed_over_until_the_queue_is_looked_at_anew(void **state)
{
    struct room *room = *state;
    struct queue *queue = queue_of(room, 2, -1);
    struct job *job = jobs_get(&room->jobs, jobid_make(1, 0)), *next;

    job->hold = true;
    job_touch(job);
    next = queue_next(&room->s, queue);
    assert_int_equal(jobid_top(next->key), 2);
    jobs_put(next);
    assert_null(queue_next(&room->s, queue));
    job->hold = false;
    job_touch(job);
    queue_changed(queue);
    next = queue_next(&room->s, queue);
    assert_ptr_equal(next, job);
    jobs_put(next);
    jobs_put(job);
}

static void a_queue_that_has_jobs_stays(void **state)
{
    struct room *room = *state;
    struct queue *queue = queue_of(room, 1, 1);

    assert_int_equal(queue_waiting(&room->s, queue), 1);
    assert_int_equal(queue_remove(&room->s, queue), -EBUSY);
    queue = queue_get(&room->s, "empty");
    assert_int_equal(queue_remove(&room->s, queue), 0);
    assert_null(queue_find(&room->s, "empty"));
}

struct heard {
    int changed, printed;
};

static void hear_changed(void *data, struct job *job, enum drover_state previous)
{
    struct heard *heard = data;

    (void)job;
    (void)previous;
    heard->changed++;
}

static void hear_printed(void *data, struct job *job)
{
    struct heard *heard = data;

    (void)job;
    heard->printed++;
}

static void each_observer_hears_what_it_asked_for(void **state)
{
    struct room *room = *state;
    struct heard a = {0}, b = {0};
    struct observer first = {.data = &a, .changed = hear_changed};
    struct observer second = {.data = &b, .changed = hear_changed, .printed = hear_printed};
    struct spec *spec = room_spec(1);
    struct job *job = jobs_add(&room->jobs, spec->key, spec);

    spec_unref(spec);
    notify_register(&room->jobs, &first);
    notify_register(&room->jobs, &second);
    notify_changed(job, DROVER_NOT_STARTED);
    notify_printed(job);
    jobs_put(job);
    assert_int_equal(a.changed, 1);
    assert_int_equal(a.printed, 0);
    assert_int_equal(b.changed, 1);
    assert_int_equal(b.printed, 1);
}

#define queue_test(name) cmocka_unit_test_setup_teardown(name, room_open, queue_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        queue_test(jobs_of_a_queue_come_in_order_as_far_as_the_throttle_allows),
        queue_test(a_queue_longer_than_its_window_is_read_to_its_end),
        queue_test(what_is_held_is_passed_over_until_the_queue_is_looked_at_anew),
        queue_test(a_queue_that_has_jobs_stays),
        cmocka_unit_test_setup_teardown(each_observer_hears_what_it_asked_for, room_open,
                                        room_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
