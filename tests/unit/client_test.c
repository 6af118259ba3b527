/* libdrover against a supervisor that answers what a test wants: a thread at the home's socket. */
#include "drover.h"
#include "journal/output.h"
#include "test.h"
#include "wire/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* Nobody may set it to find out what it is. */
mode_t umask(mode_t mask)
{
    (void)mask;
    abort();
}

enum verdict { GO_ON, HANG_UP };

struct peer;

/* A connection, and the thread that serves it. */
struct link {
    struct peer *peer;
    int fd;
    pthread_t thread;
};

struct peer {
    char home[64];
    struct link links[16];
    int listener, connections;
    pthread_t thread;
    /* Deals with a frame that came on connection number `connections`; answers go to `out`. */
    enum verdict (*answer)(struct peer *peer, const struct frame *frame, struct buffer *out);
    bool gone;    /* whoever comes after the first connection finds no supervisor */
    int seen[16]; /* counts of the test's own */
    char text[128];
};

static struct drover *client;
static char word[] = "true";
static char *const argv[] = {word, NULL};

static void peer_say(struct buffer *out, enum frame_kind kind, uint32_t tag, json_t *json)
{
    (void)frame_encode(out, kind, tag, json, NULL, 0);
    json_decref(json);
}

static enum verdict peer_serve_frame(struct peer *peer, const struct frame *frame,
                                     struct buffer *out)
{
    if (frame->kind != FRAME_HELLO)
        return peer->answer(peer, frame, out);
    peer_say(
        out, FRAME_HELLO, frame->tag,
        json_pack("{sisssi}", "protocol", FRAME_PROTOCOL, "version", "0", "pid", (int)getpid()));
    return GO_ON;
}

static void *peer_serve(void *data)
{
    struct link *link = data;
    struct peer *peer = link->peer;
    int fd = link->fd;
    struct buffer in = BUFFER_INIT, out = BUFFER_INIT;
    enum verdict verdict = GO_ON;
    struct frame frame;
    ssize_t n;

    while (verdict == GO_ON) {
        assert_int_equal(buffer_reserve(&in, 65536), 0);
        n = read(fd, in.data + in.size, 65536);
        if (n <= 0)
            break;
        in.size += (size_t)n;
        while (verdict == GO_ON && (n = frame_decode(in.data, in.size, &frame)) > 0) {
            verdict = peer_serve_frame(peer, &frame, &out);
            buffer_consume(&in, (size_t)n);
        }
        (void)send(fd, out.data, out.size, MSG_NOSIGNAL);
        buffer_clear(&out);
    }
    buffer_release(&in);
    buffer_release(&out);
    (void)close(fd);
    return NULL;
}

