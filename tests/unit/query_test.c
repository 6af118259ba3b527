#include "cim/query.h"
#include "test.h"

#include <errno.h>

static void statements_are_taken_apart(void **state)
{
    static const struct {
        const char *text, *properties, *class, *condition;
    } rows[] = {
        {"SELECT * FROM Win32_Process", "*", "Win32_Process", NULL},
        {"select Name , Size from C where Size > 1 AND Name LIKE 'a from b'", "Name,Size", "C",
         "Size > 1 AND Name LIKE 'a from b'"},
        {"\n SELECT\tA,\n B\nFROM C\nWHERE\nX = 'WHERE' \n", "A,B", "C", "X = 'WHERE' \n"},
        {"SELECT Fromage FROM C", "Fromage", "C", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct query query;
        struct error err;

        assert_int_equal(query_parse(&query, rows[i].text, &err), 0);
        assert_string_equal(query.properties, rows[i].properties);
        assert_string_equal(query.class, rows[i].class);
        if (rows[i].condition)
            assert_string_equal(query.condition, rows[i].condition);
        else
            assert_null(query.condition);
        query_release(&query);
    }
}

static void what_is_no_statement_is_refused(void **state)
{
    static const char *const rows[] = {"",
                                       "SELECT",
                                       "SELECTA FROM C",
                                       "SELECT A",
                                       "SELECT FROM C",
                                       "SELECT A FROM",
                                       "A FROM C",
                                       "SELECT A FROM C x",
                                       "SELECT A FROM C WHERE",
                                       "SELECT A FROM C WHERE  \n"};

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct query query;
        struct error err;

        if (query_parse(&query, rows[i], &err) != -EINVAL)
            fail_msg("%s: is taken", rows[i]);
        query_release(&query);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_are_taken_apart),
        cmocka_unit_test(what_is_no_statement_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
