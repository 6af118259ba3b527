#include "base/buffer.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void bytes_come_out_as_they_went_in(void **state)
{
    struct buffer b = BUFFER_INIT;
    char *text;

    (void)state;
    assert_int_equal(buffer_add(&b, "a\0b", 3), 0);
    assert_int_equal(buffer_add_text(&b, "cd"), 0);
    assert_int_equal(buffer_add_byte(&b, 'e'), 0);
    assert_int_equal(buffer_printf(&b, "%d%s", 12, "x"), 0);
    assert_int_equal(b.size, 9);
    assert_memory_equal(b.data, "a\0bcde12x", 9);
    text = buffer_steal(&b);
    assert_memory_equal(text, "a\0bcde12x", 10);
    assert_int_equal(b.size, 0);
    free(text);
    buffer_release(&b);
    buffer_release(&b);
    buffer_release(NULL);
}

static void it_grows_to_its_limit_and_no_further(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(buffer_add_byte(&b, 'x'), 0);
    assert_int_equal(buffer_add_byte(&b, 'x'), -EMSGSIZE);
    assert_int_equal(buffer_add(&b, NULL, SIZE_MAX), -EMSGSIZE);
    assert_int_equal(buffer_reserve(&b, SIZE_MAX - 10), -EMSGSIZE);
    assert_int_equal(b.size, 1000);
    assert_int_equal(buffer_add(&b, NULL, 0), 0);
    buffer_release(&b);
}

static void bytes_are_taken_off_the_front(void **state)
{
    struct buffer b = BUFFER_INIT;

    (void)state;
    assert_int_equal(buffer_add_text(&b, "abcdef"), 0);
    buffer_consume(&b, 2);
    assert_int_equal(b.size, 4);
    assert_memory_equal(b.data, "cdef", 4);
    buffer_consume(&b, 100);
    assert_int_equal(b.size, 0);
    buffer_release(&b);
}

static void an_empty_buffer_is_an_empty_text(void **state)
{
    struct buffer b = BUFFER_INIT;
    char *text = buffer_steal(&b);

    (void)state;
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_out_as_they_went_in),
        cmocka_unit_test(it_grows_to_its_limit_and_no_further),
        cmocka_unit_test(bytes_are_taken_off_the_front),
        cmocka_unit_test(an_empty_buffer_is_an_empty_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
