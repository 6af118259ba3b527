/* Drives a real drover-runner over its link, in a home of its own. */
#include "base/clock.h"
#include "link/memory.h"
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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void assert_output(struct client *c, uint64_t job, int stream, const char *text)
{
    struct buffer out = BUFFER_INIT;

    client_output(c, job, stream, &out);
    assert_int_equal(buffer_add_byte(&out, '\0'), 0);
    assert_string_equal(out.data, text);
    buffer_release(&out);
}

static void test_true(void **state)
{
    struct client_job *job = run(*state, (struct client_order){.job = 1, .argv = WORDS("true")});

    assert_true(job->intended && job->started && job->exited && job->closed);
    assert_int_equal(job->exit.status, 0);
    assert_int_equal(job->exit.how, EXIT_WAITED);
    assert_int_equal(job->exit.cause, DROVER_CAUSE_NONE);
    assert_true(job->exit.max_rss > 0);
    assert_true(job->start.out_inode && job->start.err_inode);
}

static void test_start_time(void **state)
{
    struct client *c = *state;
    struct os_process p;

    client_run(c, &(struct client_order){.job = 1, .argv = WORDS("sleep", "20")});
    struct client_job *job = client_wait(c, 1, client_is_started);
    assert_int_equal(os_process_stat((pid_t)job->start.pid, &p), 0);
    assert_int_equal(p.start, job->start.start);
    assert_int_equal(p.session, job->start.pid);
    assert_int_equal(os_pipe_inode((pid_t)job->start.pid, 1), job->start.out_inode);
    assert_int_equal(os_pipe_inode((pid_t)job->start.pid, 2), job->start.err_inode);
    client_stop(c, 1, 0);
    client_wait(c, 1, client_is_closed);
}

static void test_output_in_order(void **state)
{
    struct client *c = *state;

    run(c, (struct client_order){.job = 1,
                                 .argv = SHELL("for i in 1 2 3; do printf \"o$i\"; sleep .02; "
                                               "printf \"e$i\" >&2; sleep .02; done")});
    assert_output(c, 1, 0, "o1e1o2e2o3e3");
    assert_output(c, 1, OUTPUT_OUT, "o1o2o3");
    assert_output(c, 1, OUTPUT_ERR, "e1e2e3");
}

static void test_binary_output(void **state)
{
    struct client *c = *state;
    struct client_job *job =
        run(c, (struct client_order){.job = 1, .argv = SHELL("printf 'a\\0\\377\\n'")});

    assert_int_equal(job->out.size, 4);
    assert_memory_equal(job->out.data, "a\0\377\n", 4);
}

static void test_exit_codes(void **state)
{
    struct client *c = *state;

    assert_int_equal(
        WEXITSTATUS(run(c, (struct client_order){.job = 1, .argv = SHELL("exit 42")})->exit.status),
        42);
    assert_int_equal(
        WTERMSIG(run(c, (struct client_order){.job = 2, .argv = SHELL("kill -9 $$")})->exit.status),
        SIGKILL);
}

static void assert_fails(struct client *c, struct client_order order, unsigned step, int error)
{
    struct client_job *job = run(c, order);

    assert_true(job->failed && !job->started);
    assert_int_equal(job->failure.step, step);
    assert_int_equal(job->failure.error, error);
}

static void test_failures(void **state)
{
    struct client *c = *state;

    assert_fails(c, (struct client_order){.job = 1, .argv = WORDS("no-such-command")}, STEP_EXEC,
                 ENOENT);
    assert_fails(c, (struct client_order){.job = 2, .argv = WORDS("/tmp")}, STEP_EXEC, EACCES);
    assert_fails(c, (struct client_order){.job = 3, .argv = WORDS("")}, STEP_EXEC, ENOENT);
    assert_fails(c, (struct client_order){.job = 4, .argv = WORDS("true"), .input = "/no/file"},
                 STEP_INPUT, ENOENT);
    client_context(c, 0, "/no/directory", NULL, 022);
    assert_fails(c, (struct client_order){.job = 5, .argv = WORDS("true")}, STEP_CWD, ENOENT);
}

