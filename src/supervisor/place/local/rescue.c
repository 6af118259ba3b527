#include "supervisor/place/local/rescue.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "journal/output.h"
#include "journal/segment.h"
#include "link/memory.h"
#include "os/file.h"
#include "supervisor/job/kept_output.h"
#include "supervisor/life/life.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/job/job.h"
#include "supervisor/job/notify.h"
#include "supervisor/place/local/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void rescue_keep(struct supervisor *s)
{
    if (s->local->rescue.memory >= 0)
        return;
    s->local->rescue.memory = s->local->runner.memory;
    s->local->runner.memory = -1;
}

/* Whether the runner at hand is the one whose memory was kept. */
static bool rescue_is_alive(const struct supervisor *s)
{
    struct stat kept, at_hand;

    return s->local->rescue.memory >= 0 && s->local->runner.memory >= 0 &&
           fstat(s->local->rescue.memory, &kept) == 0 &&
           fstat(s->local->runner.memory, &at_hand) == 0 && kept.st_dev == at_hand.st_dev &&
           kept.st_ino == at_hand.st_ino;
}

/* ---- records ---- */

/* 1, or 0 where the segment is not there any more. */
static int rescue_write(struct supervisor *s, const struct link_records *tail, const char *records)
{
    char name[SEGMENT_NAME];
    int fd, r;

    segment_name(tail->number, name);
    fd = os_openat(s->journal_dir, name, O_WRONLY | O_NOFOLLOW, 0);
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = os_pwrite_all(fd, records, tail->end - tail->base, tail->base);
    (void)os_close(fd);
    return r < 0 ? r : 1;
}

/* 1: the journal has all that was collected. 0: nobody can tell: the runner died as it went over
 * to another segment. */
static int rescue_tail(struct supervisor *s, char *records)
{
    struct link_records tail;
    ssize_t n = os_pread_full(s->local->rescue.memory, &tail, sizeof tail,
                              offsetof(struct link_memory, tail));

    if (n < (ssize_t)sizeof tail)
        return n < 0 ? (int)n : 0;
    if (tail.end < tail.base || tail.end - tail.base > LINK_MEMORY_RECORDS)
        return 0;
    if (tail.end == tail.base)
        return 1;
    log_info("place", "%llu bytes of records that the last runner had not written are kept",
             (unsigned long long)(tail.end - tail.base));
    n = os_pread_full(s->local->rescue.memory, records, tail.end - tail.base,
                      offsetof(struct link_memory, records));
    return n < 0 ? (int)n : rescue_write(s, &tail, records);
}

int rescue_records(struct supervisor *s, struct error *err)
{
    char *records;
    int r;

    if (rescue_is_alive(s)) {
        rescue_kept(&s->local->rescue);
        return 0;
    }
    s->local->rescue.complete = false;
    if (s->local->rescue.memory < 0)
        return 0;
    s->local->rescue.due = true;
    records = alloc_get(LINK_MEMORY_RECORDS);
    r = records ? rescue_tail(s, records) : -ENOMEM;
    free(records);
    if (r < 0)
        return error_system(err, r, "what the last runner told cannot be written to the journal");
    s->local->rescue.complete = r == 1;
    return 0;
}

/* ---- output ---- */

