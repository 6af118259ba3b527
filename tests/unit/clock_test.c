#include "base/clock.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

static void times_are_written_in_utc_with_microseconds(void **state)
{
    char text[CLOCK_TEXT];

    (void)state;
    clock_format(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
    clock_format(1795343580123456, text);
    assert_string_equal(text, "2026-11-22T10:33:00.123456Z");
    clock_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
}

static void times_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t wall;
    } right[] = {
        {"2026-11-22T10:33:00Z", 1795343580000000},
        {"2026-11-22T10:33:00.123456Z", 1795343580123456},
        {"2026-11-22T10:33:00.5Z", 1795343580500000},
        {"2026-11-22T12:33:00+02:00", 1795343580000000},
        {"2026-11-22T05:03:00-05:30", 1795343580000000},
        {"2026-11-22 10:33Z", 1795343580000000},
        {"@1795343580", 1795343580000000},
        {"@0", 0},
    };
    int64_t wall;

    (void)state;
    for (size_t i = 0; i < LENGTH(right); i++) {
        wall = -1;
        assert_int_equal(clock_parse(right[i].text, &wall), 0);
        assert_true(wall == right[i].wall);
    }
}

static void without_a_zone_it_is_local_time(void **state)
{
    int64_t wall;

    (void)state;
    setenv("TZ", "UTC-3", 1); /* POSIX counts west: this is UTC+3 */
    tzset();
    assert_int_equal(clock_parse("1970-01-01T03:00:00", &wall), 0);
    assert_true(wall == 0);
    assert_int_equal(clock_parse("1970-01-02", &wall), 0);
    assert_true(wall == 21 * 3600 * CLOCK_SECOND);
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const wrong[] = {"2025-02-30",
                                        "",
                                        "now",
                                        "@",
                                        "@x",
                                        "@99999999999999999",
                                        "2026-13-01",
                                        "2026-11-22T",
                                        "2026-11-22Tx",
                                        "2026-11-22T10:33:00+2",
                                        "2026-11-22T10:33:00Zx"};
    int64_t wall;

    (void)state;
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_int_equal(clock_parse(wrong[i], &wall), -EINVAL);
}

static void what_is_written_can_be_read(void **state)
{
    char text[CLOCK_TEXT];
    int64_t now = clock_wall(), wall;

    (void)state;
    clock_format(now, text);
    assert_int_equal(clock_parse(text, &wall), 0);
    assert_true(wall == now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_in_utc_with_microseconds),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(without_a_zone_it_is_local_time),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(what_is_written_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
