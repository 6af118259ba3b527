/* What is written of batches into files: the lines of a joblog. */
#include "test.h"

#include "supervisor/export/joblog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_joblog_line_is_one_line_of_nine_columns(void **state)
{
    const struct joblog_entry entry = {.number = 12,
                                       .host = ":",
                                       .begin = 1700000000123456,
                                       .end = 1700000001623456,
                                       .received = 77,
                                       .exit_code = 3,
                                       .command = "printf 'a\nb\tc'"};
    char *line = joblog_line(&entry);

    (void)state;
    assert_non_null(line);
    assert_string_equal(line, "12\t:\t1700000000.123\t     1.500\t0\t77\t3\t0\t"
                              "printf 'a\\nb\\tc'\n");
    free(line);
}

static void a_line_that_may_be_there_is_added_once(void **state)
{
    char path[] = "/tmp/drover-joblog.XXXXXX", text[64] = "";
    int fd = mkstemp(path);
    struct error err;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(joblog_append(path, "1\tx\n", false, &err), 0);
    assert_int_equal(joblog_append(path, "1\tx\n", true, &err), 0);
    assert_int_equal(joblog_append(path, "1\t\n", true, &err), 0);
    assert_int_equal(read(fd, text, sizeof text - 1), 7);
    assert_string_equal(text, "1\tx\n1\t\n");
    (void)close(fd);
    (void)unlink(path);
    assert_int_equal(joblog_append("/nowhere/log", "x\n", false, &err), -2);
    assert_string_equal(err.text, "/nowhere/log: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_joblog_line_is_one_line_of_nine_columns),
        cmocka_unit_test(a_line_that_may_be_there_is_added_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
