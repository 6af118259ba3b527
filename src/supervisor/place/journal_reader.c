#include "supervisor/place/journal_reader.h"

#include "base/alloc.h"
#include "base/log.h"
#include "journal/segment.h"
#include "os/file.h"
#include "supervisor/life/settle.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- segments ---- */

static int journal_reader_copy(int from, int to)
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
static void journal_reader_set_aside(struct journal_reader *j, const char *name)
{
    int dir = home_subdir(&j->s->home, "damaged", NULL), from, to = -1;

    from = os_openat(j->s->journal_dir, name, O_RDONLY | O_NOFOLLOW, 0);
    if (dir >= 0 && from >= 0)
        to = os_openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (to >= 0) {
        int r = journal_reader_copy(from, to);

        if (r < 0)
            log_warning("place", "the copy in damaged is not whole: error %d", -r);
        (void)os_close(to);
    }
    if (from >= 0)
        (void)os_close(from);
    if (dir >= 0)
        (void)os_close(dir);
}

static void journal_reader_tell_damage(struct journal_reader *j)
{
    char name[SEGMENT_NAME];

    segment_name(j->segment, name);
    (void)snprintf(j->warning, sizeof j->warning,
                   "journal segment %s is damaged at byte %llu: a copy is in %s/damaged, records "
                   "in the bad bytes are lost",
                   name, (unsigned long long)j->offset, j->s->home.path);
    log_error("place", "%s", j->warning);
    journal_reader_set_aside(j, name);
}

static void journal_reader_tell_gap(struct journal_reader *j, uint64_t first, uint64_t last)
{
    char from[SEGMENT_NAME], to[SEGMENT_NAME];

    segment_name(first, from);
    segment_name(last, to);
    (void)snprintf(j->warning, sizeof j->warning,
                   "journal segment %s%s%s: not there any more, what was told in it is lost", from,
                   first == last ? "" : " to ", first == last ? "" : to);
    log_error("place", "%s", j->warning);
}

static void journal_reader_delete_before(struct journal_reader *j, uint64_t number)
{
    char name[SEGMENT_NAME];
    uint64_t old;

    if (store_checkpoint(j->s->store) < 0)
        return;
    while (segment_find(j->s->journal_dir, 0, &old) == 0 && old < number) {
        segment_name(old, name);
        if (unlinkat(j->s->journal_dir, name, 0) < 0) {
            log_warning("place", "segment %s cannot be deleted: error %d", name, errno);
            return;
        }
        log_debug("place", "segment %s is read and deleted", name);
    }
}

/* ---- the position ---- */

void journal_reader_flush(struct journal_reader *j)
{
    if (!j->open || j->open->fd < 0)
        return;
    store_set_meta(j->s->store, "segment", (int64_t)j->segment);
    store_set_meta(j->s->store, "offset", (int64_t)j->offset);
}

/* Goes to the beginning of another segment, which is opened next. */
static void journal_reader_go_to(struct journal_reader *j, uint64_t number)
{
    segment_reader_release(j->open);
    j->segment = number;
    j->offset = 0;
}

/* The file that is being written is gone or spoilt. */
static int journal_reader_give_up(struct journal_reader *j)
{
    j->spoilt = true;
    return -ESTALE;
}

/* To the segment behind the one at hand, which is final: 0, or -ESTALE, or what reading failed
 * with. */
static int journal_reader_go_on(struct journal_reader *j)
{
    uint64_t next;
    int r = segment_find(j->s->journal_dir, j->segment + 1, &next);

    if (r == -ENOENT)
        next = j->last_segment + 1;
    else if (r < 0)
        return r;
    if (j->segment && next > j->segment + 1)
        journal_reader_tell_gap(j, j->segment + 1, next - 1);
    if (r == -ENOENT)
        return journal_reader_give_up(j);
    journal_reader_go_to(j, next);
    return 0;
}

/* ---- segments ---- */

/* A position that is ahead of the writer's is one in another journal: journal_reader_enter finds
 * that out. */
static bool journal_reader_is_done(const struct journal_reader *j)
{
    return (j->segment == j->last_segment && j->offset == j->last_offset) ||
           j->s->store->error.code;
}

/* A segment of this name with another salt is not the one that was read so far. */
static void journal_reader_check_salt(struct journal_reader *j)
{
    int64_t salt = (int64_t)j->open->salt, known = store_meta(j->s->store, "salt", 0);

    if (known && known != salt && j->offset) {
        journal_reader_tell_gap(j, j->segment, j->segment);
        j->open->offset = SEGMENT_HEADER;
    }
    j->offset = j->open->offset;
    if (known != salt)
        store_set_meta(j->s->store, "salt", salt);
}

