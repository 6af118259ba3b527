#include "supervisor/place/local/apply.h"

#include "base/verdict.h"
#include "journal/output.h"
#include "supervisor/job/kept_output.h"
#include "supervisor/job/job.h"
#include "supervisor/job/notify.h"
#include "supervisor/life/left.h"
#include "supervisor/life/attempt.h"
#include "supervisor/place/local/verdict_file.h"

#include <string.h>

static void apply_output(struct job *job, const struct record *record)
{
    struct output output;
    uint64_t *end;

    if (output_decode(record->payload, record->size, &output) != (ssize_t)record->size)
        return;
    end = output.stream == OUTPUT_OUT ? &job->extent.out_size : &job->extent.err_size;
    if (output.position > *end)
        attempt_torn(job);
    kept_output_append(job, record->payload, record->size);
    *end = output.position + output.size;
    job_touch(job);
    notify_printed(job);
}

static void apply_spill(struct job *job, const struct record_spill *spill)
{
    struct extent *e = &job->extent;

    e->spill = spill->size;
    e->out_size = spill->out_size;
    e->err_size = spill->err_size;
    e->cut_from = spill->cut_from;
    e->cut_to = spill->cut_to;
    e->cut_out = spill->cut_out;
    e->cut_err = spill->cut_err;
    job_touch(job);
    notify_printed(job);
}

static void apply_exited(struct supervisor *s, struct job *job, const struct record_exit *ended,
                         const struct record *record)
{
    struct verdict verdict = {.kind = VERDICT_UNKNOWN};

    if (ended->told && record->size >= sizeof *ended)
        verdict_read(&verdict, (const char *)record->payload + sizeof *ended,
                     record->size - sizeof *ended);
    attempt_exited(s, job, ended, &verdict, record->wall);
    if (ended->told)
        verdict_file_delete(s, job->key, record->attempt);
}

static void apply_to(struct supervisor *s, struct job *job, const struct record *record)
{
    union {
        struct record_started started;
        struct record_failure failure;
        struct record_spill spill;
        struct record_exit ended;
        struct record_stopping stopping;
        struct record_left left;
    } u = {0};
    uint32_t slot_number = 0;

    if (record->type == RECORD_INTENT) {
        memcpy(&slot_number, record->payload,
               record->size < sizeof slot_number ? record->size : sizeof slot_number);
        attempt_intent(s, job, record->attempt, slot_number, record->wall);
        return;
    }
    if (record->type == RECORD_FAILED_TO_START && record->attempt == job->attempt + 1)
        attempt_intent(s, job, record->attempt, 0,
                       record->wall); /* refused before it was intended */
    if (record->attempt != job->attempt)
        return;
    if (record->type != RECORD_OUTPUT)
        memcpy(&u, record->payload, record->size < sizeof u ? record->size : sizeof u);
    switch (record->type) {
    case RECORD_STARTED:
        attempt_started(s, job, &u.started);
        break;
    case RECORD_FAILED_TO_START:
        attempt_failed_to_start(s, job, &u.failure, record->wall);
        break;
    case RECORD_OUTPUT:
        apply_output(job, record);
        break;
    case RECORD_SPILL:
        apply_spill(job, &u.spill);
        break;
    case RECORD_STOPPING:
        attempt_stopping(job, &u.stopping);
        break;
    case RECORD_EXITED:
        apply_exited(s, job, &u.ended, record);
        break;
    case RECORD_REAPED:
        attempt_reaped(job, &u.ended);
        break;
    case RECORD_LEFT:
        left_told(s, job, &u.left);
        break;
    case RECORD_CLOSED:
        attempt_closed(s, job);
        break;
    default:
        break;
    }
}

void apply_record(struct supervisor *s, const struct record *record)
{
    struct job *job = jobs_get(s->jobs, record->job);

    if (!job)
        return;
    apply_to(s, job, record);
    jobs_put(job);
}
