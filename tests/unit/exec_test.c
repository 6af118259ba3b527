/* Starts whose exec is long in coming, by a real drover-runner: somebody has a lease on the file.
 */
#include "os/file.h"
#include "os/process.h"
#include "runner_client.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS(n)      ((int64_t)(n)*1000)
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static int setup(void **state)
{
    *state = client_new();
    return 0;
}

static int teardown(void **state)
{
    client_free(*state);
    return 0;
}

static void run(struct client *c, const struct client_order *order)
{
    client_run(c, order);
    client_wait(c, order->job, client_is_closed);
}

/* Makes a program in the home that prints a word and exits with 7, and holds it back: a descriptor,
 * or -1 where the file system gives no leases. */
static int hold_back(struct client *c, int number, char path[128])
{
    static const char text[] = "#!/bin/sh\necho through\nexit 7\n";
    int fd;

    (void)snprintf(path, 128, "%s/slow.%d", c->dir, number);
    fd = os_open(path, O_WRONLY | O_CREAT, 0700);
    assert_true(fd >= 0);
    assert_int_equal(os_write_all(fd, text, sizeof text - 1), 0);
    (void)os_close(fd);
    (void)signal(SIGIO, SIG_IGN);
    fd = os_open(path, O_RDONLY, 0);
    assert_true(fd >= 0);
    if (fcntl(fd, F_SETLEASE, F_WRLCK) == 0)
        return fd;
    (void)os_close(fd);
    return -1;
}

static void let_go(int fd)
{
    assert_int_equal(fcntl(fd, F_SETLEASE, F_UNLCK), 0);
    (void)os_close(fd);
}

static void assert_output(struct client *c, uint64_t job, const char *text)
{
    struct buffer out = BUFFER_INIT;

    client_output(c, job, 1, &out);
    assert_int_equal(buffer_add_byte(&out, '\0'), 0);
    assert_string_equal(out.data, text);
    buffer_release(&out);
}

static void assert_through(struct client *c, uint64_t job)
{
    client_wait(c, job, client_is_closed);
    assert_true(c->jobs[job].started);
    assert_int_equal(WEXITSTATUS(c->jobs[job].exit.status), 7);
    assert_output(c, job, "through\n");
}

#define SLOW UINT64_C(1000)

/* A program for each: many who wait for one lease keep the kernel busy. */
static void test_slow_exec_holds_nobody_up(void **state)
{
    struct client *c = *state;
    struct buffer out = BUFFER_INIT;
    char path[128];
    int fds[SLOW + 1];

    if (os_raise_descriptors() < SLOW * 5 || c->hello.capacity < SLOW + 8)
        skip();
    for (uint64_t job = 1; job <= SLOW; job++) {
        fds[job] = hold_back(c, (int)job, path);
        if (fds[job] < 0)
            skip();
        client_run(c, &(struct client_order){.job = job, .argv = WORDS(path)});
    }
    client_line(c, 1, 2);
    for (uint64_t job = SLOW + 1; job <= 2 * SLOW; job += LINK_LINE_JOBS / 2) {
        buffer_clear(&out);
        for (uint64_t next = job; next < job + LINK_LINE_JOBS / 2; next++)
            client_order(&out,
                         &(struct client_order){.job = next, .argv = WORDS("true"), .line = 1});
        client_send_raw(c, out.data, out.size);
        for (uint64_t next = job; next < job + LINK_LINE_JOBS / 2; next++)
            client_wait(c, next, client_is_closed);
    }
    for (uint64_t job = 1; job <= SLOW; job++)
        assert_true(c->jobs[job].intended && !c->jobs[job].started && !c->jobs[job].failed);
    for (uint64_t job = 1; job <= SLOW; job++)
        let_go(fds[job]);
    for (uint64_t job = 1; job <= SLOW; job++)
        assert_through(c, job);
    buffer_release(&out);
}

