#include "base/template.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* The values of an item of its exact size: reading beyond it is seen by sanitizers. */
static struct template_values values_of(const char *item, size_t size)
{
    char *copy = test_malloc(size);

    memcpy(copy, item, size);
    return (struct template_values){.item = copy, .size = size, .number = 7, .slot = 3};
}

static void values_free(struct template_values *values)
{
    test_free((char *)(uintptr_t)values->item);
}

static void check_expansion(const char *text, struct template_values *values, bool quote,
                            const char *expected, size_t size)
{
    struct buffer out = BUFFER_INIT;
    bool replaced = false;

    assert_int_equal(template_expand(&out, text, values, quote, &replaced), 0);
    assert_int_equal(out.size, size);
    assert_memory_equal(out.data ? out.data : "", expected, size);
    assert_int_equal(replaced, strcmp(text, expected) != 0);
    buffer_release(&out);
    values_free(values);
}

#define assert_expands(text, item, expected)                                                       \
    do {                                                                                           \
        struct template_values values_ = values_of(item, sizeof(item) - 1);                        \
        check_expansion(text, &values_, false, expected, sizeof(expected) - 1);                    \
    } while (0)

#define assert_quotes(text, item, expected)                                                        \
    do {                                                                                           \
        struct template_values values_ = values_of(item, sizeof(item) - 1);                        \
        check_expansion(text, &values_, true, expected, sizeof(expected) - 1);                     \
    } while (0)

