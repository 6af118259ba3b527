#include "supervisor/serve/dump.h"

#include "base/clock.h"
#include "base/text.h"
#include "os/socket.h"
#include "version.h"
#include "supervisor/batch/batch.h"
#include "supervisor/job/queue.h"
#include "supervisor/store/states.h"
#include "supervisor/life/life.h"
#include "supervisor/job/place.h"
#include "supervisor/schedule/gate.h"
#include "supervisor/clients/feed.h"
#include "supervisor/report/receive.h"
#include "supervisor/report/wait.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DUMP_MOST   1000 /* jobs whose gate is looked for */
#define DUMP_LISTED 100  /* of these are listed, where the request does not say */
#define DUMP_BATCH  20   /* children of one batch */

/* Text of any bytes; null for none. */
static json_t *dump_text(const char *text, size_t size)
{
    struct buffer clean = BUFFER_INIT;
    json_t *json = NULL;

    if (!text || !size)
        return json_null();
    if (text_add_utf8(&clean, text, size) == 0)
        json = json_stringn(clean.data, clean.size);
    buffer_release(&clean);
    return json;
}

static json_t *dump_id(jobid key)
{
    char id[JOBID_TEXT];

    return json_string(jobid_format(key, id));
}

static json_t *dump_number(int64_t number)
{
    return json_integer((json_int_t)number);
}

/* ---- the supervisor and its links ---- */

static json_t *dump_supervisor(const struct supervisor *s)
{
    return json_pack("{so ss so so so sb sb sb sb so}", "pid", dump_number(getpid()), "version",
                     DROVER_VERSION, "started_at", dump_number(s->server->started_at), "running",
                     dump_number(s->jobs->dispatched), "in_line", dump_number(s->jobs->in_line),
                     "closing", (int)s->closing, "restarting", (int)s->restarting, "uncommitted",
                     (int)s->store->uncommitted, "hooks", s->life->hooks != NULL, "outage",
                     s->broken.code ? dump_text(s->broken.text, strlen(s->broken.text))
                                    : json_null());
}

static json_t *dump_runner(const struct supervisor *s)
{
    const struct place *place = place_for(NULL);
    struct place_status status;
    struct place_room room;

    place->status(s, &status);
    place->room(s, &room);
    if (!status.pid)
        return json_null();
    return json_pack("{so ss so so ss so so so so so}", "pid", dump_number(status.pid), "version",
                     status.version, "link", dump_number(status.protocol), "capacity",
                     dump_number(room.capacity), "disk",
                     !room.starts  ? "nothing starts"
                     : !room.keeps ? "output waits"
                                   : "room",
                     "unsent", dump_number((int64_t)status.unsent), "segment",
                     dump_number((int64_t)status.segment), "offset",
                     dump_number((int64_t)status.offset), "read_segment",
                     dump_number((int64_t)status.read_segment), "read_offset",
                     dump_number((int64_t)status.read_offset));
}

static json_t *dump_client(const struct client *client)
{
    json_t *under_way = json_array();
    uv_os_fd_t fd;
    pid_t pid = 0;
    uid_t uid;

    if (uv_fileno((const uv_handle_t *)&client->pipe, &fd) == 0)
        (void)os_socket_peer(fd, &uid, &pid);
    receives_dump(client, under_way);
    waits_dump(client, under_way);
    feeds_dump(client, under_way);
    if (client->listings)
        (void)json_array_append_new(under_way, json_pack("{ss}", "op", "list"));
    if (client->uploads)
        (void)json_array_append_new(under_way, json_pack("{ss}", "op", "start"));
    if (client->events.wanted)
        (void)json_array_append_new(under_way, json_pack("{ss}", "op", "events"));
    if (client->end.wanted)
        (void)json_array_append_new(under_way, json_pack("{ss}", "op", "shutdown"));
    return json_pack("{so so so sb sb so}", "pid", dump_number(pid), "protocol",
                     dump_number(client->protocol), "unread",
                     dump_number((int64_t)(client->out.size + client->in_flight)), "paused",
                     (int)client->paused, "held", (int)client->held, "under_way", under_way);
}

static json_t *dump_clients(const struct supervisor *s)
{
    json_t *clients = json_array();

    for (const struct client *c = s->server->clients; c; c = c->next)
        (void)json_array_append_new(clients, dump_client(c));
    return clients;
}

/* Those that run, by when they are due. */
static json_t *dump_timers(const struct supervisor *s)
{
    json_t *timers = json_array();

    for (size_t i = 0; i < s->timer_count; i++)
        if (uv_is_active((const uv_handle_t *)s->timers[i].timer))
            (void)json_array_append_new(
                timers, json_pack("{ss so}", "name", s->timers[i].name, "due_ms",
                                  dump_number((int64_t)uv_timer_get_due_in(s->timers[i].timer))));
    return timers;
}

/* ---- queues and batches ---- */

