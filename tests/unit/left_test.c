/* What jobs leave: processes that are still there when the main process has ended. */
#include "runner_client.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

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

static struct client_job *run(struct client *c, struct client_order order)
{
    client_run(c, &order);
    return client_wait(c, order.job, client_is_closed);
}

static bool is_alone(const struct client_job *job)
{
    return job->told && job->left.processes == 0;
}

/* Left to itself: seen, and gone when it has gone. */
static void test_left(void **state)
{
    struct client *c = *state;
    struct client_job *job;
    pid_t child;

    client_run(c,
               &(struct client_order){
                   .job = 1, .argv = SHELL("(setsid sleep 60 >/dev/null 2>&1 & echo $!); exit 3")});
    job = client_wait(c, 1, client_is_told);
    assert_true(job->exited && WEXITSTATUS(job->exit.status) == 3);
    assert_int_equal(job->left.processes, 1);
    client_wait(c, 1, client_is_closed);
    child = client_pid(job);
    assert_true(client_is_alive(child));
    (void)kill(child, SIGKILL);
    client_wait(c, 1, is_alone);
}

/* It ignores SIGTERM, and its child is in yet another session. */
static void test_left_stopped(void **state)
{
    struct client *c = *state;
    struct client_job *job;
    pid_t child;

    client_run(c, &(struct client_order){
                      .job = 1,
                      .argv = SHELL("setsid sh -c 'trap \"\" TERM; setsid sh -c \"echo \\$\\$; "
                                    "exec sleep 60 >/dev/null 2>&1\"; :' 2>/dev/null & exit 0")});
    job = client_wait(c, 1, client_has_pid);
    client_wait(c, 1, client_is_exited);
    child = client_pid(job);
    client_stop(c, 1, MS(100));
    client_wait(c, 1, is_alone);
    assert_false(job->left.stuck);
    assert_false(client_is_alive(child));
    assert_int_equal(job->exit.cause, DROVER_CAUSE_NONE);
}

/* A stop is answered though nothing is left. */
static void test_left_nothing(void **state)
{
    struct client *c = *state;

    client_run(c, &(struct client_order){.job = 1, .argv = SHELL("sleep 60 & exec >&- 2>&-")});
    client_wait(c, 1, client_is_told);
    client_stop(c, 1, MS(1000));
    client_wait(c, 1, is_alone);
    run(c, (struct client_order){.job = 2, .argv = WORDS("true")});
    assert_false(c->jobs[2].told);
}

static void test_left_timeout(void **state)
{
    struct client *c = *state;
    struct client_job *job;

    client_run(c, &(struct client_order){.job = 1,
                                         .argv = SHELL("(sleep 60 &); exit 0"),
                                         .timeout = MS(300),
                                         .grace = MS(1000)});
    job = client_wait(c, 1, client_is_told);
    assert_int_equal(job->left.processes, 1);
    client_wait(c, 1, is_alone);
    client_wait(c, 1, client_is_closed);
    assert_int_equal(job->exit.cause, DROVER_CAUSE_NONE);
}

static void test_left_alone(void **state)
{
    struct client *c = *state;
    struct client_job *job;
    pid_t child;

    client_run(c, &(struct client_order){
                      .job = 1,
                      .leave = true,
                      .argv = SHELL("(setsid sleep 60 >/dev/null 2>&1 & echo $!); exit 0"),
                      .timeout = MS(200)});
    job = client_wait(c, 1, client_is_told);
    assert_int_equal(job->left.processes, 1);
    client_wait(c, 1, client_is_closed);
    client_stop(c, 1, 0);
    run(c, (struct client_order){.job = 2, .argv = WORDS("sleep", "0.4")});
    child = client_pid(job);
    assert_true(client_is_alive(child));
    (void)kill(child, SIGKILL);
}

/* Of two jobs only that one's are ended whose they are, whatever has become of session, group
 * and parents. */
static void test_left_each_its_own(void **state)
{
    struct client *c = *state;
    pid_t child[3];

    for (uint64_t job = 1; job <= 2; job++) {
        client_run(c, &(struct client_order){
                          .job = job,
                          .argv = SHELL("(setsid sleep 60 >/dev/null 2>&1 & echo $!); exit 0")});
        client_wait(c, job, client_is_told);
        child[job] = client_pid(&c->jobs[job]);
    }
    client_stop(c, 1, MS(5000));
    client_wait(c, 1, is_alone);
    client_assert_gone(child[1]);
    assert_true(client_is_alive(child[2]));
    client_stop(c, 2, MS(5000));
    client_wait(c, 2, is_alone);
}

static bool has_two_lines(const struct client_job *job)
{
    const char *end = job->out.size ? memchr(job->out.data, '\n', job->out.size) : NULL;

    return end && memchr(end + 1, '\n', job->out.size - (size_t)(end + 1 - job->out.data));
}

/* One has the environment of a job of the same number in another home; one shows none, but who is
 * above it does. */
static void test_left_foreign(void **state)
{
    struct client *c = *state;
    struct client_job *job;
    char text[64];
    long pids[2];

    client_run(
        c, &(struct client_order){
               .job = 1,
               .cgroup = true,
               .argv = SHELL("goes_on='echo $$; exec >/dev/null 2>&1; while :; do sleep 1; done'\n"
                             "export goes_on DROVER_HOME=/other\n"
                             "(setsid sh -c \"$goes_on\" &)\n"
                             "(setsid sh -c 'env -i /bin/sh -c \"$goes_on\"; :' &)\n"
                             "sleep 60")});
    job = client_wait(c, 1, has_two_lines);
    (void)snprintf(text, sizeof text, "%.*s", (int)job->out.size, job->out.data);
    assert_int_equal(sscanf(text, "%ld %ld", &pids[0], &pids[1]), 2);
    client_stop(c, 1, 0);
    client_wait(c, 1, client_is_exited);
    for (int i = 0; i < 2; i++) {
        assert_true(client_is_alive((pid_t)pids[i]));
        (void)kill((pid_t)pids[i], SIGKILL);
    }
}

/* One whose runner has died is found by the next one. */
static void test_left_adopted(void **state)
{
    struct client *c = *state;
    struct link_adopt adopt = {.job = 1, .attempt = 1, .exited = 1, .left = 2};
    struct {
        struct link_adopt adopt;
        char label[2];
    } message;
    struct client_job *job;
    char said[200];
    pid_t child;

    client_run(c,
               &(struct client_order){.job = 1,
                                      .argv = SHELL("(setsid sleep 61 >/dev/null 2>&1 & echo $!); "
                                                    "sleep 62 >/dev/null 2>&1 & exit 0")});
    job = client_wait(c, 1, client_is_told);
    assert_int_equal(job->left.processes, 2);
    client_wait(c, 1, client_is_closed);
    child = client_pid(job);
    adopt.pid = job->start.pid;
    adopt.start = job->start.start;
    client_kill(c);
    client_launch(c, said, sizeof said);
    client_connect(c);
    message.adopt = adopt;
    memcpy(message.label, "1", 2);
    client_send(c, LINK_ADOPT, &message, sizeof adopt + 2);
    client_stop(c, 1, MS(5000));
    client_wait(c, 1, is_alone);
    client_assert_gone(child);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_left),         TEST(test_left_stopped), TEST(test_left_nothing),
        TEST(test_left_timeout), TEST(test_left_alone),   TEST(test_left_each_its_own),
        TEST(test_left_adopted), TEST(test_left_foreign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