static void test_script_without_interpreter(void **state)
{
    struct client *c = *state;
    char path[128];
    int fd;

    (void)snprintf(path, sizeof path, "%s/script", c->dir);
    fd = os_open(path, O_WRONLY | O_CREAT, 0700);
    assert_int_equal(os_write_all(fd, "echo \"$0 $1\"\n", 13), 0);
    (void)os_close(fd);
    run(c, (struct client_order){.job = 1, .argv = WORDS(path, "x")});
    (void)snprintf(path, sizeof path, "%s/script x\n", c->dir);
    assert_output(c, 1, OUTPUT_OUT, path);
}

static void test_context(void **state)
{
    struct client *c = *state;
    char expected[256];

    client_context(c, 3, "/usr", WORDS("A=1", "B=2", "PATH=/usr/bin:/bin", "DROVER_JOB=9"), 027);
    struct buffer out = BUFFER_INIT;
    client_order(&out, &(struct client_order){
                           .job = 1,
                           .env = WORDS("B=3"),
                           .argv = SHELL("pwd; umask; echo $A $B $DROVER_JOB $DROVER_ATTEMPT; "
                                         "echo $DROVER_HOME")});
    ((struct link_start *)(void *)(out.data + sizeof(struct link_head)))->slot = 3;
    client_send_raw(c, out.data, out.size);
    buffer_release(&out);
    client_wait(c, 1, client_is_closed);
    (void)snprintf(expected, sizeof expected, "/usr\n0027\n1 3 1 1\n%s\n", c->dir);
    assert_output(c, 1, 0, expected);
}

static void test_child_state(void **state)
{
    int own = getpriority(PRIO_PROCESS, 0);
    struct client *c = *state;

    run(c, (struct client_order){.job = 1,
                                 .argv = WORDS("sed", "-nE", "s/^Sig(Blk|Ign|Cgt):\\t0*/\\1/p",
                                               "/proc/self/status")});
    assert_output(c, 1, 0, "Blk\nIgn\nCgt\n");
    run(c, (struct client_order){.job = 2,
                                 .argv = SHELL("for i in $(seq 0 40); do "
                                               "[ -e /proc/$$/fd/$i ] && echo $i; done; "
                                               "readlink /proc/$$/fd/0")});
    assert_output(c, 2, 0, "0\n1\n2\n/dev/null\n");
    run(c, (struct client_order){.job = 3, .argv = WORDS("nice"), .nice = 5});
    assert_int_equal(strtol(c->jobs[3].out.data, NULL, 10), own > 14 ? 19 : own < 0 ? 5 : own + 5);
    run(c, (struct client_order){.job = 4, .argv = WORDS("wc", "-l"), .input = "/etc/passwd"});
    assert_true(c->jobs[4].out.size > 1 && c->jobs[4].out.data[0] != '0');
}

static void test_stop(void **state)
{
    struct client *c = *state;

    client_run(c, &(struct client_order){.job = 1, .argv = WORDS("sleep", "60")});
    client_wait(c, 1, client_is_started);
    client_stop(c, 1, MS(5000));
    struct client_job *job = client_wait(c, 1, client_is_closed);
    assert_int_equal(WTERMSIG(job->exit.status), SIGTERM);
    assert_int_equal(job->exit.cause, DROVER_CAUSE_STOPPED);
}

/* A job that ignores SIGTERM, with a grandchild in a session of its own. */
static void test_stop_tree(void **state)
{
    struct client *c = *state;
    int64_t start = clock_steady();
    pid_t child;

    client_run(c, &(struct client_order){
                      .job = 1,
                      .argv = SHELL("trap '' TERM; setsid sh -c 'trap \"\" TERM; echo $$; "
                                    "while :; do sleep 1; done' & wait; sleep 60")});
    child = client_pid(client_wait(c, 1, client_has_pid));
    assert_true(client_is_alive(child));
    client_stop(c, 1, MS(300));
    struct client_job *job = client_wait(c, 1, client_is_closed);
    assert_int_equal(WTERMSIG(job->exit.status), SIGKILL);
    assert_true(clock_steady() - start >= MS(300));
    assert_false(client_is_alive(child));
}

