#include "wire/row.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char name[] = "a name", location[] = "localhost", command[] = "make '\n'",
            item[] = "\xff\xfe", cwd[] = "", queue[] = "default", words[] = "make\0\0-j4\0";

/* A job with something in every field. */
static struct drover_job example(void)
{
    return (struct drover_job){
        .id = "7.42",
        .type = DROVER_CHILD,
        .state = DROVER_FAILED,
        .has_more_data = true,
        .attempt = 3,
        .pid = 1234,
        .exit_code = -1,
        .signal = 9,
        .submitted_at = 1,
        .begin_at = 2,
        .end_at = INT64_MAX,
        .user_us = 4,
        .sys_us = 5,
        .max_rss_kib = 6,
        .out_bytes = INT64_C(1) << 40,
        .err_bytes = 8,
        .children = {1, 2, 3, 4, 5, 6},
        .name = name,
        .reason = NULL,
        .location = location,
        .command = command,
        .item = item,
        .cwd = cwd,
        .queue = queue,
        .argv = words,
        .argc = 3,
        .processes_left = 7,
        .cause = DROVER_CAUSE_SIGNAL,
    };
}

static void a_row_comes_out_as_it_went_in(void **state)
{
    struct drover_job in = example(), out;
    struct buffer b = BUFFER_INIT;

    (void)state;
    assert_int_equal(row_encode(&b, &in), 0);
    assert_int_equal(row_decode(b.data, b.size, &out), b.size);
    assert_string_equal(out.id, in.id);
    assert_int_equal(out.type, in.type);
    assert_int_equal(out.state, in.state);
    assert_true(out.has_more_data);
    assert_int_equal(out.attempt, in.attempt);
    assert_int_equal(out.exit_code, -1);
    assert_int_equal(out.signal, 9);
    assert_int_equal(out.processes_left, 7);
    assert_int_equal(out.cause, DROVER_CAUSE_SIGNAL);
    assert_true(out.end_at == in.end_at && out.out_bytes == in.out_bytes);
    assert_memory_equal(&out.children, &in.children, sizeof in.children);
    assert_string_equal(out.name, in.name);
    assert_null(out.reason);
    assert_string_equal(out.item, in.item);
    assert_string_equal(out.cwd, "");
    assert_int_equal(out.argc, 3);
    assert_memory_equal(out.argv, in.argv, 10);
    row_release(&out);
    row_release(&out);
    buffer_release(&b);
}

static void rows_stand_one_behind_the_other(void **state)
{
    struct drover_job in = example(), out;
    struct buffer b = BUFFER_INIT;
    ssize_t first;

    (void)state;
    assert_int_equal(row_encode(&b, &in), 0);
    strcpy(in.id, "8");
    assert_int_equal(row_encode(&b, &in), 0);
    first = row_decode(b.data, b.size, &out);
    assert_true(first > 0);
    row_release(&out);
    assert_int_equal(row_decode(b.data + first, b.size - (size_t)first, &out),
                     b.size - (size_t)first);
    assert_string_equal(out.id, "8");
    row_release(&out);
    buffer_release(&b);
}

static void a_part_of_a_row_is_none(void **state)
{
    struct drover_job in = example(), out;
    struct buffer b = BUFFER_INIT;
    char *part;

    (void)state;
    assert_int_equal(row_encode(&b, &in), 0);
    for (size_t size = 0; size < b.size; size++) {
        part = test_malloc(size + 1);
        memcpy(part + 1, b.data, size);
        assert_int_equal(row_decode(part + 1, size, &out), -EBADMSG);
        test_free(part);
    }
    buffer_release(&b);
}

static void no_flipped_byte_leads_astray(void **state)
{
    struct drover_job in = example(), out;
    struct buffer b = BUFFER_INIT;
    ssize_t r;

    (void)state;
    assert_int_equal(row_encode(&b, &in), 0);
    for (size_t at = 0; at < b.size; at++) {
        b.data[at] = (char)~b.data[at];
        r = row_decode(b.data, b.size, &out);
        assert_true(r == -EBADMSG || r == -ENOMEM || (r > 0 && (size_t)r <= b.size));
        row_release(&out);
        b.data[at] = (char)~b.data[at];
    }
    buffer_release(&b);
}

static void a_job_without_an_id_is_not_written(void **state)
{
    struct drover_job in = {.id = "x"};
    struct buffer b = BUFFER_INIT;

    (void)state;
    assert_int_equal(row_encode(&b, &in), -EINVAL);
    assert_int_equal(b.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_comes_out_as_it_went_in),
        cmocka_unit_test(rows_stand_one_behind_the_other),
        cmocka_unit_test(a_part_of_a_row_is_none),
        cmocka_unit_test(no_flipped_byte_leads_astray),
        cmocka_unit_test(a_job_without_an_id_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
