/* The log: a ring of whole lines, bounded in size and in rate. */
#include "base/log.h"
#include "os/file.h"
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char path[64];
    int dir;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    (void)snprintf(f->path, sizeof f->path, "/tmp/drover-test.XXXXXX");
    assert_non_null(mkdtemp(f->path));
    f->dir = os_open(f->path, O_RDONLY | O_DIRECTORY, 0);
    assert_true(f->dir >= 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    log_close();
    (void)unlinkat(f->dir, LOG_FILE, 0);
    (void)unlinkat(f->dir, LOG_OLDER, 0);
    (void)os_close(f->dir);
    assert_int_equal(rmdir(f->path), 0);
    free(f);
    return 0;
}

/* The file's contents, with a NUL behind them: to be freed. */
static char *contents(const struct fixture *f, const char *name)
{
    char *text = calloc(1, 2 * LOG_HALF);
    int fd = os_openat(f->dir, name, O_RDONLY, 0);

    assert_non_null(text);
    if (fd >= 0)
        assert_true(os_pread_full(fd, text, 2 * LOG_HALF - 1, 0) >= 0);
    if (fd >= 0)
        (void)os_close(fd);
    return text;
}

static unsigned lines(const char *text)
{
    unsigned count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void assert_has(const struct fixture *f, const char *what)
{
    char *text = contents(f, LOG_FILE);

    if (!strstr(text, what))
        fail_msg("%s: not in:\n%s", what, text);
    free(text);
}

static void test_a_line_says_when_how_bad_who_and_what(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    char *text;

    log_open(f->dir, LOG_INFO);
    log_warning("place", "the runner, pid %d, has died", 4711);
    text = contents(f, LOG_FILE);
    assert_int_equal(text[4], '-');
    assert_string_equal(text + 26, "Z warning place: the runner, pid 4711, has died\n");
    free(text);
    assert_int_equal(fstatat(f->dir, LOG_FILE, &st, 0), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_what_is_below_the_level_is_not_kept(void **state)
{
    struct fixture *f = *state;
    int evaluated = 0;

    log_open(f->dir, LOG_WARNING);
    log_info("turn", "%d", ++evaluated);
    assert_int_equal(evaluated, 0);
    log_toggle();
    log_debug("turn", "seen");
    log_toggle();
    log_info("turn", "%d", ++evaluated);
    assert_int_equal(evaluated, 0);
    assert_has(f, "debug turn: seen\n");
}

static void test_no_text_is_a_line_of_its_own(void **state)
{
    struct fixture *f = *state;
    char *text;

    log_open(f->dir, LOG_INFO);
    log_info("serve", "one\ntwo\x1b[2J\xc2\x9b");
    text = contents(f, LOG_FILE);
    assert_int_equal(lines(text), 1);
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\xc2'));
    free(text);
    log_info("serve", "%05000d", 1);
    text = contents(f, LOG_FILE);
    assert_int_equal(lines(text), 2);
    assert_true(strlen(text) < 2 * LOG_LINE);
    free(text);
}

/* Opened anew for each, which does not make it forget. */
static void test_it_is_bounded_and_the_newest_lines_are_there(void **state)
{
    struct fixture *f = *state;
    char *newer, *older, last[16];
    int count = (int)(3 * LOG_HALF / 500);

    for (int i = 1; i <= count; i++) {
        log_open(f->dir, LOG_INFO);
        log_info("test", "%0450d number %d", 0, i);
    }
    newer = contents(f, LOG_FILE);
    older = contents(f, LOG_OLDER);
    assert_true(strlen(newer) <= LOG_HALF && strlen(older) <= LOG_HALF);
    assert_true(strlen(older) > LOG_HALF - LOG_LINE);
    assert_int_equal(older[strlen(older) - 1], '\n');
    (void)snprintf(last, sizeof last, " %d\n", count);
    assert_string_equal(newer + strlen(newer) - strlen(last), last);
    assert_true(lines(newer) + lines(older) > (unsigned)(LOG_HALF / 500));
    free(newer);
    free(older);
}

static void test_a_line_that_was_cut_off_spoils_no_other(void **state)
{
    struct fixture *f = *state;
    int fd = os_openat(f->dir, LOG_FILE, O_WRONLY | O_CREAT, 0600);

    assert_int_equal(os_write_all(fd, "2026-11-27T02:04:05.123456Z info tu", 35), 0);
    (void)os_close(fd);
    log_open(f->dir, LOG_INFO);
    log_info("turn", "begins");
    assert_has(f, " info tu\n20");
    assert_has(f, " info turn: begins\n");
}

static void test_what_comes_too_fast_is_counted(void **state)
{
    struct fixture *f = *state;
    char *text;

    log_open(f->dir, LOG_INFO);
    for (int i = 0; i < 20 * LOG_BURST; i++)
        log_warning("test", "line %d", i);
    text = contents(f, LOG_FILE);
    assert_in_range(lines(text), LOG_BURST, 10 * LOG_BURST);
    free(text);
    (void)usleep(2 * 1000000 / LOG_RATE);
    log_warning("test", "later");
    assert_has(f, "test: later\n");
    assert_has(f, "lines are left out here: they came too fast\n");
}

static void test_what_cannot_be_written_is_counted(void **state)
{
    struct fixture *f = *state;
    struct rlimit limit, small;

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    small = limit;
    small.rlim_cur = 20;
    log_open(f->dir, LOG_INFO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    log_info("test", "one");
    log_info("test", "two");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    log_info("test", "three");
    assert_has(f, "Z info test: three\n");
    assert_has(f, "warning log: 2 lines could not be written here\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_line_says_when_how_bad_who_and_what),
        TEST(test_what_is_below_the_level_is_not_kept),
        TEST(test_no_text_is_a_line_of_its_own),
        TEST(test_it_is_bounded_and_the_newest_lines_are_there),
        TEST(test_a_line_that_was_cut_off_spoils_no_other),
        TEST(test_what_comes_too_fast_is_counted),
        TEST(test_what_cannot_be_written_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