static void *peer_run(void *data)
{
    struct peer *peer = data;
    int fd;

    while ((fd = accept4(peer->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        struct link *link = &peer->links[peer->connections++];

        assert_true(peer->connections <= (int)LENGTH(peer->links));
        *link = (struct link){.peer = peer, .fd = fd};
        assert_int_equal(pthread_create(&link->thread, NULL, peer_serve, link), 0);
    }
    return NULL;
}

static struct sockaddr_un peer_address(const struct peer *peer)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/run/supervisor", peer->home);
    return address;
}

/* A home whose supervisor answers so, and a client that is connected to it. */
static void peer_open(struct peer *peer, const struct drover_options *options,
                      enum verdict (*answer)(struct peer *, const struct frame *, struct buffer *))
{
    struct sockaddr_un address;
    char path[80];

    *peer = (struct peer){.home = "/tmp/drover-client-test.XXXXXX", .answer = answer};
    assert_non_null(mkdtemp(peer->home));
    (void)snprintf(path, sizeof path, "%s/run", peer->home);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(setenv("DROVER_HOME", peer->home, 1), 0);
    address = peer_address(peer);
    peer->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(peer->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(peer->listener, 16), 0);
    assert_int_equal(pthread_create(&peer->thread, NULL, peer_run, peer), 0);
    assert_int_equal(drover_open(&client, options), 0);
}

/* Nobody is at the socket any more. */
static void peer_leave(struct peer *peer)
{
    if (peer->listener < 0)
        return;
    (void)shutdown(peer->listener, SHUT_RDWR);
    (void)close(peer->listener);
    (void)unlink(peer_address(peer).sun_path);
    peer->listener = -1;
}

static void peer_close(struct peer *peer)
{
    char command[128];

    drover_close(client);
    peer_leave(peer);
    assert_int_equal(pthread_join(peer->thread, NULL), 0);
    for (int i = 0; i < peer->connections; i++)
        assert_int_equal(pthread_join(peer->links[i].thread, NULL), 0);
    (void)snprintf(command, sizeof command, "rm -r %s", peer->home);
    assert_int_equal(system(command), 0);
}

static bool is_op(const struct frame *frame, const char *op)
{
    json_t *json = frame->kind == FRAME_REQUEST ? frame_json(frame) : NULL;
    const char *name = json_string_value(json_object_get(json, "op"));
    bool is = name && strcmp(name, op) == 0;

    json_decref(json);
    return is;
}

/* ---- answers ---- */

static enum verdict say_nothing_much(struct peer *peer, const struct frame *frame,
                                     struct buffer *out)
{
    (void)peer;
    if (frame->kind == FRAME_REQUEST)
        peer_say(out, FRAME_REPLY, frame->tag, json_object());
    return GO_ON;
}

static void an_answer_without_what_was_asked_is_an_error(void **state)
{
    struct drover_progress progress;
    struct drover_status status;
    struct drover_batch *batch;
    struct peer peer;
    char id[DROVER_ID] = "untouched";

    (void)state;
    peer_open(&peer, NULL, say_nothing_much);
    assert_int_equal(drover_start(client, argv, NULL, id, NULL), DROVER_EINTERNAL);
    assert_string_equal(id, "untouched");
    assert_int_equal(drover_batch_create(client, argv, NULL, &batch), DROVER_EINTERNAL);
    assert_int_equal(drover_batch_resume(client, "1", &batch, NULL), DROVER_EINTERNAL);
    assert_int_equal(drover_progress(client, "1", &progress), DROVER_EINTERNAL);
    assert_int_equal(drover_status(client, &status), DROVER_EINTERNAL);
    assert_int_equal(drover_wait(client, &(struct drover_jobs){0}, NULL, NULL), DROVER_EINTERNAL);
    assert_int_equal(drover_queue_throttle(client, "q", 1), 0); /* needs none */
    peer_close(&peer);
}

static enum verdict say_what_cannot_be_read(struct peer *peer, const struct frame *frame,
                                            struct buffer *out)
{
    size_t before = out->size;

    (void)peer;
    peer_say(out, FRAME_REPLY, frame->tag, json_pack("{ss}", "id", "1"));
    out->data[before + FRAME_HEADER] = '?';
    return GO_ON;
}

static void an_answer_that_cannot_be_read_is_an_error(void **state)
{
    struct peer peer;
    char id[DROVER_ID];

    (void)state;
    peer_open(&peer, NULL, say_what_cannot_be_read);
    assert_int_equal(drover_start(client, argv, NULL, id, NULL), DROVER_EINTERNAL);
    peer_close(&peer);
}

static enum verdict refuse_the_second(struct peer *peer, const struct frame *frame,
                                      struct buffer *out)
{
    (void)peer;
    peer_say(out, FRAME_REPLY, frame->tag,
             json_pack("{sbs[{ssssss}]}", "timed_out", 0, "refused", "job", "9", "code",
                       "no-such-job", "text", "9: no such job"));
    return GO_ON;
}

static void note_refused(void *data, const char *job, int error, const char *text)
{
    (void)text;
    (void)snprintf(data, 32, "%s %d", job, error == DROVER_ENOJOB);
    /* what a callback may not do */
    assert_int_equal(drover_queue_throttle(client, "q", 1), DROVER_EUSAGE);
}

static void what_is_not_there_cannot_be_waited_for(void **state)
{
    char told[32] = "";
    const char *ids[] = {"1", "9"};
    struct drover_jobs jobs = {.ids = ids, .count = 2, .refused = note_refused, .data = told};
    struct peer peer;

    (void)state;
    peer_open(&peer, NULL, refuse_the_second);
    assert_int_equal(drover_wait(client, &jobs, NULL, NULL), DROVER_ENOJOB);
    assert_string_equal(told, "9 1");
    peer_close(&peer);
}

static enum verdict tell_umask(struct peer *peer, const struct frame *frame, struct buffer *out)
{
    json_t *json = frame_json(frame);

    peer->seen[0] = (int)json_integer_value(json_object_get(json, "umask"));
    json_decref(json);
    peer_say(out, FRAME_REPLY, frame->tag, json_pack("{ss}", "id", "1"));
    return GO_ON;
}

static void the_umask_is_told_and_never_set(void **state)
{
    struct peer peer;
    char id[DROVER_ID];
    long old = syscall(SYS_umask, 027);

    (void)state;
    peer_open(&peer, NULL, tell_umask);
    assert_int_equal(drover_start(client, argv, NULL, id, NULL), 0);
    (void)syscall(SYS_umask, old);
    assert_int_equal(peer.seen[0], 027);
    peer_close(&peer);
}

/* ---- output ---- */

static void say_output(struct buffer *out, uint32_t tag, const char *bytes)
{
    struct output record = {.stream = OUTPUT_OUT, .bytes = bytes, .size = strlen(bytes)};
    json_t *json = json_pack("{sssi}", "job", "1", "attempt", 1);
    char raw[OUTPUT_HEADER + 64];

    output_encode_header(&record, raw);
    memcpy(raw + OUTPUT_HEADER, bytes, record.size);
    (void)frame_encode(out, FRAME_OUTPUT, tag, json, raw, OUTPUT_HEADER + record.size);
    json_decref(json);
}

static void say_completed(struct buffer *out, uint32_t tag)
{
    peer_say(out, FRAME_REPLY, tag, json_pack("{sssb}", "state", "Completed", "finished", 1));
}

/* Four bytes, and the answer when they are acknowledged. */
static enum verdict hand_over(struct peer *peer, const struct frame *frame, struct buffer *out)
{
    if (is_op(frame, "receive"))
        say_output(out, frame->tag, "four");
    else if (frame->kind == FRAME_ACK)
        say_completed(out, frame->tag);
    else
        return say_nothing_much(peer, frame, out);
    return GO_ON;
}

static int count_output(void *data, const struct drover_output *output)
{
    *(size_t *)data += output->size;
    return 0;
}

static int try_what_is_forbidden(void *data, const struct drover_output *output)
{
    struct drover_receive *other;
    char id[DROVER_ID];

    (void)output;
    assert_int_equal(drover_start(client, argv, NULL, id, NULL), DROVER_EUSAGE);
    assert_int_equal(drover_poll(client, NULL, 0, 0), DROVER_EUSAGE);
    assert_int_equal(drover_restart(client), DROVER_EUSAGE);
    assert_int_equal(drover_shutdown(client, true), DROVER_EUSAGE);
    assert_int_equal(
        drover_receive(client, "1", &(struct drover_receive_options){.output = count_output}, NULL),
        DROVER_EUSAGE);
    assert_int_equal(drover_receive_begin(client, "1",
                                          &(struct drover_receive_options){.output = count_output},
                                          &other),
                     DROVER_EUSAGE);
    ++*(size_t *)data;
    return 0;
}

static void a_callback_may_begin_nothing_and_breaks_nothing(void **state)
{
    size_t calls = 0;
    struct drover_receive_options options = {.output = try_what_is_forbidden, .data = &calls};
    struct drover_result result;
    struct peer peer;

    (void)state;
    peer_open(&peer, NULL, hand_over);
    assert_int_equal(drover_receive(client, "1", &options, &result), 0);
    assert_int_equal(calls, 1);
    assert_int_equal(result.state, DROVER_COMPLETED);
    assert_int_equal(drover_queue_throttle(client, "q", 1), 0);
    assert_int_equal(peer.connections, 1);
    peer_close(&peer);
}

static void no_more_is_confirmed_than_came(void **state)
{
    size_t size = 0;
    struct drover_receive_options options = {
        .confirm = true, .output = count_output, .data = &size};
    struct drover_receive *receive;
    struct peer peer;

    (void)state;
    peer_open(&peer, NULL, hand_over);
    assert_int_equal(drover_receive(client, "1", &options, NULL), DROVER_EUSAGE);
    assert_int_equal(drover_receive_begin(client, "1", &options, &receive), 0);
    while (size < 4)
        assert_true(drover_poll(client, NULL, 0, -1) >= 0);
    assert_int_equal(drover_receive_confirm(receive, "1", 1, DROVER_OUT, 5), DROVER_EUSAGE);
    assert_int_equal(drover_receive_confirm(receive, "1", 1, DROVER_ERR, 1), DROVER_EUSAGE);
    assert_int_equal(drover_receive_confirm(receive, "1", 2, DROVER_OUT, 1), DROVER_EUSAGE);
    assert_int_equal(drover_receive_confirm(receive, "1", 1, DROVER_OUT, 4), 0);
    while (drover_receive_result(receive, NULL) == DROVER_EAGAIN)
        assert_true(drover_poll(client, NULL, 0, -1) >= 0);
    assert_int_equal(drover_receive_end(receive), 0);
    peer_close(&peer);
}

/* The first connection ends when the output was acknowledged, which the second one's supervisor
 * does not know. */
static enum verdict forget_what_was_acknowledged(struct peer *peer, const struct frame *frame,
                                                 struct buffer *out)
{
    if (frame->kind == FRAME_ACK && peer->connections == 1)
        return HANG_UP;
    return hand_over(peer, frame, out);
}

static void output_that_comes_again_is_acknowledged_again(void **state)
{
    size_t size = 0;
    struct drover_receive_options options = {.output = count_output, .data = &size};
    struct peer peer;

    (void)state;
    peer_open(&peer, NULL, forget_what_was_acknowledged);
    assert_int_equal(drover_receive(client, "1", &options, NULL), 0);
    assert_int_equal(size, 4);
    assert_int_equal(peer.connections, 2);
    peer_close(&peer);
}

/* ---- the supervisor goes ---- */

/* Whoever tries to reach another one finds something else at its place. */
static enum verdict leave_for_good(struct peer *peer, const struct frame *frame, struct buffer *out)
{
    struct sockaddr_un address = peer_address(peer);
    int other;

    (void)frame;
    (void)out;
    peer_leave(peer);
    if (!peer->gone) {
        other = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        (void)bind(other, (struct sockaddr *)&address, sizeof address);
        (void)close(other);
    }
    return HANG_UP;
}

static void a_poll_waits_no_longer_than_it_is_told(void **state)
{
    struct drover_receive_options options = {.output = count_output};
    struct drover_receive *receive;
    struct peer peer;
    int polls = 0, r;

    (void)state;
    peer_open(&peer, NULL, leave_for_good);
    assert_int_equal(drover_receive_begin(client, "1", &options, &receive), 0);
    /* Each ends in time; meanwhile the way to another supervisor is tried, again and again. */
    while ((r = drover_poll(client, NULL, 0, 5)) == 0)
        polls++;
    assert_int_equal(r, DROVER_EUNAVAILABLE);
    assert_int_equal(drover_receive_result(receive, NULL), DROVER_EUNAVAILABLE);
    assert_true(polls > 20);
    assert_int_equal(drover_poll(client, NULL, 0, 0), 0);
    (void)drover_receive_end(receive);
    peer_close(&peer);
}

static enum verdict leave_nobody(struct peer *peer, const struct frame *frame, struct buffer *out)
{
    peer->gone = true;
    return leave_for_good(peer, frame, out);
}

static void without_starting_one_there_is_none(void **state)
{
    struct drover_options options = {.no_start = true};
    struct drover_status status;
    struct peer peer;

    (void)state;
    peer_open(&peer, &options, leave_nobody);
    assert_int_equal(drover_status(client, &status), DROVER_ENONE);
    assert_int_equal(drover_status(client, &status), DROVER_ENONE);
    peer_close(&peer);
}

/* ---- an interruption ---- */

static int interrupt[2];

/* The answer comes when the caller has been interrupted. */
static enum verdict answer_late(struct peer *peer, const struct frame *frame, struct buffer *out)
{
    struct timespec pause = {.tv_nsec = 50000000};

    (void)peer;
    if (frame->kind != FRAME_REQUEST)
        return GO_ON;
    assert_int_equal(write(interrupt[1], "x", 1), 1);
    (void)nanosleep(&pause, NULL);
    peer_say(out, FRAME_REPLY, frame->tag, json_pack("{ss}", "id", "5"));
    return GO_ON;
}

static void an_interrupted_start_has_its_id(void **state)
{
    struct peer peer;
    char id[DROVER_ID] = "";

    (void)state;
    assert_int_equal(pipe(interrupt), 0);
    peer_open(&peer, NULL, answer_late);
    drover_set_interrupt(client, interrupt[0]);
    assert_int_equal(drover_start(client, argv, NULL, id, NULL), DROVER_EINTERRUPTED);
    assert_string_equal(id, "5");
    peer_close(&peer);
}

static void a_start_that_is_interrupted_in_its_input_makes_no_job(void **state)
{
    struct drover_start_options options = {.send_input = true};
    struct peer peer;
    char id[DROVER_ID] = "?";
    int input[2];

    (void)state;
    assert_int_equal(pipe(interrupt), 0);
    assert_int_equal(pipe(input), 0);
    options.input_fd = input[0];
    peer_open(&peer, NULL, say_nothing_much);
    drover_set_interrupt(client, interrupt[0]);
    assert_int_equal(write(input[1], "some", 4), 4);
    assert_int_equal(write(interrupt[1], "x", 1), 1);
    peer.answer = answer_late;
    assert_int_equal(drover_start(client, argv, &options, id, NULL), DROVER_EINTERRUPTED);
    assert_string_equal(id, "");
    peer_close(&peer);
}

/* ---- items ---- */

static enum verdict feed(struct peer *peer, const struct frame *frame, struct buffer *out)
{
    if (is_op(frame, "batch"))
        peer_say(out, FRAME_REPLY, frame->tag, json_pack("{ss}", "id", "1"));
    else if (frame->kind == FRAME_ITEMS)
        peer_say(out, FRAME_STORED, frame->tag, json_pack("{sisi}", "items", 1, "room", 9));
    else
        return say_nothing_much(peer, frame, out);
    return GO_ON;
}

static void behind_its_end_a_batch_takes_no_item(void **state)
{
    struct drover_batch *batch;
    struct peer peer;

    (void)state;
    peer_open(&peer, NULL, feed);
    assert_int_equal(drover_batch_create(client, argv, NULL, &batch), 0);
    assert_int_equal(drover_batch_add(batch, "a", 1), 0);
    assert_int_equal(drover_batch_end(batch), 0);
    assert_int_equal(drover_batch_add(batch, "b", 1), DROVER_EREFUSED);
    assert_int_equal(drover_batch_end(batch), 0);
    drover_batch_free(batch);
    peer_close(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_without_what_was_asked_is_an_error),
        cmocka_unit_test(an_answer_that_cannot_be_read_is_an_error),
        cmocka_unit_test(what_is_not_there_cannot_be_waited_for),
        cmocka_unit_test(the_umask_is_told_and_never_set),
        cmocka_unit_test(a_callback_may_begin_nothing_and_breaks_nothing),
        cmocka_unit_test(no_more_is_confirmed_than_came),
        cmocka_unit_test(output_that_comes_again_is_acknowledged_again),
        cmocka_unit_test(a_poll_waits_no_longer_than_it_is_told),
        cmocka_unit_test(without_starting_one_there_is_none),
        cmocka_unit_test(an_interrupted_start_has_its_id),
        cmocka_unit_test(a_start_that_is_interrupted_in_its_input_makes_no_job),
        cmocka_unit_test(behind_its_end_a_batch_takes_no_item),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
