#include "view/gauge.h"
#include "test.h"

#include <string.h>

#define SECOND INT64_C(1000000)

static const struct drover_progress half = {
    .total = 10, .running = 2, .completed = 4, .failed = 1, .rate = 2.5, .left = 2 * SECOND};

static void check_line(const struct drover_progress *progress, size_t width, bool colour,
                       const char *expected)
{
    struct buffer out = BUFFER_INIT;

    assert_int_equal(gauge_format(&out, progress, width, colour), 0);
    assert_int_equal(buffer_add_byte(&out, '\0'), 0);
    assert_string_equal(out.data, expected);
    buffer_release(&out);
}

static void all_figures_are_there_without_a_width(void **state)
{
    (void)state;
    check_line(&half, 0, true, "5/10  2 running  1 failed  2.5/s  ETA 2s");
}

static void stopped_children_are_done(void **state)
{
    struct drover_progress p = {.total = 3, .completed = 1, .stopped = 1, .left = -1};

    (void)state;
    check_line(&p, 0, false, "2/3  0 running");
}

static void an_open_batch_says_that_more_may_come(void **state)
{
    struct drover_progress p = half;

    (void)state;
    p.open = true;
    p.left = -1;
    check_line(&p, 80, false, "5/10+  2 running  1 failed  2.5/s");
}

static void what_is_over_has_no_eta(void **state)
{
    struct drover_progress p = {.total = 2, .completed = 2, .left = 0};

    (void)state;
    check_line(&p, 0, false, "2/2  0 running");
}

static void a_bar_takes_what_the_figures_leave(void **state)
{
    (void)state;
    check_line(&half, 53, false, "[#####-----] 5/10  2 running  1 failed  2.5/s  ETA 2s");
    check_line(&half, 200, false,
               "[##################-------------------] 5/10  2 running  1 failed  2.5/s  ETA 2s");
}

static void a_narrow_line_has_no_bar_and_is_cut(void **state)
{
    (void)state;
    check_line(&half, 49, false, "5/10  2 running  1 failed  2.5/s  ETA 2s");
    check_line(&half, 40, false, "5/10  2 running  1 failed  2.5/s  ETA 2s");
    check_line(&half, 15, true, "5/10  2 running");
    check_line(&half, 1, true, "5");
}

static void failures_are_coloured_without_taking_columns(void **state)
{
    (void)state;
    check_line(&half, 40, true, "5/10  2 running  \033[31m1 failed\033[0m  2.5/s  ETA 2s");
}

static void a_sum_is_as_late_as_the_slowest(void **state)
{
    struct drover_progress sum = {0}, slow = half;

    (void)state;
    slow.left = 60 * SECOND;
    gauge_sum(&sum, &slow);
    gauge_sum(&sum, &half);
    check_line(&sum, 0, false, "10/20  4 running  2 failed  5.0/s  ETA 1m00s");
}

static void a_sum_knows_no_end_when_one_does_not(void **state)
{
    const struct drover_progress unknown = {.total = 1, .left = -1};
    const struct drover_progress open = {.open = true, .left = -1};
    struct drover_progress first = {0}, last = {0};

    (void)state;
    gauge_sum(&first, &unknown);
    gauge_sum(&first, &half);
    assert_true(first.left < 0);
    gauge_sum(&last, &half);
    gauge_sum(&last, &open);
    assert_true(last.left < 0);
}

static void a_finished_batch_does_not_hide_when_others_end(void **state)
{
    const struct drover_progress finished = {.total = 3, .completed = 3, .left = -1};
    struct drover_progress sum = {0};

    (void)state;
    gauge_sum(&sum, &finished);
    gauge_sum(&sum, &half);
    assert_int_equal(sum.left, 2 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_figures_are_there_without_a_width),
        cmocka_unit_test(stopped_children_are_done),
        cmocka_unit_test(an_open_batch_says_that_more_may_come),
        cmocka_unit_test(what_is_over_has_no_eta),
        cmocka_unit_test(a_bar_takes_what_the_figures_leave),
        cmocka_unit_test(a_narrow_line_has_no_bar_and_is_cut),
        cmocka_unit_test(failures_are_coloured_without_taking_columns),
        cmocka_unit_test(a_sum_is_as_late_as_the_slowest),
        cmocka_unit_test(a_sum_knows_no_end_when_one_does_not),
        cmocka_unit_test(a_finished_batch_does_not_hide_when_others_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