static json_t *dump_queues(struct supervisor *s)
{
    json_t *queues = json_array();

    for (const struct queue *q = s->jobs->queues; q; q = q->next)
        (void)json_array_append_new(
            queues,
            json_pack("{ss? so so so}", "name", q->name, "throttle",
                      q->throttle < 0 ? json_null() : dump_number(q->throttle), "running",
                      dump_number(q->running), "waiting", dump_number(queue_waiting(s, q))));
    return queues;
}

static const char *dump_input(const struct supervisor *s, const struct batch *batch)
{
    if (batch->input == INPUT_OPEN)
        return feed_is_away(s, batch) ? "its feeder is away" : "open";
    return batch->input == INPUT_CUT ? "cut off" : "complete";
}

static json_t *dump_batch(struct supervisor *s, struct batch *batch)
{
    struct buffer words = BUFFER_INIT;
    enum gate gate = gate_of(s, batch->job, &words);
    const struct batch_counts *c = &batch->counts;
    const char *trouble = batch->files.trouble;
    json_t *json = json_pack(
        "{so ss so ss ss so so so so so so so so so so so so so}", "job", dump_id(batch->job->key),
        "state", drover_state_name(batch->job->state), "throttle",
        batch->throttle < 0 ? json_null() : dump_number(batch->throttle), "gate", gate_name(gate),
        "input", dump_input(s, batch), "words", dump_text(words.data, words.size), "slots",
        dump_number(batch->slots.taken), "in_line", dump_number(batch->slots.line), "line_width",
        dump_number(batch->slots.width), "window", dump_number((int64_t)batch->window.count),
        "again", dump_number((int64_t)batch->window.again_count), "next",
        dump_number(batch->window.next), "total", dump_number(c->total), "not_started",
        dump_number(c->not_started), "running", dump_number(c->running), "finished",
        dump_number(counts_finished(c)), "files_due", dump_number(batch->files.due), "trouble",
        dump_text(trouble, trouble ? strlen(trouble) : 0));

    buffer_release(&words);
    return json;
}

static json_t *dump_batches(struct supervisor *s)
{
    json_t *batches = json_array();

    for (struct batch *b = s->batches->first; b; b = b->next_batch)
        (void)json_array_append_new(batches, dump_batch(s, b));
    return batches;
}

/* ---- what waits ---- */

struct dump_waiting {
    struct supervisor *s;
    int64_t looked, listed, most;
    int64_t gates[GATES];
    json_t *list;
};

static void dump_waiting_job(struct dump_waiting *w, jobid key)
{
    struct job *job = jobs_get(w->s->jobs, key);
    struct buffer words = BUFFER_INIT;
    enum gate gate = GATE_PAST;

    if (job && !job_is_batch(job))
        gate = gate_of(w->s, job, &words);
    if (gate != GATE_PAST) {
        w->looked++;
        w->gates[gate]++;
    }
    if (gate != GATE_PAST && w->listed < w->most) {
        w->listed++;
        (void)json_array_append_new(w->list, json_pack("{so ss so si}", "job", dump_id(key), "gate",
                                                       gate_name(gate), "words",
                                                       dump_text(words.data, words.size), "attempt",
                                                       (int)job->attempt + 1));
    }
    jobs_put(job);
    buffer_release(&words);
}

static size_t dump_keys(struct supervisor *s, sqlite3_stmt *row, jobid *keys)
{
    size_t count = 0;

    while (store_step(s->store, row))
        keys[count++] = (jobid)sqlite3_column_int64(row, 0);
    return count;
}

/* Jobs that are no children. One that was suspended before it began waits as well. */
static void dump_waiting_jobs(struct dump_waiting *w, jobid keys[DUMP_MOST])
{
    static struct statement select = {
        .sql = "SELECT key FROM job INDEXED BY job_top WHERE key & 4294967295 = 0"
               " AND (state = ?1 OR state = ?2 AND begin IS NULL) ORDER BY key LIMIT ?3"};
    size_t count = dump_keys(w->s,
                             store_prepare(w->s->store, &select, "iii", (int64_t)DROVER_NOT_STARTED,
                                           (int64_t)DROVER_SUSPENDED, (int64_t)DUMP_MOST),
                             keys);

    for (size_t i = 0; i < count; i++)
        dump_waiting_job(w, keys[i]);
}

/* Children that may start next: those in memory, then those that the window has not come to. */
static void dump_waiting_children(struct dump_waiting *w, const struct batch *b,
                                  jobid keys[DUMP_MOST])
{
    static struct statement select = {
        .sql = "SELECT key FROM job WHERE key > ?1 AND key <= ?2 AND state = ?3 ORDER BY key"
               " LIMIT ?4"};
    const struct window *window = &b->window;
    size_t count = 0;

    for (size_t i = 0; i < window->again_count && count < DUMP_BATCH; i++)
        keys[count++] = window->again[i];
    for (size_t i = 0; i < window->count && count < DUMP_BATCH; i++)
        keys[count++] = window->jobs[(window->at + i) % WINDOW_SIZE]->key;
    count +=
        dump_keys(w->s,
                  store_prepare(w->s->store, &select, "iiii", (int64_t)(b->job->key | window->next),
                                (int64_t)(b->job->key | UINT32_MAX), (int64_t)DROVER_NOT_STARTED,
                                (int64_t)(DUMP_BATCH - count)),
                  keys + count);
    for (size_t i = 0; i < count; i++)
        dump_waiting_job(w, keys[i]);
}

