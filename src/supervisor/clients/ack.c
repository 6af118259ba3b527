#include "supervisor/clients/ack.h"

#include "base/log.h"

struct ack ack_read(const json_t *json)
{
    struct ack ack = {
        .attempt = (uint32_t)json_integer_value(json_object_get(json, "attempt")),
        .out = (uint64_t)json_integer_value(json_object_get(json, "out")),
        .err = (uint64_t)json_integer_value(json_object_get(json, "err")),
    };

    if (json)
        (void)jobid_parse(json_string_value(json_object_get(json, "job")), &ack.key);
    return ack;
}

void ack_advance(struct job *job, struct position *reached, struct position to)
{
    if (to.position == UINT64_MAX || !position_is_behind(&to, reached))
        return;
    *reached = to;
    job_touch(job);
}

static struct position ack_position(uint32_t attempt, uint64_t received, uint64_t printed)
{
    return (struct position){attempt, received < printed ? received : printed};
}

void ack_apply(struct job *job, const struct ack *ack)
{
    struct extent extent;

    if (job_extent(job, ack->attempt, &extent) < 0)
        return;
    log_debug("serve", "job %s, attempt %u: received up to byte %llu of stdout, %llu of stderr",
              job_id(job), ack->attempt, (unsigned long long)ack->out,
              (unsigned long long)ack->err);
    if (ack->out)
        ack_advance(job, &job->cursor.out, ack_position(ack->attempt, ack->out, extent.out_size));
    if (ack->err)
        ack_advance(job, &job->cursor.err, ack_position(ack->attempt, ack->err, extent.err_size));
}