/* Behind the records that the job's spill file has, as kept_output_measure_spill found them. */
static int rescue_spill(struct supervisor *s, struct job *job, const char *record, size_t size)
{
    char name[OUTPUT_SPILL_NAME];
    int fd, r;

    output_spill_name(job->key, job->attempt, name);
    fd = os_openat(s->spill_dir, name, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fd;
    r = os_truncate(fd, job->extent.spill);
    if (r == 0)
        r = os_pwrite_all(fd, record, size, job->extent.spill);
    (void)os_close(fd);
    if (r == 0)
        job->extent.spill += size;
    return r;
}

/* Keeps bytes of a stream as one record. */
static int rescue_add(struct supervisor *s, struct job *job, enum link_takes which,
                      const struct output *output)
{
    uint64_t *end = output->stream == OUTPUT_OUT ? &job->extent.out_size : &job->extent.err_size;
    size_t size = OUTPUT_HEADER + output->size;
    char *record = alloc_get(size);
    int r = record ? 0 : -ENOMEM;

    if (r == 0) {
        memcpy(record + OUTPUT_HEADER, output->bytes, output->size);
        output_encode_header(output, record);
    }
    if (r == 0 && which == LINK_TAKE_SPILL)
        r = rescue_spill(s, job, record, size);
    else if (r == 0)
        kept_output_append(job, record, size);
    free(record);
    if (r == 0)
        *end = output->position + output->size;
    return r;
}

/* What of the bytes the journal and the spill file do not have yet. */
static int rescue_rest(struct supervisor *s, struct job *job, enum link_takes which,
                       const struct link_take *take, const char *bytes)
{
    uint64_t size = (uint64_t)(take->cursor - take->begin);
    uint64_t had = take->stream == OUTPUT_OUT ? job->extent.out_size : job->extent.err_size;
    uint64_t done = had > take->position ? had - take->position : 0;
    int r = 0;

    for (uint64_t n; r == 0 && done < size; done += n) {
        n = size - done < OUTPUT_PAYLOAD ? size - done : OUTPUT_PAYLOAD;
        r = rescue_add(s, job, which,
                       &(struct output){.stream = (enum output_stream)take->stream,
                                        .wall = clock_wall(),
                                        .position = take->position + done,
                                        .bytes = bytes + done,
                                        .size = n});
    }
    return r;
}

static int rescue_take(struct supervisor *s, struct job *job, enum link_takes which,
                       const struct link_take *take)
{
    size_t size = (size_t)(take->cursor - take->begin);
    char *bytes = alloc_get(size);
    ssize_t n = bytes ? os_pread_full(s->local->rescue.memory, bytes, size, (uint64_t)take->begin)
                      : -ENOMEM;
    int r = n < 0 ? (int)n : n < (ssize_t)size ? -EIO : 0;

    if (r == 0) {
        log_info("place", "job %s: %zu bytes of its output that the last runner held are kept",
                 job_id(job), size);
        kept_output_measure_spill(job, s->spill_dir);
        r = rescue_rest(s, job, which, take, bytes);
    }
    free(bytes);
    return r;
}

static bool rescue_read_take(const struct supervisor *s, enum link_takes which,
                             struct link_take *take)
{
    const uint64_t at = offsetof(struct link_memory, takes) + which * sizeof *take;

    return os_pread_full(s->local->rescue.memory, take, sizeof *take, at) == sizeof *take &&
           take->begin > 0 && take->cursor > take->begin &&
           take->cursor <= (int64_t)sizeof(struct link_memory);
}

/* The job whose output it is, or NULL where nobody has that any more. */
static struct job *rescue_job(struct supervisor *s, const struct link_take *take)
{
    struct job *job = jobs_get(s->jobs, take->job);

    if (job && job->attempt == take->attempt && (job_has_begun(job) || job_is_finished(job)))
        return job;
    jobs_put(job);
    return NULL;
}

int rescue_output(struct supervisor *s, struct error *err)
{
    struct link_take take;
    struct job *job;
    int r = 0;

    for (enum link_takes which = 0; r == 0 && s->local->rescue.due && which < LINK_TAKES; which++) {
        job = rescue_read_take(s, which, &take) ? rescue_job(s, &take) : NULL;
        if (!job)
            continue;
        r = rescue_take(s, job, which, &take);
        job_touch(job);
        notify_printed(job);
        jobs_put(job);
    }
    return r < 0 ? error_system(err, r, "output that the last runner held cannot be kept") : 0;
}

void rescue_kept(struct rescue *rescue)
{
    if (rescue->memory >= 0)
        (void)os_close(rescue->memory);
    rescue->memory = -1;
    rescue->due = false;
}
