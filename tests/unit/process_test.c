/* What /proc tells of a process, whatever it does meanwhile. */
#include "os/process.h"
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOKS 20000

/* Started as `process_test again`: executes itself, again and again. */
static void execute_again(char **argv)
{
    (void)alarm(60);
    (void)execv("/proc/self/exe", argv);
    _exit(127);
}

static pid_t begin(void)
{
    char name[] = "process_test", word[] = "again";
    char *argv[] = {name, word, NULL};
    pid_t pid;

    (void)setenv("WORD_BEFORE", "before", 1);
    (void)setenv("WORD", "here", 1);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        execute_again(argv);
    return pid;
}

/* An environment that cannot be seen is not one in which something is missing. */
static void test_env_in_exec(void **state)
{
    pid_t pid = begin();
    unsigned seen = 0;
    char value[8];

    (void)state;
    while (os_process_has_env(pid, "WORD=here") != 1)
        (void)usleep(1000);
    for (int i = 0; i < LOOKS; i++) {
        int has = os_process_has_env(pid, "WORD=here");
        int is = os_process_env(pid, "WORD", value, sizeof value);

        assert_true(has == 1 || has == -EAGAIN);
        assert_true(is == 1 || is == -EAGAIN);
        if (is == 1)
            assert_string_equal(value, "here");
        seen += has == 1;
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    assert_true(seen > 0);
}

static void test_env(void **state)
{
    pid_t pid = begin();
    char value[8], tight[4];

    (void)state;
    while (os_process_has_env(pid, "WORD=here") != 1)
        (void)usleep(1000);
    (void)kill(pid, SIGSTOP);
    (void)waitpid(pid, NULL, WUNTRACED);
    if (os_process_has_env(pid, "WORD=here") == 1) { /* else it was stopped in the midst of it */
        assert_int_equal(os_process_has_env(pid, "WORD=her"), 0);
        assert_int_equal(os_process_has_env(pid, "ORD=here"), 0);
        assert_int_equal(os_process_env(pid, "WORD", value, sizeof value), 1);
        assert_string_equal(value, "here");
        assert_int_equal(os_process_env(pid, "WORD", tight, sizeof tight), 0);
        assert_int_equal(os_process_env(pid, "WOR", value, sizeof value), 0);
        assert_int_equal(os_process_env(pid, "NO_WORD", value, sizeof value), 0);
    }
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

/* By what it is, not by its parent's number: in a container any process may have that. */
static void test_kernel_thread(void **state)
{
    struct os_process p;

    (void)state;
    assert_int_equal(os_process_stat(getpid(), &p), 0);
    assert_false(p.kernel);
    if (os_process_has_name(2, "kthreadd")) {
        assert_int_equal(os_process_stat(2, &p), 0);
        assert_true(p.kernel);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_env_in_exec),
        cmocka_unit_test(test_env),
        cmocka_unit_test(test_kernel_thread),
    };

    if (argc > 1)
        execute_again(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