/* What GNU parallel 20221122 makes of the same. */
static void parts_are_those_of_gnu_parallel(void **state)
{
    static const struct {
        const char *item, *stem, *base, *directory, *base_stem;
    } parts[] = {
        {"a", "a", "a", ".", "a"},
        {"/a", "/a", "a", "/", "a"},
        {"a/b", "a/b", "b", "a", "b"},
        {"a.b", "a", "a.b", ".", "a"},
        {"a.b/c", "a.b/c", "c", "a.b", "c"},
        {"a/.b", "a/", ".b", "a", ""},
        {".b", "", ".b", ".", ""},
        {"a/", "a/", "", ".", ""},
        {"a/b/", "a/b/", "", "a", ""},
        {"/", "/", "", "/", ""},
        {"//", "//", "", "/", ""},
        {"", "", "", ".", ""},
        {".", "", ".", ".", ""},
        {"..", ".", "..", ".", "."},
        {"a.", "a", "a.", ".", "a"},
        {"a.b.c", "a.b", "a.b.c", ".", "a.b"},
        {"a//b", "a//b", "b", "a", "b"},
        {"/a.b/", "/a.b/", "", "/", ""},
        {"../x", "../x", "x", "..", "x"},
        {"a b/c d.e f", "a b/c d", "c d.e f", "a b", "c d"},
        {"\xff.\xfe/\x80.\xc3", "\xff.\xfe/\x80", "\x80.\xc3", "\xff.\xfe", "\x80"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(parts); i++) {
        const char *wanted[] = {parts[i].item, parts[i].stem, parts[i].base, parts[i].directory,
                                parts[i].base_stem};
        static const char *const all[] = {"{}", "{.}", "{/}", "{//}", "{/.}"};
        static const char *const first[] = {"{1}", "{1.}", "{1/}", "{1//}", "{1/.}"};
        static const char *const last[] = {"{-1}", "{-1.}", "{-1/}", "{-1//}", "{-1/.}"};

        for (size_t part = 0; part < LENGTH(all); part++) {
            const char *const texts[] = {all[part], first[part], last[part]};

            for (size_t t = 0; t < LENGTH(texts); t++) {
                struct template_values values = values_of(parts[i].item, strlen(parts[i].item));

                check_expansion(texts[t], &values, false, wanted[part], strlen(wanted[part]));
            }
        }
    }
}

static void fields_are_counted_from_both_ends(void **state)
{
    (void)state;
    assert_expands("{1}{2}{3}", "a\0b\0c", "abc");
    assert_expands("{-1}{-2}{-3}", "a\0b\0c", "cba");
    assert_expands("<{4}|{-4}|{99999999999999999999999}|{-99999999999999999999999}>", "a\0b\0c",
                   "<|||>");
    assert_expands("{2.} {2/} {2//} {2/.}", "x\0a/b.c\0y", "a/b b.c a b");
    assert_expands("{-2.} {-2/} {-2//} {-2/.}", "x\0a/b.c\0y", "a/b b.c a b");
    assert_expands("<{4//}>", "a", "<>");
    assert_expands("<{1}|{2}|{3}>", "\0\0", "<||>");
    assert_expands("{01}", "a", "a");
}

static void all_fields_come_with_spaces_between(void **state)
{
    (void)state;
    assert_expands("<{}>", "a\0b c\0", "<a b c >");
    assert_expands("{.}|{/}|{//}|{/.}", "a/b.c\0d.e", "a/b d|b.c d.e|a .|b d");
}

static void number_and_slot_take_their_place(void **state)
{
    struct template_values unknown = {.item = "a", .size = 1, .number = UINT32_MAX};
    struct buffer out = BUFFER_INIT;
    bool replaced = false;

    (void)state;
    assert_expands("{#}.{%}", "a", "7.3");
    assert_int_equal(template_expand(&out, "{#}{%}", &unknown, false, &replaced), 0);
    assert_int_equal(out.size, strlen("4294967295{%}"));
    assert_memory_equal(out.data, "4294967295{%}", out.size);
    assert_true(replaced);
    buffer_release(&out);
}

static void anything_else_in_braces_stays(void **state)
{
    static const char *const texts[] = {
        "",     "{",     "}",      "}{",    "{x}",  "{ }",  "{1 }",    "{ 1}",       "{0}",
        "{-0}", "{-}",   "{-.}",   "{--1}", "{+1}", "{1-}", "{1x}",    "{..}",       "{///}",
        "{./}", "{/..}", "{1../}", "{##}",  "{#1}", "{1#}", "{{",      "{print $1}", "{1",
        "{1.",  "{1/",   "{#",     "{.",    "{//",  "{-1",  "${1:-x}", "{1,2}",      "%{#",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct template_values values = values_of("item", 4);

        check_expansion(texts[i], &values, false, texts[i], strlen(texts[i]));
    }
    assert_expands("{{}}{", "a", "{a}{");
    assert_expands("{x{}}", "a", "{xa}");
}

static void what_an_item_holds_is_not_replaced(void **state)
{
    (void)state;
    assert_expands("{}{1}", "{}{#}", "{}{#}{}{#}");
    assert_expands("{1}{2}", "{2}\0{1}", "{2}{1}");
}

static void each_field_is_quoted_by_itself(void **state)
{
    (void)state;
    assert_quotes("x {}", "a\0b c\0it's\0", "x a 'b c' 'it'\\''s' ''");
    assert_quotes("{1} {2} <{3}> {#}", "$(id)\0a\nb", "'$(id)' 'a\nb' <> 7");
    assert_quotes("{.}", "a b.c", "'a b'");
    assert_quotes("{}", "\xff'", "'\xff'\\'''");
}

static void huge_items_are_whole(void **state)
{
    size_t size = (size_t)1 << 20;
    char *item = test_malloc(size);
    struct template_values values = {.item = item, .size = size};
    struct buffer out = BUFFER_INIT;
    bool replaced = false;

    (void)state;
    memset(item, 'x', size);
    item[size / 2] = '\0';
    assert_int_equal(template_expand(&out, "{}{2}{-1}", &values, false, &replaced), 0);
    assert_int_equal(out.size, size + 2 * (size - size / 2 - 1));
    buffer_release(&out);
    test_free(item);
}

static void check_words(const struct template *template, const struct template_values *values,
                        const char *expected, size_t size)
{
    struct buffer out = BUFFER_INIT;
    size_t argc, count = 0;

    assert_int_equal(template_words(&out, template, values, &argc), 0);
    assert_int_equal(out.size, size);
    assert_memory_equal(out.data, expected, size);
    for (size_t i = 0; i < size; i++)
        count += expected[i] == '\0';
    assert_int_equal(argc, count);
    buffer_release(&out);
}

#define assert_words(argv, script, item, expected)                                                 \
    do {                                                                                           \
        struct template template_ = {argv, sizeof(argv), script};                                  \
        struct template_values values_ = values_of(item, sizeof(item) - 1);                        \
        check_words(&template_, &values_, expected, sizeof(expected));                             \
        values_free(&values_);                                                                     \
    } while (0)

static void a_lone_replacement_is_a_word_for_each_field(void **state)
{
    (void)state;
    assert_words("echo\0{}\0end", false, "a b\0c", "echo\0a b\0c\0end");
    assert_words("echo\0x{}", false, "a\0b", "echo\0xa b");
    assert_words("echo\0{/}\0{.}", false, "d/a.x\0b.y", "echo\0a.x\0b.y\0d/a\0b");
    assert_words("echo\0{2}", false, "a\0b c", "echo\0b c");
    assert_words("echo\0{3}", false, "a\0b", "echo\0");
    assert_words("{}", false, "", "");
    assert_words("{}", false, "\0", "\0");
}

static void without_replacement_the_fields_are_appended(void **state)
{
    (void)state;
    assert_words("echo", false, "a b", "echo\0a b");
    assert_words("echo", false, "a\0\0b", "echo\0a\0\0b");
    assert_words("echo\0{x}", false, "a", "echo\0{x}\0a");
    assert_words("echo", false, "", "echo\0");
    assert_words("echo\0{#}", false, "a", "echo\0007");
    assert_words("echo\0{%}", false, "a", "echo\0003");
    assert_words("echo\0{9}", false, "a", "echo\0");
}

static void a_script_gets_its_replacements_quoted(void **state)
{
    (void)state;
    assert_words("sh\0-c\0echo {} >{1}.out\0sh", true, "a b\0c",
                 "sh\0-c\0echo 'a b' c >'a b'.out\0sh");
    assert_words("sh\0-c\0{}\0sh", true, "a b\0c", "sh\0-c\0'a b' c\0sh");
    assert_words("sh\0-c\0echo $1 $2\0sh", true, "a b\0c", "sh\0-c\0echo $1 $2\0sh\0a b\0c");
    assert_words("sh\0-c\0echo $1\0sh\0{}", true, "a b\0c", "sh\0-c\0echo $1\0sh\0a b\0c");
}

static void without_values_words_are_as_they_are(void **state)
{
    static const char argv[] = "echo\0{}\0{#}";
    struct template template = {argv, sizeof argv, false};

    (void)state;
    check_words(&template, NULL, argv, sizeof argv);
}

static void check_command(const struct template *template, const struct template_values *values,
                          const char *expected)
{
    struct buffer line = BUFFER_INIT;
    char *text;

    assert_int_equal(template_command(&line, template, values), 0);
    text = buffer_steal(&line);
    assert_string_equal(text, expected);
    free(text);
}

static void a_command_is_shown_as_a_shell_would_read_it(void **state)
{
    static const char words[] = "echo\0{}\0it's\0", script[] = "sh\0-c\0echo {}; x\0sh\0one two";
    struct template plain = {words, sizeof words - 1, false};
    struct template shell = {script, sizeof script, true};
    struct template_values values = {.item = "a b\0c", .size = 5, .number = 1};

    (void)state;
    check_command(&plain, &values, "echo 'a b' c 'it'\\''s'");
    check_command(&shell, &values, "echo 'a b' c; x 'one two'");
    check_command(&plain, NULL, "echo '{}' 'it'\\''s'");
}

static void in_a_script_an_item_is_data_within_any_quotes(void **state)
{
    static const struct {
        const char *script, *expanded;
    } cases[] = {
        {"echo {}", "echo '`id`'"},
        {"echo \"{}\"", "echo \"\"'`id`'\"\""},
        {"echo '{}'", "echo '''`id`'''"},
        {"echo \"a {} b\" {}", "echo \"a \"'`id`'\" b\" '`id`'"},
        {"echo \\\"{}", "echo \\\"'`id`'"},
        {"echo \"$(cat \"{}\")\"", "echo \"$(cat \"\"'`id`'\"\")\""},
        {"x=$( (echo \"{}\") )", "x=$( (echo \"\"'`id`'\"\") )"},
        {"# don't\necho {}", "# don't\necho '`id`'"},
        {"echo it\\'s {}", "echo it\\'s '`id`'"},
        {"awk '{print}' {}", "awk '{print}' '`id`'"},
        {"echo {}# {}", "echo '`id`'# '`id`'"},
        {"echo {}>{}", "echo '`id`'>'`id`'"},
        {"echo {#}>{}", "echo 7''>'`id`'"},
        {"echo $((1 << 2)) {}", "echo $((1 << 2)) '`id`'"},
        {"echo $(({} + {#}))", "echo $((# + 7))"},
        {"echo \"$((1 + $(echo {})))\"", "echo \"$((1 + $(echo '`id`')))\""},
        {"echo `date` ${x#\\'} {}", "echo `date` ${x#\\'} '`id`'"},
    };
    struct template_values values = {.item = "`id`", .size = 4, .number = 7};

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct buffer out = BUFFER_INIT;
        bool replaced = false;

        assert_int_equal(template_expand(&out, cases[i].script, &values, true, &replaced), 0);
        assert_int_equal(buffer_add_byte(&out, '\0'), 0);
        assert_string_equal(out.data, cases[i].expanded);
        buffer_release(&out);
    }
}