static void test_slow_exec_is_stopped(void **state)
{
    struct client *c = *state;
    char path[128];
    int fd = hold_back(c, 0, path);

    if (fd < 0)
        skip();
    client_run(c, &(struct client_order){.job = 1, .argv = WORDS(path)});
    client_run(c, &(struct client_order){.job = 2, .argv = WORDS(path), .timeout = MS(100)});
    client_run(c, &(struct client_order){.job = 3, .argv = WORDS(path)});
    client_wait(c, 2, client_is_closed);
    assert_int_equal(c->jobs[2].exit.cause, DROVER_CAUSE_TIMEOUT);
    client_stop(c, 1, MS(60000));
    client_wait(c, 1, client_is_closed);
    assert_int_equal(c->jobs[1].exit.cause, DROVER_CAUSE_STOPPED);
    assert_true(WIFSIGNALED(c->jobs[1].exit.status));
    assert_int_equal(WTERMSIG(c->jobs[1].exit.status), SIGTERM);
    let_go(fd);
    assert_through(c, 3);
}

/* It has nothing of its runner, which can be followed by another while it goes on. */
static void test_slow_exec_outlives_its_runner(void **state)
{
    struct client *c = *state;
    char path[128], said[100], name[OS_NAME_SIZE];
    int fd = hold_back(c, 0, path);

    if (fd < 0)
        skip();
    client_run(c, &(struct client_order){.job = 1, .argv = WORDS(path)});
    struct client_job *job = client_wait(c, 1, client_is_held);
    home_process_name(&c->home, "1", 1, name);
    assert_true(os_process_has_name((pid_t)job->live.pid, name));
    client_kill(c);
    client_launch(c, said, sizeof said);
    assert_string_equal(said, "\n");
    client_connect(c);
    struct {
        struct link_adopt adopt;
        char label[8];
    } message = {
        .adopt = {.job = 1, .attempt = 1, .fds = 7, .pid = job->live.pid, .start = job->live.start},
        .label = "1"};
    job->started = true; /* who adopts knows it */
    client_send_fds(c, LINK_ADOPT, &message, sizeof message.adopt + 2, job->fds, 3);
    let_go(fd);
    client_wait(c, 1, client_is_closed);
    assert_output(c, 1, "through\n");
}

/* Its strings are the start's own: the context may be replaced meanwhile. */
static void test_slow_exec_keeps_its_context(void **state)
{
    struct client *c = *state;
    char path[128];
    int fd = hold_back(c, 0, path);

    if (fd < 0)
        skip();
    client_context(c, 0, c->dir, NULL, 022);
    client_run(c, &(struct client_order){.job = 1, .argv = WORDS("./slow.0")});
    client_context(c, 0, "/", (const char *const[]){"PATH=/nowhere", NULL}, 077);
    run(c, &(struct client_order){.job = 2, .argv = WORDS("/bin/true")});
    let_go(fd);
    assert_through(c, 1);
}

/* More than fits into the memory for starts at once: what finds no room is refused for now. */
static void test_large_starts(void **state)
{
    struct client *c = *state;
    struct buffer out = BUFFER_INIT;
    char path[128], *word = malloc(120000);
    int fd = hold_back(c, 0, path), begun = 0;
    const char *words[42] = {path};

    assert_non_null(word);
    if (fd < 0)
        skip();
    memset(word, 'x', 119999);
    word[119999] = '\0';
    for (int i = 1; i < 12; i++)
        words[i] = word;
    for (uint64_t job = 1; job <= 60; job++)
        client_order(&out, &(struct client_order){.job = job, .argv = words});
    client_send_raw(c, out.data, out.size);
    for (uint64_t job = 60; !c->jobs[job].failed;)
        client_read(c, 100);
    for (uint64_t job = 1; job <= 60; job++) {
        begun += !c->jobs[job].failed;
        if (c->jobs[job].failed)
            assert_int_equal(c->jobs[job].failure.error, EAGAIN);
    }
    assert_in_range(begun, 30, 59);
    let_go(fd);
    for (uint64_t job = 1; job <= 60; job++)
        if (!c->jobs[job].failed)
            assert_through(c, job);
    run(c, &(struct client_order){.job = 61, .argv = words});
    assert_through(c, 61);
    buffer_release(&out);
    free(word);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_slow_exec_holds_nobody_up),
        TEST(test_slow_exec_is_stopped),
        TEST(test_slow_exec_outlives_its_runner),
        TEST(test_slow_exec_keeps_its_context),
        TEST(test_large_starts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