/* The main process obeys; what it left behind, out of session and parentage, does not. */
static void test_stop_escaped(void **state)
{
    struct client *c = *state;
    pid_t child;

    client_run(c, &(struct client_order){
                      .job = 1,
                      .argv = SHELL("(setsid sh -c 'trap \"\" TERM; echo $$; exec >/dev/null 2>&1;"
                                    "while :; do sleep 1; done' &) ; sleep 60")});
    child = client_pid(client_wait(c, 1, client_has_pid));
    client_stop(c, 1, MS(200));
    client_wait(c, 1, client_is_exited);
    assert_false(client_is_alive(child));
}

static void test_stop_cgroup(void **state)
{
    struct client *c = *state;
    pid_t child;

    client_run(c, &(struct client_order){
                      .job = 1,
                      .cgroup = true,
                      .argv = SHELL("(env -i setsid /bin/sh -c 'echo $$; exec >/dev/null 2>&1;"
                                    "trap \"\" TERM; sleep 30' &) ; sleep 60")});
    child = client_pid(client_wait(c, 1, client_has_pid));
    client_stop(c, 1, 0);
    client_wait(c, 1, client_is_exited);
    if (access("/sys/fs/cgroup/cgroup.procs", W_OK) == 0 ||
        access("/sys/fs/cgroup/unified/cgroup.procs", W_OK) == 0)
        client_assert_gone(child);
    else
        (void)kill(child, SIGKILL);
}

static void test_timeout(void **state)
{
    struct client *c = *state;
    struct client_job *job =
        run(c, (struct client_order){
                   .job = 1, .argv = WORDS("sleep", "60"), .timeout = MS(100), .grace = MS(1000)});

    assert_int_equal(WTERMSIG(job->exit.status), SIGTERM);
    assert_int_equal(job->exit.cause, DROVER_CAUSE_TIMEOUT);
}

static void test_suspend(void **state)
{
    struct client *c = *state;
    struct link_job who = {.job = 1, .attempt = 1};
    struct os_process p = {0};

    client_run(c, &(struct client_order){.job = 1, .argv = WORDS("sleep", "60")});
    struct client_job *job = client_wait(c, 1, client_is_started);
    client_send(c, LINK_SUSPEND, &who, sizeof who);
    for (int i = 0; i < 200 && p.state != 'T'; i++) {
        (void)usleep(5000);
        assert_int_equal(os_process_stat((pid_t)job->start.pid, &p), 0);
    }
    assert_int_equal(p.state, 'T');
    client_stop(c, 1, MS(5000));
    client_wait(c, 1, client_is_closed);
    assert_int_equal(WTERMSIG(job->exit.status), SIGTERM);
}

static void test_spill(void **state)
{
    struct client *c = *state;
    struct buffer out = BUFFER_INIT;
    struct client_job *job =
        run(c, (struct client_order){.job = 1, .argv = WORDS("seq", "1", "300000")});
    char line[16];
    size_t at = 0;

    assert_int_equal(job->inline_size, OUTPUT_INLINE);
    client_output(c, 1, 1, &out);
    assert_int_equal(out.size, job->spill.out_size);
    for (int i = 1; i <= 300000; i++) {
        size_t n = (size_t)snprintf(line, sizeof line, "%d\n", i);

        assert_true(at + n <= out.size && memcmp(out.data + at, line, n) == 0);
        at += n;
    }
    assert_int_equal(at, out.size);
    buffer_release(&out);
}

/* The head and the tail of what seq prints, together `max` bytes at most. */
static void check_max(struct client *c, uint64_t job, uint64_t max, const char *script)
{
    struct buffer all = BUFFER_INIT, out = BUFFER_INIT;
    struct client_job *j =
        run(c, (struct client_order){.job = job, .argv = SHELL(script), .max_output = max});
    uint64_t dropped = j->spill.cut_out + j->spill.cut_err;
    char line[16];
    size_t tail;

    for (int i = 1; i <= 200000; i++) {
        (void)snprintf(line, sizeof line, "%d\n", i);
        assert_int_equal(buffer_add_text(&all, line), 0);
    }
    client_output(c, job, 1, &out);
    assert_true(out.size <= max);
    assert_true(out.size >= max / 2 + (max - max / 2) / 2);
    assert_int_equal(out.size + dropped, all.size);
    assert_memory_equal(out.data, all.data, max / 2);
    tail = out.size - max / 2;
    assert_memory_equal(out.data + max / 2, all.data + all.size - tail, tail);
    buffer_release(&out);
    buffer_release(&all);
}

