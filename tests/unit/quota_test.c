/* Which clients may send a large frame just now. */
#include "test.h"

#include "supervisor/clients/quota.h"

#define HALF (QUOTA_ALL / 2 + 1)

static void small_frames_need_no_leave(void **state)
{
    struct quota quota = {0};
    struct share share;

    (void)state;
    quota_join(&quota, &share, NULL);
    assert_true(quota_admit(&quota, &share, QUOTA_SMALL));
    assert_int_equal(quota.used, 0);
    quota_part(&quota, &share);
}

static void who_has_waited_longest_is_next(void **state)
{
    struct quota quota = {0};
    struct share a, b, c;

    (void)state;
    quota_join(&quota, &a, NULL);
    quota_join(&quota, &b, NULL);
    quota_join(&quota, &c, NULL);
    assert_true(quota_admit(&quota, &a, HALF));
    assert_null(quota_next(&quota));
    assert_false(quota_admit(&quota, &b, HALF));
    b.since -= 2;
    assert_false(quota_admit(&quota, &c, QUOTA_SMALL + 1)); /* it would fit, and b is before it */
    assert_ptr_equal(quota_next(&quota), &b);
    quota_leave(&quota, &a);
    assert_false(quota_admit(&quota, &c, QUOTA_SMALL + 1));
    assert_true(quota_admit(&quota, &b, HALF));
    assert_ptr_equal(quota_next(&quota), &c);
    assert_true(quota_admit(&quota, &c, QUOTA_SMALL + 1));
    assert_int_equal(quota.used, HALF + QUOTA_SMALL + 1);
    quota_part(&quota, &b);
    quota_part(&quota, &c);
    quota_part(&quota, &a);
    assert_int_equal(quota.used, 0);
    assert_null(quota.shares);
}

static void who_takes_too_long_is_overdue_only_while_others_wait(void **state)
{
    struct quota quota = {0};
    struct share slow, other;
    int64_t now;

    (void)state;
    quota_join(&quota, &slow, NULL);
    quota_join(&quota, &other, NULL);
    assert_true(quota_admit(&quota, &slow, HALF));
    now = slow.since + QUOTA_PATIENCE + 1;
    assert_null(quota_overdue(&quota, now));
    assert_false(quota_admit(&quota, &other, HALF));
    assert_null(quota_overdue(&quota, now - 1));
    assert_ptr_equal(quota_overdue(&quota, now), &slow);
    quota_part(&quota, &slow);
    assert_null(quota_overdue(&quota, now));
    assert_true(quota_admit(&quota, &other, HALF));
    quota_part(&quota, &other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_frames_need_no_leave),
        cmocka_unit_test(who_has_waited_longest_is_next),
        cmocka_unit_test(who_takes_too_long_is_overdue_only_while_others_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