/* It is not there, or none: 0 where reading goes on behind it. */
static int journal_reader_pass_over(struct journal_reader *j, int why)
{
    bool last = j->segment == j->last_segment;

    if (why == -ENOENT)
        journal_reader_tell_gap(j, j->segment, j->segment);
    else if (why == -EBADMSG || last) /* else its writer died as it made it */
        journal_reader_tell_damage(j);
    return last ? journal_reader_give_up(j) : journal_reader_go_on(j);
}

/* Opens the segment at the position. 1: it is open. 0: there is another to be opened. */
static int journal_reader_enter(struct journal_reader *j)
{
    bool fresh = j->offset == 0;
    int r;

    if (j->segment == 0)
        return journal_reader_go_on(j);
    if (j->segment > j->last_segment) { /* no writer goes back: the whole journal is another */
        journal_reader_tell_gap(j, j->segment, j->segment);
        journal_reader_go_to(j, j->last_segment);
        return 0;
    }
    r = segment_reader_open(j->open, j->s->journal_dir, j->segment, j->offset);
    if (r == -ENOENT || r == -EBADMSG || r == -ENODATA)
        return journal_reader_pass_over(j, r);
    if (r < 0)
        return r;
    journal_reader_check_salt(j);
    if (!fresh)
        return 1;
    settle_run(j->s);
    store_flush(j->s->store);
    if (store_commit(j->s->store) == 0)
        journal_reader_delete_before(j, j->segment);
    return 1;
}

/* Bad bytes, before some that are good or that the writer has told of, are skipped. */
static int journal_reader_skip(struct journal_reader *j, uint64_t next)
{
    int r;

    journal_reader_tell_damage(j);
    segment_reader_release(j->open);
    r = segment_reader_open(j->open, j->s->journal_dir, j->segment, next);
    return r < 0 ? r : 1;
}

/* Whether the writer has written as far as it says. */
static int journal_reader_has_all(struct journal_reader *j)
{
    char last;

    return (int)os_pread(j->open->fd, &last, 1, j->last_offset - 1);
}

/* No record at the position. 1: reading goes on behind it. 0: a torn tail, or nothing. */
static int journal_reader_stuck(struct journal_reader *j, int why)
{
    uint64_t next = 0;
    int r = why == -EBADMSG ? segment_reader_damaged(j->open, &next) : 0;

    if (r == 1)
        return journal_reader_skip(j, next);
    if (r < 0 || j->segment < j->last_segment)
        return r;
    r = journal_reader_has_all(j);
    if (r == 1)
        return journal_reader_skip(j, j->last_offset);
    if (r < 0)
        return r;
    journal_reader_tell_damage(j);
    return journal_reader_give_up(j);
}

/* All records of the open segment that the writer has told of: 0, or what reading failed with. */
static int journal_reader_segment(struct journal_reader *j, bool *any)
{
    struct record record;
    int r = 1;

    while (r == 1 && !journal_reader_is_done(j)) {
        r = segment_reader_next(j->open, &record);
        if (r == 1)
            j->apply(j->s, &record);
        else if (r == 0 || r == -EBADMSG)
            r = journal_reader_stuck(j, r);
        if (r == 1)
            j->offset = j->open->offset;
        *any = *any || r == 1;
    }
    return r < 0 ? r : 0;
}

static int journal_reader_failed(struct journal_reader *j, int code, struct error *err)
{
    if (j->s->store->error.code) {
        *err = j->s->store->error;
        return err->code;
    }
    if (code == -ESTALE)
        return error_set(err, code, "%s", j->warning);
    return error_system(err, code, "the journal (segment %016llx) cannot be read",
                        (unsigned long long)j->segment);
}

int journal_reader_run(struct journal_reader *j, struct error *err)
{
    bool any = false;
    int r = 0;

    while (r >= 0 && !journal_reader_is_done(j)) {
        r = j->open->fd < 0 ? journal_reader_enter(j) : 1;
        if (r == 1)
            r = journal_reader_segment(j, &any);
        if (r == 0 && j->open->fd >= 0 && j->segment < j->last_segment)
            r = journal_reader_go_on(j);
    }
    if (any)
        store_begin(j->s->store);
    return r < 0 || j->s->store->error.code ? journal_reader_failed(j, r, err) : any;
}

int journal_reader_open(struct journal_reader *j, struct error *err)
{
    j->open = alloc_get(sizeof *j->open);
    if (!j->open)
        return error_system(err, -ENOMEM, "journal");
    *j->open = (struct segment_reader)SEGMENT_READER_INIT;
    j->segment = (uint64_t)store_meta(j->s->store, "segment", 0);
    j->offset = (uint64_t)store_meta(j->s->store, "offset", 0);
    return 0;
}

void journal_reader_close(struct journal_reader *j)
{
    if (!j->open)
        return;
    segment_reader_release(j->open);
    free(j->open);
    j->open = NULL;
}