static void test_max_output(void **state)
{
    struct client *c = *state;

    check_max(c, 1, 500000, "seq 200000");
    check_max(c, 2, 1001, "seq 200000");
    check_max(c, 3, 11, "seq 200000");
    check_max(c, 4, 150000, "seq 200000");
    check_max(c, 5, 50000,
              "seq 20000; for i in $(seq 20001 20100); do echo $i; done;"
              "seq 20101 200000");
    run(c, (struct client_order){.job = 6, .argv = SHELL("printf abc"), .max_output = 4});
    assert_output(c, 6, 1, "abc");
    assert_int_equal(c->jobs[6].spill.cut_to, 0);
}

static void test_late_output(void **state)
{
    struct client *c = *state;
    struct client_job *job;

    client_run(
        c, &(struct client_order){.job = 1, .argv = SHELL("(sleep .4; echo late) & echo early")});
    job = client_wait(c, 1, client_is_exited);
    assert_false(job->closed);
    assert_int_equal(job->out.size, 6);
    client_wait(c, 1, client_is_closed);
    assert_output(c, 1, 1, "early\nlate\n");
}

/* The memory that outlives the runner. */
static void test_memory(void **state)
{
    struct client *c = *state;
    struct link_memory memory;
    struct stat file;

    run(c, (struct client_order){.job = 1, .argv = SHELL("echo some; seq 30000")});
    assert_int_equal(fstat(c->memory, &file), 0);
    assert_true((uint64_t)file.st_blocks * 512 >= sizeof memory); /* not to be found at each read */
    assert_int_equal(os_pread_full(c->memory, &memory, sizeof memory, 0), sizeof memory);
    for (int i = 0; i < LINK_TAKES; i++)
        assert_int_equal(memory.takes[i].cursor, 0); /* a take of nothing leaves nothing */
}

static void test_reconnect(void **state)
{
    struct client *c = *state;

    client_run(c, &(struct client_order){.job = 1, .argv = WORDS("sleep", "60")});
    client_wait(c, 1, client_is_started);
    client_disconnect(c);
    (void)usleep(50000);
    client_connect(c);
    assert_true(c->jobs[1].is_live);
    assert_int_equal(c->jobs[1].live.pid, c->jobs[1].start.pid);
    client_stop(c, 1, 0);
    client_wait(c, 1, client_is_closed);
    c->jobs[1].is_live = false;
    client_connect(c);
    assert_false(c->jobs[1].is_live);
}

/* The runner is killed while a job prints; the next one takes it over. */
static void test_adopt(void **state)
{
    struct client *c = *state;
    char said[100];

    client_run(c, &(struct client_order){.job = 1,
                                         .argv = SHELL("i=0; while [ $i -lt 30 ]; do echo $i; "
                                                       "i=$((i+1)); sleep .1; done; exit 7")});
    struct client_job *job = client_wait(c, 1, client_is_held);
    client_kill(c);
    (void)usleep(500000);
    client_read(c, 0);
    client_launch(c, said, sizeof said);
    assert_string_equal(said, "\n");
    client_connect(c);
    struct {
        struct link_adopt adopt;
        char label[8];
    } message = {.adopt = {.job = 1,
                           .attempt = 1,
                           .fds = 7,
                           .pid = job->start.pid,
                           .start = job->start.start,
                           .out_size = job->out.size,
                           .inline_size = job->out.size},
                 .label = "1"};
    client_send_fds(c, LINK_ADOPT, &message, sizeof message.adopt + 2, job->fds, 3);
    client_wait(c, 1, client_is_closed);
    /* Its new parent, init or whoever reaps here, is not us: both answers are right. */
    if (job->exit.how == EXIT_PIDFD)
        assert_int_equal(WEXITSTATUS(job->exit.status), 7);
    else
        assert_int_equal(job->exit.how, EXIT_UNKNOWN);
    assert_output(c, 1, 1,
                  "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n"
                  "22\n23\n24\n25\n26\n27\n28\n29\n");
}

