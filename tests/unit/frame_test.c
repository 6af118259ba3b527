#include "wire/frame.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void encode_request(struct buffer *out, const void *raw, size_t size)
{
    json_t *json = json_pack("{s:s}", "op", "list");

    assert_int_equal(frame_encode(out, FRAME_REQUEST, 7, json, raw, size), 0);
    json_decref(json);
}

static void a_frame_comes_out_as_it_went_in(void **state)
{
    struct buffer out = BUFFER_INIT;
    struct frame frame;
    json_t *json;

    (void)state;
    encode_request(&out, "a\0b", 3);
    assert_int_equal(frame_decode(out.data, out.size, &frame), out.size);
    assert_int_equal(frame.kind, FRAME_REQUEST);
    assert_int_equal(frame.tag, 7);
    assert_int_equal(frame.raw_size, 3);
    assert_memory_equal(frame.raw, "a\0b", 3);
    json = frame_json(&frame);
    assert_string_equal(json_string_value(json_object_get(json, "op")), "list");
    json_decref(json);
    buffer_release(&out);
}

static void two_frames_stand_one_behind_the_other(void **state)
{
    struct buffer out = BUFFER_INIT;
    struct frame frame;
    ssize_t first;

    (void)state;
    encode_request(&out, "x", 1);
    assert_int_equal(frame_encode(&out, FRAME_INPUT, 8, NULL, NULL, 0), 0);
    first = frame_decode(out.data, out.size, &frame);
    assert_true(first > 0);
    assert_int_equal(frame_decode(out.data + first, out.size - (size_t)first, &frame),
                     FRAME_HEADER);
    assert_int_equal(frame.kind, FRAME_INPUT);
    assert_int_equal(frame.raw_size, 0);
    assert_null(frame_json(&frame));
    buffer_release(&out);
}

static void a_part_of_a_frame_asks_for_more(void **state)
{
    struct buffer out = BUFFER_INIT;
    struct frame frame;
    char *part;

    (void)state;
    encode_request(&out, "raw", 3);
    for (size_t size = 0; size < out.size; size++) {
        part = test_malloc(size + 1);
        memcpy(part + 1, out.data, size);
        assert_int_equal(frame_decode(part + 1, size, &frame), 0);
        test_free(part);
    }
    buffer_release(&out);
}

static void garbage_is_no_frame(void **state)
{
    struct buffer out = BUFFER_INIT;
    struct frame frame;
    static const struct {
        size_t at;
        char byte;
        int error;
    } bad[] = {
        {8, 0, -EBADMSG},           /* kind 0 */
        {8, FRAME_KINDS, -EBADMSG}, /* an unknown kind */
        {10, 1, -EBADMSG},          /* what must be zero */
        {6, 1, -EBADMSG},           /* more JSON than payload */
        {3, 1, -EMSGSIZE},          /* 16 MiB of payload */
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        buffer_clear(&out);
        encode_request(&out, "raw", 3);
        out.data[bad[i].at] = bad[i].byte;
        assert_int_equal(frame_decode(out.data, out.size, &frame), bad[i].error);
    }
    assert_int_equal(frame_decode("GET / HTTP/1.1\r\n\r\n", 18, &frame), -EBADMSG);
    buffer_release(&out);
}

static void a_payload_beyond_the_limit_is_not_written(void **state)
{
    struct buffer out = BUFFER_INIT;
    char *large = calloc(1, FRAME_MAX + 1);
    struct frame frame;

    (void)state;
    assert_non_null(large);
    assert_int_equal(frame_encode(&out, FRAME_INPUT, 1, NULL, large, FRAME_MAX + 1), -EMSGSIZE);
    assert_int_equal(out.size, 0);
    assert_int_equal(frame_encode(&out, FRAME_INPUT, 1, NULL, large, FRAME_MAX), 0);
    assert_int_equal(frame_decode(out.data, out.size, &frame), FRAME_MAX + FRAME_HEADER);
    free(large);
    buffer_release(&out);
}

static void json_that_is_no_object_is_none(void **state)
{
    static const char *const texts[] = {"[1]", "3", "{", "{\"a\":1,\"a\":2}", "{}x", "", "\xff"};
    struct frame frame = {0};

    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        frame.json = texts[i];
        frame.json_size = strlen(texts[i]);
        assert_null(frame_json(&frame));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_comes_out_as_it_went_in),
        cmocka_unit_test(two_frames_stand_one_behind_the_other),
        cmocka_unit_test(a_part_of_a_frame_asks_for_more),
        cmocka_unit_test(garbage_is_no_frame),
        cmocka_unit_test(a_payload_beyond_the_limit_is_not_written),
        cmocka_unit_test(json_that_is_no_object_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
