#include "wire/jobid.h"
#include "test.h"

#include <errno.h>

static void ids_are_written_as_they_are_read(void **state)
{
    static const char *const right[] = {"1", "7.42", "2147483647", "2147483647.4294967295"};
    char text[JOBID_TEXT];
    jobid id;

    (void)state;
    for (size_t i = 0; i < LENGTH(right); i++) {
        assert_int_equal(jobid_parse(right[i], &id), 0);
        jobid_format(id, text);
        assert_string_equal(text, right[i]);
    }
}

static void what_is_no_id_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",    "0",  "01",    "-1", "+1", " 1",         "1 ",           "1.",
        "1.0", ".1", "1.2.3", "x",  "1x", "2147483648", "1.4294967296", "99999999999999999999999",
        "1-2"};
    jobid id = 5;

    (void)state;
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_int_equal(jobid_parse(wrong[i], &id), -EINVAL);
    assert_int_equal(id, 5);
}

static void ranges(void **state)
{
    jobid first, last;

    (void)state;
    assert_int_equal(jobid_parse_range("3-5", &first, &last), 0);
    assert_true(first == jobid_make(3, 0) && last == jobid_make(5, 0));
    assert_int_equal(jobid_parse_range("7.1-9", &first, &last), 0);
    assert_true(first == jobid_make(7, 1) && last == jobid_make(7, 9));
    assert_int_equal(jobid_parse_range("4", &first, &last), 0);
    assert_true(first == last);
    assert_int_equal(jobid_parse_range("5-3", &first, &last), -EINVAL);
    assert_int_equal(jobid_parse_range("7.9-1", &first, &last), -EINVAL);
    assert_int_equal(jobid_parse_range("3-", &first, &last), -EINVAL);
    assert_int_equal(jobid_parse_range("3-5-7", &first, &last), -EINVAL);
}

static void children_stand_behind_their_batch(void **state)
{
    (void)state;
    assert_true(jobid_make(7, 0) < jobid_make(7, 1));
    assert_true(jobid_make(7, UINT32_MAX) < jobid_make(8, 0));
    assert_true(jobid_parent(jobid_make(7, 42)) == jobid_make(7, 0));
    assert_true(jobid_parent(jobid_make(7, 0)) == jobid_make(7, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_written_as_they_are_read),
        cmocka_unit_test(what_is_no_id_is_refused),
        cmocka_unit_test(ranges),
        cmocka_unit_test(children_stand_behind_their_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
