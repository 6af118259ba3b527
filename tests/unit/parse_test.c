#include "base/parse.h"
#include "test.h"

#include <errno.h>

static void numbers_are_digits_alone(void **state)
{
    static const char *const wrong[] = {"", " 1", "1 ", "-1", "+1", "0x10", "1.0", "1e3", "a"};
    uint64_t n = 7;

    (void)state;
    assert_int_equal(parse_number("18446744073709551615", &n), 0);
    assert_true(n == UINT64_MAX);
    assert_int_equal(parse_number("007", &n), 0);
    assert_int_equal(n, 7);
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_int_equal(parse_number(wrong[i], &n), -EINVAL);
    assert_int_equal(parse_number("18446744073709551616", &n), -ERANGE);
    assert_int_equal(n, 7);
}

static void durations(void **state)
{
    static const struct {
        const char *text;
        int64_t micros;
    } right[] = {
        {"0", 0},           {"90", 90000000},          {"90s", 90000000}, {"1m30s", 90000000},
        {"2h", 7200000000}, {"1d", 86400000000},       {"500ms", 500000}, {"1.5s", 1500000},
        {"0.000001", 1},    {"1h1m1s1ms", 3661001000}, {"1.5", 1500000},
    };
    int64_t micros;

    (void)state;
    for (size_t i = 0; i < LENGTH(right); i++) {
        micros = -1;
        assert_int_equal(parse_duration(right[i].text, &micros), 0);
        assert_true(micros == right[i].micros);
    }
}

static void durations_that_are_none(void **state)
{
    static const char *const wrong[] = {"",   "s",   "1x",     "1 s", "-1s",  "1.s",
                                        ".5", "1sm", "1m30s ", "1,5", "1msx", "S"};
    static const char *const large[] = {"99999999999999999999", "9999999999999s", "300000000d"};
    int64_t micros = 42;

    (void)state;
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_int_equal(parse_duration(wrong[i], &micros), -EINVAL);
    for (size_t i = 0; i < LENGTH(large); i++)
        assert_int_equal(parse_duration(large[i], &micros), -ERANGE);
    assert_true(micros == 42);
}

static void sizes(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } right[] = {
        {"0", 0},
        {"512", 512},
        {"64K", 65536},
        {"64k", 65536},
        {"2G", 2147483648},
        {"1.5M", 1572864},
        {"1KiB", 1024},
        {"1kb", 1024},
        {"10B", 10},
        {"15E", UINT64_C(15) << 60},
        {"1T", UINT64_C(1) << 40},
    };
    uint64_t bytes;

    (void)state;
    for (size_t i = 0; i < LENGTH(right); i++) {
        bytes = 1;
        assert_int_equal(parse_size(right[i].text, &bytes), 0);
        assert_true(bytes == right[i].bytes);
    }
}

static void sizes_that_are_none(void **state)
{
    static const char *const wrong[] = {"", "K", "1KK", "1 K", "-1", "1X", "1Kx", "1.K"};
    uint64_t bytes = 42;

    (void)state;
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_int_equal(parse_size(wrong[i], &bytes), -EINVAL);
    assert_int_equal(parse_size("16E", &bytes), -ERANGE);
    assert_int_equal(parse_size("99999999999999999999", &bytes), -ERANGE);
    assert_true(bytes == 42);
}

static void throttles(void **state)
{
    static const struct {
        const char *text;
        int64_t throttle;
    } right[] = {
        {"0", 0},     {"1", 1},  {"64", 64}, {"max", -1}, {"50%", 2}, {"1%", 1},  {"0%", 1},
        {"250%", 10}, {"+2", 6}, {"+0", 4},  {"-1", 3},   {"-4", 1},  {"-99", 1},
    };
    static const char *const wrong[] = {"",    "%",    "+",    "-",    "1.5",
                                        "two", "50 %", "+50%", "max ", "--1"};
    int64_t throttle;

    (void)state;
    for (size_t i = 0; i < LENGTH(right); i++) {
        throttle = 42;
        assert_int_equal(parse_throttle(right[i].text, 4, &throttle), 0);
        assert_int_equal(throttle, right[i].throttle);
    }
    throttle = 42;
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_int_equal(parse_throttle(wrong[i], 4, &throttle), -EINVAL);
    assert_int_equal(parse_throttle("2147483648", 4, &throttle), -ERANGE);
    assert_int_equal(parse_throttle("99999999999%", 4, &throttle), -ERANGE);
    assert_int_equal(throttle, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_digits_alone), cmocka_unit_test(durations),
        cmocka_unit_test(durations_that_are_none),  cmocka_unit_test(sizes),
        cmocka_unit_test(sizes_that_are_none),      cmocka_unit_test(throttles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
