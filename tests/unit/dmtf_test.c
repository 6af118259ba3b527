#include "cim/dmtf.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define NOON INT64_C(1764072000) /* 2025-11-25T12:00:00Z */

static void local_time_is_written_with_its_offset(void **state)
{
    static const struct {
        const char *zone, *text;
    } rows[] = {
        {"UTC0", "20251125120000.000000+000"},
        {"CET-1", "20251125130000.000000+060"},
        {"IST-5:30", "20251125173000.000000+330"},
        {"NST3:30", "20251125083000.000000-210"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char text[DMTF_TEXT];
        int64_t seconds = 0;

        (void)setenv("TZ", rows[i].zone, 1);
        tzset();
        dmtf_format(NOON, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(dmtf_parse(text, &seconds), 0);
        assert_int_equal(seconds, NOON);
    }
}

static void other_texts_are_refused(void **state)
{
    static const char *const rows[] = {"",
                                       "20251125",
                                       "2025-11-25T12:00:00Z",
                                       "20251125120000.000000",
                                       "20251125120000.000000+0",
                                       "20251125120000.000000+00x",
                                       "20251125120000.000000*000",
                                       "20251125120000 000000+000",
                                       "********120000.000000+000"};
    int64_t seconds;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++)
        if (dmtf_parse(rows[i], &seconds) != -EINVAL)
            fail_msg("%s: is taken", rows[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_time_is_written_with_its_offset),
        cmocka_unit_test(other_texts_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
