#include "supervisor_fixture.h"
#include "loop.h"
#include "fake_place.h"
#include "test.h"

#include "os/file.h"
#include "supervisor/load.h"
#include "supervisor/rooms.h"
#include "supervisor/store/environment.h"
#include "supervisor/life/intake.h"
#include "supervisor/life/life.h"
#include "supervisor/life/settle.h"
#include "supervisor/job/queue.h"
#include "supervisor/schedule/scheduler.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/batch/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIXTURE_JOBS 256

struct fixture {
    struct rooms rooms; /* first: tests see its supervisor alone, which stands first there */
    struct job *jobs[FIXTURE_JOBS];
    size_t count;
};

int fixture_open(void **state)
{
    char path[] = "/tmp/drover-unit-XXXXXX";
    struct fixture *f = calloc(1, sizeof *f);
    struct supervisor *s = &f->rooms.s;
    struct error err;

    if (!f || !mkdtemp(path) || setenv("DROVER_HOME", path, 1) < 0)
        return -1;
    assert_int_equal(rooms_init(&f->rooms, &err), 0);
    assert_int_equal(home_open(&s->home, &err), 0);
    s->spill_dir = home_subdir(&s->home, "spill", &err);
    s->input_dir = home_subdir(&s->home, "input", &err);
    assert_int_equal(store_open(s->store, &s->home, false, &err), 0);
    queues_load(s);
    s->jobs->next_id = 1;
    fake_place_open();
    *state = s;
    return 0;
}

int fixture_close(void **state)
{
    struct fixture *f = *state;
    struct supervisor *s = &f->rooms.s;
    char command[PATH_MAX + 16];

    assert_string_equal(s->broken.text, "");
    fixture_commit(s);
    for (size_t i = 0; i < f->count; i++)
        jobs_put(f->jobs[i]);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", s->home.path);
    batches_release(s);
    queues_release(s);
    jobs_release(s->jobs);
    store_close(s->store);
    loop_close(&s->loop);
    (void)os_close(s->spill_dir);
    (void)os_close(s->input_dir);
    home_release(&s->home);
    free(f);
    return system(command) == 0 ? 0 : -1;
}

void fixture_commit(struct supervisor *s)
{
    settle_run(s);
    store_flush(s->store);
    assert_int_equal(store_commit(s->store), 0);
    s->store->uncommitted = false;
    batches_committed(s);
    queues_changed(s);
}

struct spec *fixture_spec(void)
{
    static const char words[] = "echo\0hello";
    struct spec *spec = spec_new();

    assert_non_null(spec);
    spec->argv = malloc(sizeof words);
    assert_non_null(spec->argv);
    memcpy(spec->argv, words, sizeof words);
    spec->argv_size = sizeof words;
    spec->cwd = strdup("/");
    return spec;
}

struct job *fixture_add(struct supervisor *s, struct spec *spec)
{
    struct fixture *f = (struct fixture *)(void *)s;
    struct environment e = {.umask = 022, .lines = (char *)(uintptr_t) "A=1", .lines_size = 4};
    struct job *job;

    spec->environment = environment_store(s->store, &e);
    spec->key = jobid_make(s->jobs->next_id++, 0);
    job = jobs_add(s->jobs, spec->key, spec);
    assert_non_null(job);
    spec_store(s->store, spec);
    spec_unref(spec);
    assert_true(f->count < FIXTURE_JOBS);
    f->jobs[f->count++] = job;
    s->store->uncommitted = true;
    return job;
}

struct job *fixture_add_batch(struct supervisor *s, struct spec *spec, int64_t throttle,
                              size_t items)
{
    struct batch *batch;
    struct job *job;
    char item[32];

    spec->batch = true;
    job = fixture_add(s, spec);
    batch = batch_create(s, job, throttle, false, &(struct policy){0});
    assert_non_null(batch);
    for (size_t i = 1; i <= items; i++) {
        (void)snprintf(item, sizeof item, "item %zu", i);
        assert_int_equal(intake_item(s, batch, item, strlen(item)), 0);
    }
    batch_end_input(s, batch, INPUT_COMPLETE);
    fixture_commit(s);
    return job;
}

void fixture_forget(struct supervisor *s, jobid key)
{
    struct fixture *f = (struct fixture *)(void *)s;

    for (size_t i = 0; i < f->count; i++) {
        if (!f->jobs[i] || f->jobs[i]->key != key)
            continue;
        jobs_put(f->jobs[i]);
        f->jobs[i] = NULL;
    }
}

void fixture_reload(struct supervisor *s)
{
    struct fixture *f = (struct fixture *)(void *)s;
    jobid keys[FIXTURE_JOBS];
    struct error err;

    fixture_commit(s);
    for (size_t i = 0; i < f->count; i++)
        keys[i] = f->jobs[i]->key;
    load_forget(s);
    assert_int_equal(load_all(s, &err), 0);
    for (size_t i = 0; i < f->count; i++)
        f->jobs[i] = jobs_get(s->jobs, keys[i]);
}

size_t fixture_schedule(struct supervisor *s)
{
    int64_t before = s->jobs->dispatched;

    settle_run(s);
    scheduler_run(s);
    return (size_t)(s->jobs->dispatched - before);
}