/* Nobody can tell how a process ended that had gone before it was adopted. */
static void test_adopt_gone(void **state)
{
    struct client *c = *state;
    pid_t gone = fork();

    if (gone == 0)
        _exit(0);
    assert_int_equal(waitpid(gone, NULL, 0), gone);
    struct {
        struct link_adopt adopt;
        char label[8];
    } message = {.adopt = {.job = 1, .attempt = 1, .pid = gone, .start = 1}, .label = "1"};
    c->jobs[1].started = true; /* by a runner before this one */
    client_send_fds(c, LINK_ADOPT, &message, sizeof message.adopt + 2, NULL, 0);
    assert_int_equal(client_wait(c, 1, client_is_closed)->exit.how, EXIT_UNKNOWN);
}

static bool has_spilled(const struct client_job *job)
{
    return job->is_held && job->spill.out_size == 1288895;
}

/* As test_adopt, for a job that has a spill file with a part cut out. */
static void test_adopt_spill(void **state)
{
    const uint64_t max = 300000;
    struct client *c = *state;
    struct buffer out = BUFFER_INIT;
    char said[100];

    client_run(c, &(struct client_order){
                      .job = 1,
                      .max_output = max,
                      .argv = SHELL("seq 200000; sleep 2; seq 100000 119999; sleep .2; exit 7")});
    struct client_job *job = client_wait(c, 1, has_spilled);
    client_kill(c);
    client_read(c, 0);
    client_launch(c, said, sizeof said);
    client_connect(c);
    struct {
        struct link_adopt adopt;
        char label[8];
    } message = {.adopt = {.job = 1,
                           .attempt = 1,
                           .fds = 7,
                           .pid = job->start.pid,
                           .start = job->start.start,
                           .max_output = max,
                           .out_size = job->spill.out_size,
                           .inline_size = job->out.size,
                           .spill_size = job->spill.size,
                           .cut_from = job->spill.cut_from,
                           .cut_to = job->spill.cut_to,
                           .cut_out = job->spill.cut_out},
                 .label = "1"};
    client_send_fds(c, LINK_ADOPT, &message, sizeof message.adopt + 2, job->fds, 3);
    client_wait(c, 1, client_is_closed);
    assert_int_equal(job->spill.out_size, 1288895 + 140000);
    client_output(c, 1, 1, &out);
    assert_true(out.size <= max && out.size > max / 4 * 3);
    assert_int_equal(out.size + job->spill.cut_out, job->spill.out_size);
    assert_memory_equal(out.data, "1\n2\n3\n", 6);
    assert_memory_equal(out.data + out.size - 14, "119998\n119999\n", 14);
    buffer_release(&out);
}

static void test_adopt_reaped(void **state)
{
    struct client *c = *state;
    struct {
        struct link_adopt adopt;
        char label[8];
    } message = {.adopt = {.job = 5, .attempt = 1, .child = 1}, .label = "5"};
    struct link_reaped reaped = {.job = 5, .attempt = 1, .status = 3 << 8, .user = 17};

    c->jobs[5].intended = c->jobs[5].started = true;
    client_send(c, LINK_ADOPT, &message, sizeof message.adopt + 2);
    client_send(c, LINK_REAPED, &reaped, sizeof reaped);
    struct client_job *job = client_wait(c, 5, client_is_closed);
    assert_int_equal(WEXITSTATUS(job->exit.status), 3);
    assert_int_equal(job->exit.how, EXIT_REAPED);
    assert_int_equal(job->exit.user, 17);
}

static void test_second_runner(void **state)
{
    struct client *c = *state;
    pid_t first = c->runner;
    char said[100];

    client_launch(c, said, sizeof said);
    assert_string_equal(said, "locked\n");
    (void)waitpid(c->runner, NULL, 0);
    c->runner = first;
}

static void test_garbage(void **state)
{
    static const char garbage[] = "GET / HTTP/1.1\r\n\r\n garbage garbage garbage";
    struct client *c = *state;
    char byte;

    client_send_raw(c, garbage, sizeof garbage);
    assert_int_equal(os_read(c->fd, &byte, 1) <= 0, 1);
    client_connect(c);
    client_context(c, 0, "/", NULL, 022);
    assert_int_equal(run(c, (struct client_order){.job = 1, .argv = WORDS("true")})->exit.status,
                     0);
}

