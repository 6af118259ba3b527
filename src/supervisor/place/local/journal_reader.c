#include "supervisor/place/local/journal_reader.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/verdict.h"
#include "journal/output.h"
#include "journal/segment.h"
#include "os/file.h"
#include "supervisor/job/chunk.h"
#include "supervisor/life/left.h"
#include "supervisor/life/life.h"
#include "supervisor/life/settle.h"
#include "supervisor/job/job.h"
#include "supervisor/job/notify.h"
#include "supervisor/store/store.h"
#include "supervisor/place/local/state.h"
#include "supervisor/place/local/verdict_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- one record ---- */

static void ingest_output(struct job *job, const struct record *record)
{
    struct output output;
    uint64_t *end;

    if (output_decode(record->payload, record->size, &output) != (ssize_t)record->size)
        return;
    end = output.stream == OUTPUT_OUT ? &job->extent.out_size : &job->extent.err_size;
    if (output.position > *end)
        life_torn(job);
    chunk_append(job, record->payload, record->size);
    *end = output.position + output.size;
    job_touch(job);
    notify_printed(job);
}

static void ingest_spill(struct job *job, const struct record_spill *spill)
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

static void ingest_exited(struct supervisor *s, struct job *job, const struct record_exit *ended,
                          const struct record *record)
{
    struct verdict verdict = {.kind = VERDICT_UNKNOWN};

    if (ended->told && record->size >= sizeof *ended)
        verdict_read(&verdict, (const char *)record->payload + sizeof *ended,
                     record->size - sizeof *ended);
    life_exited(s, job, ended, &verdict, record->wall);
    if (ended->told)
        verdict_file_delete(s, job->key, record->attempt);
}