static void places_where_an_item_is_no_data_are_told(void **state)
{
    static const struct {
        const char *script, *place;
    } cases[] = {
        {"echo {} \"{}\" '{}' $(echo {} \"{}\") \"$(echo {})\"", NULL},
        {"cat <<E {}", NULL},
        {"cat <<<{} <<<{}", NULL},
        {"cat <<E\n{}\nE\n", "behind a here-document"},
        {"cat <<-\\E; echo {}\n{}", "behind a here-document"},
        {"cat <<'E'\nx\nE\necho {}", "behind a here-document"},
        {"cat <<{}", "behind <<"},
        {"echo \"<<\"\necho '<<' # <<\n{}", NULL},
        {"echo $((1 << 2))\necho {}", NULL},
        {"echo `echo {}`", "in backquotes"},
        {"echo \"`echo {}`\"", "in backquotes"},
        {"echo `date` '`' {}", NULL},
        {"echo $(( {} + 1 ))", NULL},
        {"echo \"$((1 + $(echo {})))\" ${x:-$(echo {})}", NULL},
        {"echo $(( (1) + {#} )) {}", NULL},
        {"echo $(echo $((1)) {})", NULL},
        {"echo \"${x:-{}}\"", "in ${...}"},
        {"echo \"${x:-don't}\" ${#x} ${x%\"}\"} {}", NULL},
        {"echo \\{}", "behind a backslash"},
        {"echo '\\{}'", NULL},
        {"echo ${1}", "behind a $"},
        {"echo '${1}' \\${1}", NULL},
        {"echo $'a\\'' {}", "behind $'...'"},
        {"echo \"$\" {}", NULL},
        {"true # {}", "in a comment"},
        {"(true)# don't\necho {}", "behind )#"},
        {"echo \"$(case x in x) echo {} ;; esac)\"", "behind a case in $(...)"},
        {"case {} in x) echo {} ;; esac", NULL},
        {"$($($($($($($($($($($($($($($($({}", "too deep"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const char *place = template_misplaced(cases[i].script, true);

        if (!place || !cases[i].place)
            assert_ptr_equal(place, cases[i].place);
        else
            assert_string_equal(place, cases[i].place);
    }
    assert_string_equal(template_misplaced("echo {}", false), "in a script that is not for sh");
    assert_null(template_misplaced("echo {#} {", false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_those_of_gnu_parallel),
        cmocka_unit_test(fields_are_counted_from_both_ends),
        cmocka_unit_test(all_fields_come_with_spaces_between),
        cmocka_unit_test(number_and_slot_take_their_place),
        cmocka_unit_test(anything_else_in_braces_stays),
        cmocka_unit_test(what_an_item_holds_is_not_replaced),
        cmocka_unit_test(each_field_is_quoted_by_itself),
        cmocka_unit_test(huge_items_are_whole),
        cmocka_unit_test(a_lone_replacement_is_a_word_for_each_field),
        cmocka_unit_test(without_replacement_the_fields_are_appended),
        cmocka_unit_test(a_script_gets_its_replacements_quoted),
        cmocka_unit_test(without_values_words_are_as_they_are),
        cmocka_unit_test(a_command_is_shown_as_a_shell_would_read_it),
        cmocka_unit_test(in_a_script_an_item_is_data_within_any_quotes),
        cmocka_unit_test(places_where_an_item_is_no_data_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
