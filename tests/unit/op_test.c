#include "wire/op.h"
#include "test.h"

#include "os/file.h"
#include "wire/frame.h"
#include "wire/page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static int check(const char *op, const char *text, struct error *err)
{
    json_t *json = json_loads(text, 0, NULL);
    int r;

    assert_non_null(json);
    r = op_check(op_find(op), json, err);
    json_decref(json);
    return r;
}

static void members_of_their_type_are_taken(void **state)
{
    static const struct {
        const char *op, *json;
    } good[] = {
        {"list", "{\"op\": \"list\"}"},
        {"list", "{\"jobs\": [], \"children\": false, \"before\": -5, \"newest\": 0}"},
        {"list", "{\"jobs\": [\"1\", \"web*\"]}"},
        {"start", "{\"argc\": 1, \"umask\": 511, \"nice\": -20}"},
        {"batch", "{\"max_load\": 1, \"throttle\": -1}"},
        {"batch", "{\"max_load\": 0.5}"},
        {"receive", "{\"stream\": \"out\", \"order\": \"live\"}"},
        {"start", "{\"attributes\": {\"nice\": 5, \"processors\": [3, 0]}}"},
        {"queues", "{}"},
    };
    struct error err;

    (void)state;
    for (size_t i = 0; i < LENGTH(good); i++)
        assert_int_equal(check(good[i].op, good[i].json, &err), 0);
}

static void others_are_refused_by_name(void **state)
{
    static const struct {
        const char *op, *json, *words;
    } bad[] = {
        {"list", "{\"jobs\": \"1\"}", "list: jobs: is no array of texts"},
        {"list", "{\"jobs\": [1]}", "list: jobs: is no array of texts"},
        {"list", "{\"children\": 1}", "list: children: is neither true nor false"},
        {"list", "{\"before\": 1.5}", "list: before: is no whole number"},
        {"list", "{\"queue\": null}", "list: queue: is no text"},
        {"start", "{\"argc\": 0}", "start: argc: is no whole number from 1 on"},
        {"start", "{\"umask\": 512}", "start: umask: is no whole number from 0 to 511"},
        {"start", "{\"limits\": [[1, 2]]}",
         "start: limits: is no array of 16 pairs of whole numbers"},
        {"start", "{\"attributes\": {\"mice\": 5}}",
         "start: attributes: is no object of whole numbers with names out of: nice policy priority "
         "ioprio oom_score_adj personality timer_slack processors"},
        {"start", "{\"throttle\": 2}", "start: throttle: it has no such member"},
        {"batch", "{\"max_load\": -1}", "batch: max_load: is no number from 0 on"},
        {"receive", "{\"stream\": \"both\"}", "receive: stream: is none of: out err"},
        {"receive", "{\"stream\": \"ou\"}", "receive: stream: is none of: out err"},
        {"queues", "{\"name\": \"a\"}", "queues: name: it has no such member"},
    };
    struct error err;

    (void)state;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        assert_int_equal(check(bad[i].op, bad[i].json, &err), -EINVAL);
        assert_string_equal(err.text, bad[i].words);
    }
}

static void what_is_needed_is_missed_by_name(void **state)
{
    json_t *json = json_pack("{ss}", "batch", "1");
    struct error err;

    (void)state;
    assert_int_equal(op_check_needed(op_find("feed"), json, &err), 0);
    assert_int_equal(op_check_needed(op_find("items_end"), json, &err), -EINVAL);
    assert_string_equal(err.text, "items_end: count: is missing");
    json_decref(json);
    assert_null(op_find("no such op"));
}

/* It is written by build/src/wire/protocol-page docs/protocol.md. */
static void the_page_is_up_to_date(void **state)
{
    struct buffer page = BUFFER_INIT, wanted = BUFFER_INIT;
    int fd = os_open(TEST_DOCS "/protocol.md", O_RDONLY, 0);
    char number[64];
    ssize_t n;

    (void)state;
    assert_true(fd >= 0);
    while ((n = buffer_read(&page, fd, 65536)) > 0)
        ;
    assert_int_equal(n, 0);
    (void)os_close(fd);
    assert_int_equal(buffer_add_byte(&page, '\0'), 0);
    assert_int_equal(page_replace(page.data, &wanted), 0);
    assert_int_equal(buffer_add_byte(&wanted, '\0'), 0);
    assert_string_equal(page.data, wanted.data);
    (void)snprintf(number, sizeof number, "HELLO with `protocol` %d ", FRAME_PROTOCOL);
    assert_non_null(strstr(page.data, number));
    buffer_release(&page);
    buffer_release(&wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_of_their_type_are_taken),
        cmocka_unit_test(others_are_refused_by_name),
        cmocka_unit_test(what_is_needed_is_missed_by_name),
        cmocka_unit_test(the_page_is_up_to_date),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