static int64_t dump_waiting_count(struct supervisor *s)
{
    static struct statement select = {.sql = "SELECT count(*) FROM job WHERE " SQL_NOT_STARTED
                                             " AND queue NOT NULL"};
    int64_t count = store_number(s->store, store_prepare(s->store, &select, ""), 0);

    for (const struct batch *b = s->batches->first; b; b = b->next_batch)
        count += b->counts.not_started;
    return count;
}

static json_t *dump_waiting(struct supervisor *s, int64_t most)
{
    struct dump_waiting w = {.s = s, .most = most, .list = json_array()};
    json_t *gates = json_object();
    jobid *keys = alloc_get(DUMP_MOST * sizeof *keys);

    if (keys)
        dump_waiting_jobs(&w, keys);
    for (const struct batch *b = s->batches->first; keys && b; b = b->next_batch)
        dump_waiting_children(&w, b, keys);
    free(keys);
    for (enum gate gate = 0; gate < GATES; gate++)
        if (w.gates[gate])
            (void)json_object_set_new(gates, gate_name(gate), dump_number(w.gates[gate]));
    return json_pack("{so so so so}", "jobs", dump_number(dump_waiting_count(s)), "looked_at",
                     dump_number(w.looked), "gates", gates, "list", w.list);
}

/* In an outage nothing is known of the jobs. */
void dump_request(const struct request *request)
{
    struct supervisor *s = request->s;
    int64_t most = request_number(request, "most", DUMP_LISTED);
    bool known = !s->broken.code;

    if (known)
        store_flush(s->store);
    request_reply(request, json_pack("{so so so so so so so so}", "time", dump_number(clock_wall()),
                                     "supervisor", dump_supervisor(s), "runner", dump_runner(s),
                                     "queues", known ? dump_queues(s) : json_null(), "batches",
                                     known ? dump_batches(s) : json_null(), "waiting",
                                     known ? dump_waiting(s, most) : json_null(), "clients",
                                     dump_clients(s), "timers", dump_timers(s)));
}

/* ---- one job ---- */

static json_t *dump_time(int64_t wall)
{
    return wall ? dump_number(wall) : json_null();
}

static json_t *dump_attempts(struct supervisor *s, jobid key)
{
    static struct statement select = {
        .sql = "SELECT attempt, state, begin, end, reason FROM attempt WHERE key = ?1"
               " ORDER BY attempt"};
    sqlite3_stmt *row = store_prepare(s->store, &select, "i", (int64_t)key);
    json_t *attempts = json_array();

    while (store_step(s->store, row))
        (void)json_array_append_new(
            attempts,
            json_pack("{so ss so so so}", "attempt", dump_number(sqlite3_column_int64(row, 0)),
                      "state", drover_state_name((enum drover_state)sqlite3_column_int(row, 1)),
                      "begin", dump_time(sqlite3_column_int64(row, 2)), "end",
                      dump_time(sqlite3_column_int64(row, 3)), "reason",
                      dump_text((const char *)sqlite3_column_text(row, 4),
                                (size_t)sqlite3_column_bytes(row, 4))));
    return attempts;
}

static json_t *dump_received(const struct job *job)
{
    return json_pack(
        "{so so so so sb}", "out_bytes", dump_number((int64_t)job->extent.out_size), "err_bytes",
        dump_number((int64_t)job->extent.err_size), "out",
        job->cursor.out.attempt == job->attempt ? dump_number((int64_t)job->cursor.out.position)
                                                : json_integer(0),
        "err",
        job->cursor.err.attempt == job->attempt ? dump_number((int64_t)job->cursor.err.position)
                                                : json_integer(0),
        "unread", (int)job_has_unread(job));
}

static json_t *dump_job(struct supervisor *s, const struct job *job)
{
    struct buffer words = BUFFER_INIT;
    enum gate gate = gate_of(s, job, &words);
    json_t *json = json_pack(
        "{so ss so so so so so ss ss so so ss so}", "job", dump_id(job->key), "state",
        drover_state_name(job->state), "attempt", dump_number(job->attempt), "submitted",
        dump_time(job->submitted), "begin", dump_time(job->begin), "end", dump_time(job->end),
        "reason", dump_text(job->reason, job->reason ? strlen(job->reason) : 0), "place",
        job_place(job)->name, "gate", gate_name(gate), "words", dump_text(words.data, words.size),
        "attempts", dump_attempts(s, job->key), "stage", stage_name(job->stage), "received",
        dump_received(job));

    buffer_release(&words);
    return json;
}

void dump_request_trace(const struct request *request)
{
    struct supervisor *s = request->s;
    const char *id = request_text(request, "job");
    struct job *job = request_job(s, id);

    if (job) {
        store_flush(s->store);
        request_reply(request, dump_job(s, job));
    } else {
        request_refuse(request, "no-such-job", "%s: no such job", id);
    }
    jobs_put(job);
}
