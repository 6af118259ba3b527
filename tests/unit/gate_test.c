/* Why a job that waits does not start: a table of what holds it. */
#include "fake_place.h"
#include "supervisor_fixture.h"
#include "test.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "supervisor/batch/batch.h"
#include "supervisor/job/job.h"
#include "supervisor/job/queue.h"
#include "supervisor/life/dependency.h"
#include "supervisor/life/life.h"
#include "supervisor/schedule/gate.h"
#include "supervisor/schedule/scheduler.h"
#include "supervisor/store/store.h"
#include "supervisor/life/control.h"
#include "supervisor/life/dependant.h"

#include <stdlib.h>
#include <string.h>

/* What is asked about: the second job of queue q, which has one slot, and the second child of a
 * batch that has one slot, too. */
struct scene {
    struct supervisor *s;
    struct job *other, *job; /* both of that queue, the job behind the other */
    struct job *batch, *child;
};

static void nothing(struct scene *scene)
{
    (void)scene;
}

static void uncommitted(struct scene *scene)
{
    scene->s->store->uncommitted = true;
}

static void another_job(struct scene *scene)
{
    dependency_add(scene->s, scene->job, scene->other->key, false);
    dependant_settle(scene->s, scene->job);
}

static void its_time(struct scene *scene)
{
    scene->job->not_before = clock_wall() + CLOCK_SECOND;
}

static void a_suspend(struct scene *scene)
{
    assert_int_equal(control_suspend(scene->s, scene->job), 0);
}

static void no_runner(struct scene *scene)
{
    (void)scene;
    fake_place.room.reached = false;
}

static void a_full_disk(struct scene *scene)
{
    (void)scene;
    fake_place.room.starts = false;
}

static void the_end(struct scene *scene)
{
    scene->s->closing = true;
}

static void a_full_house(struct scene *scene)
{
    scene->s->jobs->dispatched = fake_place.room.capacity;
}

static void a_closed_queue(struct scene *scene)
{
    queue_set_throttle(scene->s, queue_find(scene->s, "q"), 0);
}

static void taken_slots(struct scene *scene)
{
    scheduler_run(scene->s);
}

static void a_closed_batch(struct scene *scene)
{
    scene->batch->batch->throttle = 0;
}

static void a_suspended_batch(struct scene *scene)
{
    assert_int_equal(control_suspend(scene->s, scene->batch), 0);
}

static void a_halt(struct scene *scene)
{
    scene->batch->batch->halted = true;
}

static void a_load(struct scene *scene)
{
    scene->batch->batch->admission.loaded = true;
}

static const struct row {
    const char *title;
    void (*set)(struct scene *scene);
    enum gate job, child, batch;
    const char *words; /* for the job, or if that is open the child, that these begin with */
} rows[] = {
    {"nothing", nothing, GATE_OPEN, GATE_OPEN, GATE_OPEN, ""},
    {"a commit", uncommitted, GATE_COMMIT, GATE_COMMIT, GATE_COMMIT, ""},
    {"another job", another_job, GATE_DEPENDENCY, GATE_OPEN, GATE_OPEN, "waiting for job 1"},
    {"its time", its_time, GATE_TIME, GATE_OPEN, GATE_OPEN, "waiting until "},
    {"a suspend", a_suspend, GATE_SUSPENDED, GATE_OPEN, GATE_OPEN, ""},
    {"no runner", no_runner, GATE_PLACE, GATE_PLACE, GATE_OPEN, ""},
    {"a full disk", a_full_disk, GATE_DISK, GATE_DISK, GATE_OPEN, "waiting: no space left"},
    {"the end", the_end, GATE_CLOSING, GATE_CLOSING, GATE_OPEN, "waiting: the supervisor"},
    {"a full house", a_full_house, GATE_CAPACITY, GATE_CAPACITY, GATE_OPEN, "waiting: 1000 jobs"},
    {"a queue of throttle 0", a_closed_queue, GATE_THROTTLE_0, GATE_OPEN, GATE_OPEN,
     "waiting: queue q starts nothing new (throttle 0)"},
    {"taken slots", taken_slots, GATE_SLOT, GATE_PAST, GATE_SLOT,
     "waiting for a slot in queue q (1 of 1 busy)"},
    {"a batch of throttle 0", a_closed_batch, GATE_OPEN, GATE_THROTTLE_0, GATE_THROTTLE_0,
     "waiting: batch 3 starts nothing new (throttle 0)"},
    {"a suspended batch", a_suspended_batch, GATE_OPEN, GATE_PAUSED, GATE_OPEN,
     "waiting: batch 3 is suspended"},
    {"a halt", a_halt, GATE_OPEN, GATE_ENDED, GATE_ENDED, ""},
    {"a load", a_load, GATE_OPEN, GATE_ADMISSION, GATE_ADMISSION, "waiting: the load is"},
};

static struct job *add_to_queue(struct supervisor *s)
{
    struct spec *spec = fixture_spec();

    assert_non_null(queue_get(s, "q"));
    spec->queue = strdup("q");
    return fixture_add(s, spec);
}

static void set_scene(struct scene *scene, struct supervisor *s)
{
    *scene = (struct scene){.s = s, .other = add_to_queue(s)};
    scene->job = add_to_queue(s);
    scene->batch = fixture_add_batch(s, fixture_spec(), 1, 2);
    scene->child = jobs_find(s->jobs, jobid_make(jobid_top(scene->batch->key), 2));
    assert_non_null(scene->child);
}

static enum gate ask(struct scene *scene, const struct job *job, char *words, size_t size)
{
    struct buffer text = BUFFER_INIT;
    enum gate gate = gate_of(scene->s, job, &text);

    (void)snprintf(words, size, "%.*s", (int)text.size, text.data ? text.data : "");
    buffer_release(&text);
    return gate;
}

static void each_job_that_waits_has_the_gate_that_holds_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char job[200], child[200], batch[200];
        enum gate of_job, of_child, of_batch;
        struct scene scene;
        void *own;

        assert_int_equal(fixture_open(&own), 0);
        set_scene(&scene, own);
        rows[i].set(&scene);
        of_job = ask(&scene, scene.job, job, sizeof job);
        of_child = ask(&scene, scene.child, child, sizeof child);
        of_batch = ask(&scene, scene.batch, batch, sizeof batch);
        if (of_job != rows[i].job || of_child != rows[i].child || of_batch != rows[i].batch)
            fail_msg("%s: %s, %s, %s", rows[i].title, gate_name(of_job), gate_name(of_child),
                     gate_name(of_batch));
        if (strncmp(*job ? job : child, rows[i].words, strlen(rows[i].words)) != 0)
            fail_msg("%s: says %s", rows[i].title, *job ? job : child);
        scene.s->store->uncommitted = false;
        assert_int_equal(fixture_close(&own), 0);
    }
}

static void each_gate_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < GATES; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(gate_name((enum gate)i), gate_name((enum gate)j));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_job_that_waits_has_the_gate_that_holds_it),
        cmocka_unit_test(each_gate_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
