#include "base/text.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

typedef int text_add(struct buffer *out, const char *text, size_t size);

/* What `add` makes of the text; the caller frees it. */
static char *text_of(text_add *add, const char *text, size_t size)
{
    struct buffer out = BUFFER_INIT;
    char *copy = test_malloc(size), *result;

    memcpy(copy, text, size); /* of its exact size: reading beyond it is seen by sanitizers */
    assert_int_equal(add(&out, copy, size), 0);
    test_free(copy);
    result = buffer_steal(&out);
    assert_non_null(result);
    return result;
}

#define assert_text(add, text, expected)                                                           \
    do {                                                                                           \
        char *result_ = text_of(add, text, sizeof text - 1);                                       \
        assert_string_equal(result_, expected);                                                    \
        free(result_);                                                                             \
    } while (0)

static void utf8_is_told_from_other_bytes(void **state)
{
    static const char *const right[] = {"",
                                        "a",
                                        "\xc3\xa9",
                                        "\xe2\x82\xac",
                                        "\xf0\x9f\x90\x84",
                                        "\xed\x9f\xbf",
                                        "\xf4\x8f\xbf\xbf"};
    static const char *const wrong[] = {"\x80",         "\xc3",         "\xc0\xaf",
                                        "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                        "\xff",         "a\xe2\x82",    "\xf8\x88\x80\x80\x80"};

    (void)state;
    for (size_t i = 0; i < LENGTH(right); i++)
        assert_true(text_is_utf8(right[i], strlen(right[i])));
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_false(text_is_utf8(wrong[i], strlen(wrong[i])));
}

static void other_bytes_become_replacement_characters(void **state)
{
    (void)state;
    assert_text(text_add_utf8, "a\xffz", "a\xef\xbf\xbdz");
    assert_text(text_add_utf8, "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd");
    assert_text(text_add_utf8, "caf\xc3\xa9", "caf\xc3\xa9");
}

static void nothing_escaped_can_drive_a_terminal(void **state)
{
    (void)state;
    assert_text(text_add_escaped, "a\nb\tc", "a\\nb\\tc");
    assert_text(text_add_escaped, "\x1b[31m", "\\e[31m");
    assert_text(text_add_escaped, "\x01\x7f\xff", "\\x01\\x7f\\xff");
    assert_text(text_add_escaped,
                "\xc2\x9b"
                "31m",
                "\\xc2\\x9b"
                "31m");
    assert_text(text_add_escaped, "caf\xc3\xa9", "caf\xc3\xa9");
}

static void words_are_quoted_for_a_shell(void **state)
{
    static const struct {
        const char *word, *quoted;
    } words[] = {{"make", "make"},       {"-j4", "-j4"},       {"", "''"},         {"a b", "'a b'"},
                 {"it's", "'it'\\''s'"}, {"$HOME", "'$HOME'"}, {"a\nb", "'a\nb'"}, {"~", "'~'"},
                 {"*", "'*'"},           {"a=b", "a=b"}};
    struct buffer out = BUFFER_INIT;

    (void)state;
    for (size_t i = 0; i < LENGTH(words); i++) {
        buffer_clear(&out);
        assert_int_equal(text_add_quoted(&out, words[i].word), 0);
        assert_int_equal(out.size, strlen(words[i].quoted));
        assert_memory_equal(out.data, words[i].quoted, out.size);
    }
    buffer_release(&out);
}

static void the_nearest_name_is_named(void **state)
{
    static const char *const names[] = {"start", "stop", "receive", "remove", "get", NULL};

    (void)state;
    assert_string_equal(text_nearest("strat", names), "start");
    assert_string_equal(text_nearest("recieve", names), "receive");
    assert_string_equal(text_nearest("rem", names), "remove");
    assert_null(text_nearest("xyzzy", names));
    assert_null(text_nearest("a-word-far-longer-than-any-name-there-is", names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_told_from_other_bytes),
        cmocka_unit_test(other_bytes_become_replacement_characters),
        cmocka_unit_test(nothing_escaped_can_drive_a_terminal),
        cmocka_unit_test(words_are_quoted_for_a_shell),
        cmocka_unit_test(the_nearest_name_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
