#include "fake_place.h"
#include "test.h"

#include "base/clock.h"
#include "base/verdict.h"
#include "supervisor/life/life.h"
#include "supervisor/life/settle.h"
#include "supervisor/life/attempt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct fake_place fake_place;

static void fake_ask(const char *what)
{
    size_t used = strlen(fake_place.asked);

    (void)snprintf(fake_place.asked + used, sizeof fake_place.asked - used, "%s%s", used ? " " : "",
                   what);
}

/* ---- what is asked of it ---- */

static void fake_room(const struct supervisor *s, struct place_room *room)
{
    (void)s;
    *room = fake_place.room;
}

static ssize_t fake_start(struct supervisor *s, struct job *job, size_t most)
{
    size_t size = job->spec->argv_size + 64; /* and what goes with its words */

    (void)s;
    fake_ask("start");
    return size > most ? -EMSGSIZE : (ssize_t)size;
}

static void fake_set_line(struct supervisor *s, jobid batch, int64_t width)
{
    (void)s, (void)batch, (void)width;
}

static void fake_stop(struct supervisor *s, const struct job *job)
{
    (void)s;
    fake_ask(stage_is_live(job->stage)     ? "stop"
             : job->stage == STAGE_IN_LINE ? "revoke"
                                           : "stop-later");
}

static void fake_time_out(struct supervisor *s, const struct job *job)
{
    (void)s, (void)job;
    fake_ask("time-out");
}

static void fake_suspend(struct supervisor *s, const struct job *job)
{
    (void)s, (void)job;
    fake_ask("suspend");
}

static void fake_resume(struct supervisor *s, const struct job *job)
{
    (void)s, (void)job;
    fake_ask("resume");
}

static void fake_end_left(struct supervisor *s, const struct job *job, int64_t grace)
{
    (void)s, (void)job, (void)grace;
    fake_ask("end-left");
}

static void fake_forget_job(struct supervisor *s, const struct job *job)
{
    (void)s, (void)job;
    fake_ask("forget");
}

static void fake_recover(struct supervisor *s, struct job *job)
{
    fake_ask("recover");
    if (fake_place.finds) {
        life_found(s, job);
        return;
    }
    attempt_lost(s, job, "nobody saw its end");
    attempt_closed(s, job);
}

static void fake_find_left(struct supervisor *s, struct job *job)
{
    attempt_closed(s, job);
}

/* What it has it says before anything is looked for. */
static int fake_open(struct supervisor *s, struct error *err)
{
    (void)err;
    for (size_t i = 0; i < fake_place.count; i++) {
        struct job *job = jobs_get(s->jobs, fake_place.has[i].key);

        if (job && job->attempt == fake_place.has[i].attempt)
            life_found(s, job);
        jobs_put(job);
    }
    return 0;
}

/* As the first place, which is this machine, is called: it takes its place. */
static const struct place fake = {.name = "local",
                                  .lines = 4,
                                  .line_jobs = 128,
                                  .line_text = 1 << 16,
                                  .open = fake_open,
                                  .room = fake_room,
                                  .start = fake_start,
                                  .set_line = fake_set_line,
                                  .stop = fake_stop,
                                  .time_out = fake_time_out,
                                  .suspend = fake_suspend,
                                  .resume = fake_resume,
                                  .end_left = fake_end_left,
                                  .forget = fake_forget_job,
                                  .recover = fake_recover,
                                  .find_left = fake_find_left};

void fake_place_open(void)
{
    fake_place = (struct fake_place){
        .room = {.reached = true, .starts = true, .keeps = true, .capacity = 1000}};
    place_register(&fake);
}

/* ---- what it tells ---- */

void fake_begin(struct supervisor *s, struct job *job)
{
    struct record_started started = {.pid = 12345, .start = 1, .begin = clock_wall()};

    attempt_intent(s, job, job->attempt + 1, 0, clock_wall());
    attempt_started(s, job, &started);
    assert_true(fake_place.count < FAKE_ATTEMPTS);
    fake_place.has[fake_place.count].key = job->key;
    fake_place.has[fake_place.count++].attempt = job->attempt;
}

static void fake_drop(const struct job *job)
{
    for (size_t i = 0; i < fake_place.count; i++)
        if (fake_place.has[i].key == job->key)
            fake_place.has[i] = fake_place.has[--fake_place.count];
}

static void fake_tell_exit(struct supervisor *s, struct job *job, const struct record_exit *ended)
{
    fake_drop(job);
    attempt_exited(s, job, ended, &(struct verdict){.kind = VERDICT_UNKNOWN}, clock_wall());
    attempt_closed(s, job);
    settle_run(s); /* as the turn does, behind all that was told */
}

void fake_exit(struct supervisor *s, struct job *job, int status, enum drover_cause cause)
{
    fake_tell_exit(
        s, job,
        &(struct record_exit){.status = status, .how = EXIT_WAITED, .cause = (uint8_t)cause});
}

void fake_lose(struct supervisor *s, struct job *job)
{
    fake_tell_exit(s, job, &(struct record_exit){.how = EXIT_UNKNOWN});
}

void fake_refuse(struct supervisor *s, struct job *job, enum record_step step, int error)
{
    struct record_failure failure = {.step = step, .error = (uint32_t)error};

    attempt_intent(s, job, job->attempt + 1, 0, clock_wall());
    attempt_failed_to_start(s, job, &failure, clock_wall());
}

void fake_forget(void)
{
    fake_place.count = 0;
}