static void ingest_apply(struct supervisor *s, struct job *job, const struct record *record)
{
    union {
        struct record_started started;
        struct record_failure failure;
        struct record_spill spill;
        struct record_exit ended;
        struct record_stopping stopping;
        struct record_left left;
    } u = {0};
    uint32_t lane = 0;

    if (record->type == RECORD_INTENT) {
        memcpy(&lane, record->payload, record->size < sizeof lane ? record->size : sizeof lane);
        life_intent(s, job, record->attempt, lane, record->wall);
        return;
    }
    if (record->type == RECORD_FAILED_TO_START && record->attempt == job->attempt + 1)
        life_intent(s, job, record->attempt, 0, record->wall); /* refused before it was intended */
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
        ingest_output(job, record);
        break;
    case RECORD_SPILL:
        ingest_spill(job, &u.spill);
        break;
    case RECORD_STOPPING:
        life_stopping(job, &u.stopping);
        break;
    case RECORD_EXITED:
        ingest_exited(s, job, &u.ended, record);
        break;
    case RECORD_REAPED:
        life_reaped(job, &u.ended);
        break;
    case RECORD_LEFT:
        left_told(s, job, &u.left);
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
    struct job *job = jobs_get(s->jobs, record->job);

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

/* Keeps a copy of a damaged segment as evidence. */
static void ingest_set_aside(struct supervisor *s, const char *name)
{
    int dir = home_subdir(&s->home, "damaged", NULL), from, to = -1;

    from = os_openat(s->journal_dir, name, O_RDONLY | O_NOFOLLOW, 0);
    if (dir >= 0 && from >= 0)
        to = os_openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (to >= 0) {
        int r = ingest_copy(from, to);

        if (r < 0)
            log_warning("place", "the copy in damaged is not whole: error %d", -r);
        (void)os_close(to);
    }
    if (from >= 0)
        (void)os_close(from);
    if (dir >= 0)
        (void)os_close(dir);
}

static void ingest_tell_damage(struct supervisor *s)
{
    char name[SEGMENT_NAME];

    segment_name(s->places->segment, name);
    (void)snprintf(s->places->warning, sizeof s->places->warning,
                   "journal segment %s is damaged at byte %llu: a copy is in %s/damaged, records "
                   "in the bad bytes are lost",
                   name, (unsigned long long)s->places->offset, s->home.path);
    log_error("place", "%s", s->places->warning);
    ingest_set_aside(s, name);
}

static void ingest_tell_gap(struct supervisor *s, uint64_t first, uint64_t last)
{
    char from[SEGMENT_NAME], to[SEGMENT_NAME];

    segment_name(first, from);
    segment_name(last, to);
    (void)snprintf(s->places->warning, sizeof s->places->warning,
                   "journal segment %s%s%s: not there any more, what was told in it is lost", from,
                   first == last ? "" : " to ", first == last ? "" : to);
    log_error("place", "%s", s->places->warning);
}

static void ingest_delete_before(struct supervisor *s, uint64_t number)
{
    char name[SEGMENT_NAME];
    uint64_t old;

    if (store_checkpoint(s->store) < 0)
        return;
    while (segment_find(s->journal_dir, 0, &old) == 0 && old < number) {
        segment_name(old, name);
        if (unlinkat(s->journal_dir, name, 0) < 0) {
            log_warning("place", "segment %s cannot be deleted: error %d", name, errno);
            return;
        }
        log_debug("place", "segment %s is read and deleted", name);
    }
}

/* ---- the position ---- */

void ingest_flush(struct supervisor *s)
{
    if (s->places->reader->fd < 0)
        return;
    store_set_meta(s->store, "segment", (int64_t)s->places->segment);
    store_set_meta(s->store, "offset", (int64_t)s->places->offset);
}

/* Goes to the beginning of another segment, which is opened next. */
static void ingest_go_to(struct supervisor *s, uint64_t number)
{
    segment_reader_release(s->places->reader);
    s->places->segment = number;
    s->places->offset = 0;
}

/*
 * The file that the runner writes is gone or spoilt, so that nothing it tells can be read: another
 * runner takes its place, which begins a segment of its own and finds the jobs.
 */
static int ingest_dismiss_runner(struct supervisor *s)
{
    log_warning("place", "runner %d writes what cannot be read: it is killed and replaced",
                (int)s->places->runner.pid);
    if (s->places->runner.pid > 1)
        (void)kill(s->places->runner.pid, SIGKILL);
    return -ESTALE;
}

/* To the segment behind the one at hand, which is final: 0, or -ESTALE, or what reading failed
 * with. */
static int ingest_go_on(struct supervisor *s)
{
    uint64_t next;
    int r = segment_find(s->journal_dir, s->places->segment + 1, &next);

    if (r == -ENOENT)
        next = s->places->runner.segment + 1;
    else if (r < 0)
        return r;
    if (s->places->segment && next > s->places->segment + 1)
        ingest_tell_gap(s, s->places->segment + 1, next - 1);
    if (r == -ENOENT)
        return ingest_dismiss_runner(s);
    ingest_go_to(s, next);
    return 0;
}

/* ---- segments ---- */

/* A position that is ahead of the runner's is one in another journal: ingest_enter finds that out.
 */
static bool ingest_is_done(const struct supervisor *s)
{
    return (s->places->segment == s->places->runner.segment &&
            s->places->offset == s->places->runner.offset) ||
           s->store->error.code;
}

/* A segment of this name with another salt is not the one that was read so far. */
static void ingest_check_salt(struct supervisor *s)
{
    int64_t salt = (int64_t)s->places->reader->salt, known = store_meta(s->store, "salt", 0);

    if (known && known != salt && s->places->offset) {
        ingest_tell_gap(s, s->places->segment, s->places->segment);
        s->places->reader->offset = SEGMENT_HEADER;
    }
    s->places->offset = s->places->reader->offset;
    if (known != salt)
        store_set_meta(s->store, "salt", salt);
}

/* It is not there, or none: 0 where reading goes on behind it. */
static int ingest_pass_over(struct supervisor *s, int why)
{
    bool last = s->places->segment == s->places->runner.segment;

    if (why == -ENOENT)
        ingest_tell_gap(s, s->places->segment, s->places->segment);
    else if (why == -EBADMSG || last) /* else its runner died as it made it */
        ingest_tell_damage(s);
    return last ? ingest_dismiss_runner(s) : ingest_go_on(s);
}

/* Opens the segment at the position. 1: it is open. 0: there is another to be opened. */
static int ingest_enter(struct supervisor *s)
{
    bool fresh = s->places->offset == 0;
    int r;

    if (s->places->segment == 0)
        return ingest_go_on(s);
    if (s->places->segment >
        s->places->runner.segment) { /* no runner goes back: the whole journal is another */
        ingest_tell_gap(s, s->places->segment, s->places->segment);
        ingest_go_to(s, s->places->runner.segment);
        return 0;
    }
    r = segment_reader_open(s->places->reader, s->journal_dir, s->places->segment,
                            s->places->offset);
    if (r == -ENOENT || r == -EBADMSG || r == -ENODATA)
        return ingest_pass_over(s, r);
    if (r < 0)
        return r;
    ingest_check_salt(s);
    if (!fresh)
        return 1;
    settle_run(s);
    store_flush(s->store);
    if (store_commit(s->store) == 0)
        ingest_delete_before(s, s->places->segment);
    return 1;
}

/* Bad bytes, before some that are good or that the runner has told of, are skipped. */
static int ingest_skip(struct supervisor *s, uint64_t next)
{
    int r;

    ingest_tell_damage(s);
    segment_reader_release(s->places->reader);
    r = segment_reader_open(s->places->reader, s->journal_dir, s->places->segment, next);
    return r < 0 ? r : 1;
}

/* Whether the runner has written as far as it says. */
static int ingest_has_all(struct supervisor *s)
{
    char last;

    return (int)os_pread(s->places->reader->fd, &last, 1, s->places->runner.offset - 1);
}

/* No record at the position. 1: reading goes on behind it. 0: a torn tail, or nothing. */
static int ingest_stuck(struct supervisor *s, int why)
{
    uint64_t next = 0;
    int r = why == -EBADMSG ? segment_reader_damaged(s->places->reader, &next) : 0;

    if (r == 1)
        return ingest_skip(s, next);
    if (r < 0 || s->places->segment < s->places->runner.segment)
        return r;
    r = ingest_has_all(s);
    if (r == 1)
        return ingest_skip(s, s->places->runner.offset);
    if (r < 0)
        return r;
    ingest_tell_damage(s);
    return ingest_dismiss_runner(s);
}

/* All records of the open segment that the runner has told of: 0, or what reading failed with. */
static int ingest_segment(struct supervisor *s, bool *any)
{
    struct record record;
    int r = 1;

    while (r == 1 && !ingest_is_done(s)) {
        r = segment_reader_next(s->places->reader, &record);
        if (r == 1)
            ingest_record(s, &record);
        else if (r == 0 || r == -EBADMSG)
            r = ingest_stuck(s, r);
        if (r == 1)
            s->places->offset = s->places->reader->offset;
        *any = *any || r == 1;
    }
    return r < 0 ? r : 0;
}

static int ingest_failed(struct supervisor *s, int code, struct error *err)
{
    if (s->store->error.code) {
        *err = s->store->error;
        return err->code;
    }
    if (code == -ESTALE)
        return error_set(err, code, "%s", s->places->warning);
    return error_system(err, code, "the journal (segment %016llx) cannot be read",
                        (unsigned long long)s->places->segment);
}

int ingest_run(struct supervisor *s, struct error *err)
{
    bool any = false;
    int r = 0;

    while (r >= 0 && !ingest_is_done(s)) {
        r = s->places->reader->fd < 0 ? ingest_enter(s) : 1;
        if (r == 1)
            r = ingest_segment(s, &any);
        if (r == 0 && s->places->reader->fd >= 0 && s->places->segment < s->places->runner.segment)
            r = ingest_go_on(s);
    }
    if (any)
        store_begin(s->store);
    return r < 0 || s->store->error.code ? ingest_failed(s, r, err) : any;
}

int ingest_open(struct supervisor *s, struct error *err)
{
    s->places->reader = alloc_get(sizeof *s->places->reader);
    if (!s->places->reader)
        return error_system(err, -ENOMEM, "journal");
    *s->places->reader = (struct segment_reader)SEGMENT_READER_INIT;
    s->places->segment = (uint64_t)store_meta(s->store, "segment", 0);
    s->places->offset = (uint64_t)store_meta(s->store, "offset", 0);
    return 0;
}

void ingest_close(struct supervisor *s)
{
    if (!s->places->reader)
        return;
    segment_reader_release(s->places->reader);
    free(s->places->reader);
    s->places->reader = NULL;
}