static void test_quit(void **state)
{
    struct client *c = *state;
    int status;

    client_send(c, LINK_QUIT, NULL, 0);
    assert_int_equal(waitpid(c->runner, &status, 0), c->runner);
    c->runner = 0;
    assert_int_equal(status, 0);
}

static void test_exits_alone(void **state)
{
    struct client *c = *state;
    int status;

    client_disconnect(c);
    assert_int_equal(waitpid(c->runner, &status, 0), c->runner);
    c->runner = 0;
    assert_int_equal(status, 0);
}

static void test_many(void **state)
{
    struct client *c = *state;
    struct buffer out = BUFFER_INIT;

    for (uint64_t job = 1; job <= 200; job++)
        client_order(&out, &(struct client_order){.job = job, .argv = SHELL("echo $DROVER_JOB")});
    client_send_raw(c, out.data, out.size);
    buffer_release(&out);
    for (uint64_t job = 1; job <= 200; job++) {
        char text[16];

        client_wait(c, job, client_is_closed);
        (void)snprintf(text, sizeof text, "%d\n", (int)job);
        assert_output(c, job, 1, text);
    }
}

/* Jobs FIRST to LAST stand in line 1: each waits for a file `go.JOB` in the home. */
static void stand(struct client *c, uint64_t first, uint64_t last)
{
    struct buffer out = BUFFER_INIT;

    for (; first <= last; first++)
        client_order(&out, &(struct client_order){
                               .job = first,
                               .argv = SHELL("until [ -e $DROVER_HOME/go.$DROVER_JOB ]; do sleep "
                                             ".01; done"),
                               .line = 1});
    client_send_raw(c, out.data, out.size);
    buffer_release(&out);
}

static void go(struct client *c, uint64_t job)
{
    char path[128];
    int fd;

    (void)snprintf(path, sizeof path, "%s/go.%d", c->dir, (int)job);
    fd = os_open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    (void)os_close(fd);
    client_wait(c, job, client_is_closed);
}

/* Whatever was sent before has been done when this job has run, which stands in no line. */
static void settle(struct client *c, uint64_t job)
{
    run(c, (struct client_order){.job = job, .argv = WORDS("true")});
}

static void test_line_runs_dry(void **state)
{
    struct client *c = *state;
    struct buffer out = BUFFER_INIT;

    client_line(c, 1, 3);
    for (uint64_t job = 1; job <= 100; job++)
        client_order(&out, &(struct client_order){.job = job,
                                                  .argv = job % 10 ? WORDS("true")
                                                                   : WORDS("/no/such/program"),
                                                  .line = 1});
    client_send_raw(c, out.data, out.size);
    buffer_release(&out);
    for (uint64_t job = 1; job <= 100; job++)
        assert_int_equal(client_wait(c, job, client_is_closed)->failed, job % 10 == 0);
    assert_int_equal(c->most, 3);
    assert_int_equal(c->live, 0);
}

static void test_line_width(void **state)
{
    struct client *c = *state;

    client_line(c, 1, 1);
    stand(c, 1, 6);
    client_wait(c, 1, client_is_started);
    settle(c, 100);
    assert_false(c->jobs[2].intended);
    client_line(c, 1, 3);
    client_wait(c, 3, client_is_started);
    settle(c, 101);
    assert_false(c->jobs[4].intended);
    client_line(c, 1, 1);
    go(c, 1);
    go(c, 2);
    settle(c, 102);
    assert_false(c->jobs[4].intended);
    go(c, 3);
    client_wait(c, 4, client_is_started);
    go(c, 4);
    go(c, 5);
    go(c, 6);
    assert_int_equal(c->live, 0);
}

