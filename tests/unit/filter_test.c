#include "cim/filter.h"
#include "test.h"

#include <errno.h>

static void fill(struct object *object)
{
    assert_int_equal(object_add(object, "Names=sshd"), 0);
    assert_int_equal(object_add(object, "Sizen=270553174016"), 0);
    assert_int_equal(object_add(object, "Readyb=true"), 0);
    assert_int_equal(object_add(object, "Sinced=1764072000"), 0); /* 2025-11-25T12:00:00Z */
    assert_int_equal(object_add(object, "no property"), -EINVAL);
}

static void conditions_hold_or_do_not(void **state)
{
    static const struct {
        const char *condition;
        int match;
    } rows[] = {
        {"Name = 'SSHD'", 1},
        {"name<>\"sshd\"", 0},
        {"Name != 'x' AND Size > 270553174015", 1},
        {"Size >= 270553174016 and Size <= 270553174016 and not Size < 1", 1},
        {"Name LIKE 's%d'", 1},
        {"Name LIKE 'ssh'", 0},
        {"Name LIKE '_s[a-i]%'", 1},
        {"Name LIKE '[^s]%'", 0},
        {"Ready = TRUE", 1},
        {"Nothing = 'x' OR Name = 'sshd'", 1},
        {"Nothing <> 'x'", 0},
        {"Nothing IS NULL AND Name IS NOT NULL", 1},
        {"(Name = 'a' OR Name = 'sshd') AND NOT (Size = 1)", 1},
        {"Name = 'a' OR Name = 'b' AND Size > 0", 0},
        {"Since = '20251125130000.000000+060'", 1},
        {"Since > '20251125115959.000000+000' AND Since < '2025-11-25T12:00:01Z'", 1},
        {"Since < '20251125120000.000000+000'", 0},
    };
    struct object object = {0};
    struct error err;

    (void)state;
    fill(&object);
    for (size_t i = 0; i < LENGTH(rows); i++)
        if (filter_match(rows[i].condition, &object, &err) != rows[i].match)
            fail_msg("%s: is not %d", rows[i].condition, rows[i].match);
    object_clear(&object);
}

static void what_is_no_condition_is_refused(void **state)
{
    static const char *const rows[] = {
        "",           "Name",        "Name =",       "= 1",
        "Name ~ 1",   "(Name = 'a'", "Name = 'a' b", "Name = 'a",
        "Name IS 1",  "AND",         "Name LIKE ()", "Since > 'soon'",
        "Size > 1GB", "Size < Name", "Size = 3;",    "3 = Size",
        "Size = abc"};
    struct object object = {0};
    struct error err;

    (void)state;
    fill(&object);
    for (size_t i = 0; i < LENGTH(rows); i++)
        if (filter_match(rows[i], &object, &err) != -EINVAL)
            fail_msg("%s: is taken", rows[i]);
    object_clear(&object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_hold_or_do_not),
        cmocka_unit_test(what_is_no_condition_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
