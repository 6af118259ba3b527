#include "supervisor/ingest.h"

#include "journal/output.h"
#include "journal/segment.h"
#include "os/file.h"
#include "supervisor/chunk.h"
#include "supervisor/life.h"
#include "supervisor/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- one record ---- */

static void ingest_output(struct supervisor *s, struct job *job, const struct record *record)
{
    struct output output;

    if (output_decode(record->payload, record->size, &output) != (ssize_t)record->size)
        return;
    chunk_append(job, record->payload, record->size);
    if (output.stream == OUTPUT_OUT)
        job->extent.out_size = output.position + output.size;
    else
        job->extent.err_size = output.position + output.size;
    job_touch(job);
    watch_output(s, job);
}

static void ingest_spill(struct supervisor *s, struct job *job, const struct record_spill *spill)
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
    watch_output(s, job);
}

static void ingest_apply(struct supervisor *s, struct job *job, const struct record *record)
{
    union {
        struct record_started started;
        struct record_failure failure;
        struct record_spill spill;
        struct record_exit ended;
        struct record_stopping stopping;
    } u = {0};
    uint32_t lane = 0;

    if (record->type == RECORD_INTENT) {
        memcpy(&lane, record->payload, record->size < sizeof lane ? record->size : sizeof lane);
        life_intent(s, job, record->attempt, lane);
        return;
    }
    if (record->type == RECORD_FAILED_TO_START && record->attempt == job->attempt + 1)
        life_intent(s, job, record->attempt, 0); /* refused before it was intended */
    if (record->attempt != job->attempt)
        return;
    if (record->type != RECORD_OUTPUT)
        memcpy(&u, record->payload, record->size < sizeof u ? record->size : sizeof u);
    switch (record->type) {
    case RECORD_STARTED:
        life_started(s, job, &u.started);
        break;
    case RECORD_FAILED_TO_START:
        life_failed_to_start(s, job, &u.failure, record->wall);
        break;
    case RECORD_OUTPUT:
        ingest_output(s, job, record);
        break;
    case RECORD_SPILL:
        ingest_spill(s, job, &u.spill);
        break;
    case RECORD_STOPPING:
        life_stopping(job, &u.stopping);
        break;
    case RECORD_EXITED:
        life_exited(s, job, &u.ended, record->wall);
        break;
    case RECORD_CLOSED:
        life_closed(s, job);
        break;
    default:
        break;
    }
}

/* A record of a job that has been removed is passed over. */
static void ingest_record(struct supervisor *s, const struct record *record)
{
    struct job *job = jobs_get(&s->jobs, record->job);

    if (!job)
        return;
    ingest_apply(s, job, record);
    jobs_put(job);
}

/* ---- segments ---- */

static int ingest_copy(int from, int to)
{
    char data[65536];
    uint64_t at = 0;
    ssize_t n;
    int r = 0;

    while (r == 0 && (n = os_pread(from, data, sizeof data, at)) > 0) {
        r = os_write_all(to, data, (size_t)n);
        at += (uint64_t)n;
    }
    return r;
}

/* Keeps a copy of a damaged segment as evidence, and says so. */
static void ingest_set_aside(struct supervisor *s)
{
    char name[SEGMENT_NAME];
    int dir = home_subdir(&s->home, "damaged", NULL), fd;

    segment_name(s->reader->number, name);
    (void)snprintf(s->warning, sizeof s->warning,
                   "journal segment %s is damaged at byte %llu: a copy is in %s/damaged, records "
                   "in the bad bytes are lost",
                   name, (unsigned long long)s->reader->offset, s->home.path);
    if (dir < 0)
        return;
    fd = os_openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (fd >= 0) {
        (void)ingest_copy(s->reader->fd, fd);
        (void)os_close(fd);
    }
    (void)os_close(dir);
}

/* Bad bytes at the reader's position: whether reading can go on in this segment. */
static bool ingest_skip(struct supervisor *s)
{
    uint64_t next;

    if (!segment_reader_damaged(s->reader, &next))
        return false;
    ingest_set_aside(s);
    segment_reader_release(s->reader);
    return segment_reader_open(s->reader, s->journal_dir, s->segment, next) == 0;
}

static void ingest_delete_before(struct supervisor *s, uint64_t number)
{
    char name[SEGMENT_NAME];
    uint64_t old;

    if (store_checkpoint(&s->store) < 0)
        return;
    while (segment_find(s->journal_dir, 0, &old) == 0 && old < number) {
        segment_name(old, name);
        if (unlinkat(s->journal_dir, name, 0) < 0)
            return;
    }
}

/* Goes on to the next segment, if there is one: the one at hand is then final. */
static bool ingest_advance(struct supervisor *s)
{
    uint64_t next;

    if (segment_find(s->journal_dir, s->segment + 1, &next) < 0)
        return false;
    segment_reader_release(s->reader);
    if (segment_reader_open(s->reader, s->journal_dir, next, 0) < 0)
        return false;
    s->segment = next;
    s->offset = s->reader->offset;
    ingest_flush(s);
    supervisor_flush(s);
    if (store_commit(&s->store) == 0)
        ingest_delete_before(s, next);
    return true;
}

static bool ingest_is_behind(const struct supervisor *s)
{
    return s->segment < s->runner.segment ||
           (s->segment == s->runner.segment && s->offset < s->runner.offset);
}

/* All records of the segment at hand that the runner has told of. */
static bool ingest_segment(struct supervisor *s)
{
    struct record record;
    bool any = false;
    int r;

    while (ingest_is_behind(s)) {
        r = segment_reader_next(s->reader, &record);
        if (r == 1)
            ingest_record(s, &record);
        else if (r != -EBADMSG || !ingest_skip(s))
            break;
        s->offset = s->reader->offset;
        any = true;
    }
    return any;
}

bool ingest_run(struct supervisor *s)
{
    bool any = false;

    if (s->reader->fd < 0 && !ingest_advance(s))
        return false;
    while (ingest_is_behind(s)) {
        any = ingest_segment(s) || any;
        if (s->segment >= s->runner.segment || !ingest_advance(s))
            break;
    }
    if (any)
        store_begin(&s->store);
    return any;
}

void ingest_flush(struct supervisor *s)
{
    store_set_meta(&s->store, "segment", (int64_t)s->segment);
    store_set_meta(&s->store, "offset", (int64_t)s->offset);
}

int ingest_open(struct supervisor *s, struct error *err)
{
    int r;

    s->reader = malloc(sizeof *s->reader);
    if (!s->reader)
        return error_system(err, -ENOMEM, "journal");
    *s->reader = (struct segment_reader)SEGMENT_READER_INIT;
    s->segment = (uint64_t)store_meta(&s->store, "segment", 0);
    s->offset = (uint64_t)store_meta(&s->store, "offset", 0);
    r = segment_reader_open(s->reader, s->journal_dir, s->segment, s->offset);
    if (r == -EBADMSG)
        (void)snprintf(s->warning, sizeof s->warning,
                       "journal segment %016llx has no readable header: what it told is lost; it "
                       "is left in %s/journal",
                       (unsigned long long)s->segment, s->home.path);
    return 0;
}

void ingest_close(struct supervisor *s)
{
    if (!s->reader)
        return;
    segment_reader_release(s->reader);
    free(s->reader);
    s->reader = NULL;
}