static void test_line_closed(void **state)
{
    struct client *c = *state;

    client_line(c, 1, 1);
    stand(c, 1, 4);
    client_line(c, 1, 0);
    for (uint64_t job = 2; job <= 4; job++)
        client_wait(c, job, client_is_revoked);
    client_wait(c, 1, client_is_started);
    client_line(c, 1, 2); /* job 1 has its place in it */
    stand(c, 2, 3);
    client_wait(c, 2, client_is_started);
    settle(c, 100);
    assert_false(c->jobs[3].intended);
    go(c, 1);
    client_wait(c, 3, client_is_started);
    go(c, 2);
    go(c, 3);
    assert_false(c->jobs[1].revoked || c->jobs[4].intended);
}

static void test_line_revoke(void **state)
{
    struct client *c = *state;

    client_line(c, 1, 1);
    stand(c, 1, 4);
    client_send(c, LINK_REVOKE, &(struct link_job){.job = 3, .attempt = 1},
                sizeof(struct link_job));
    client_wait(c, 3, client_is_revoked);
    go(c, 1);
    go(c, 2);
    go(c, 4);
    assert_false(c->jobs[2].revoked || c->jobs[3].intended || c->jobs[4].revoked);
}

static void test_line_is_forgotten_with_the_connection(void **state)
{
    struct client *c = *state;

    client_line(c, 1, 1);
    stand(c, 1, 3);
    client_wait(c, 1, client_is_started);
    client_connect(c);
    assert_true(c->jobs[1].is_live);
    client_context(c, 0, "/", NULL, 022);
    client_line(c, 1, 1);
    stand(c, 3, 3);
    go(c, 1);
    go(c, 3);
    settle(c, 100);
    assert_false(c->jobs[2].intended);
}

static void test_line_room(void **state)
{
    struct client *c = *state;
    static char text[LINK_LINE_TEXT / 2 - 1000];
    struct buffer out = BUFFER_INIT;

    memset(text, 'x', sizeof text - 1);
    client_line(c, 1, 1);
    stand(c, 1, 1);
    for (uint64_t job = 2; job <= 4; job++)
        client_order(&out,
                     &(struct client_order){
                         .job = job,
                         .argv = WORDS("sh", "-c", "printf %s \"$0\" | tr -d x; echo ${#0}", text),
                         .line = 1});
    client_send_raw(c, out.data, out.size);
    client_wait(c, 4, client_is_revoked);
    go(c, 1);
    client_wait(c, 3, client_is_closed);
    stand(c, 5, 6);
    buffer_clear(&out);
    client_order(&out, &(struct client_order){
                           .job = 7, .argv = WORDS("sh", "-c", "echo ${#0}", text), .line = 1});
    client_send_raw(c, out.data, out.size);
    buffer_release(&out);
    go(c, 5);
    go(c, 6);
    for (uint64_t job = 2; job <= 7; job += job == 3 ? 4 : 1) {
        client_wait(c, job, client_is_closed);
        assert_output(c, job, 1, "31767\n");
    }
    stand(c, 8, 8 + LINK_LINE_JOBS + 1);
    client_wait(c, 8 + LINK_LINE_JOBS + 1, client_is_revoked);
    assert_false(c->jobs[8 + LINK_LINE_JOBS].revoked);
    client_line(c, 1, 0);
    client_wait(c, 9, client_is_revoked);
    go(c, 8);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_true),
        TEST(test_start_time),
        TEST(test_output_in_order),
        TEST(test_binary_output),
        TEST(test_exit_codes),
        TEST(test_failures),
        TEST(test_context),
        TEST(test_child_state),
        TEST(test_script_without_interpreter),
        TEST(test_stop),
        TEST(test_stop_tree),
        TEST(test_stop_escaped),
        TEST(test_stop_cgroup),
        TEST(test_timeout),
        TEST(test_suspend),
        TEST(test_spill),
        TEST(test_max_output),
        TEST(test_late_output),
        TEST(test_memory),
        TEST(test_reconnect),
        TEST(test_adopt),
        TEST(test_adopt_spill),
        TEST(test_adopt_reaped),
        TEST(test_adopt_gone),
        TEST(test_second_runner),
        TEST(test_garbage),
        TEST(test_quit),
        TEST(test_exits_alone),
        TEST(test_many),
        TEST(test_line_runs_dry),
        TEST(test_line_width),
        TEST(test_line_closed),
        TEST(test_line_revoke),
        TEST(test_line_is_forgotten_with_the_connection),
        TEST(test_line_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
