#include "session/powershell.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static char *text_of(struct buffer *out)
{
    assert_int_equal(buffer_add_byte(out, '\0'), 0);
    return out->data;
}

static void a_plain_command_is_a_line(void **state)
{
    static const char *const words[] = {"Restart-Service", "a'b $x", NULL};
    struct options options = {.words = words, .shell = SHELL_POWERSHELL};
    struct buffer out = BUFFER_INIT;

    (void)state;
    assert_int_equal(powershell_line(&out, &options, "abc"), 0);
    assert_string_equal(text_of(&out), "& 'Restart-Service' 'a''b $x'");
    buffer_release(&out);
}

static void a_line_is_left_as_it_is(void **state)
{
    static const char *const words[] = {"$x = 1; exit $x", NULL};
    struct options options = {.words = words, .shell = SHELL_POWERSHELL, .shell_line = true};
    struct buffer out = BUFFER_INIT;

    (void)state;
    assert_int_equal(powershell_line(&out, &options, "abc"), 0);
    assert_string_equal(text_of(&out), words[0]);
    buffer_release(&out);
}

static void files_come_before_the_command(void **state)
{
    static const char *const words[] = {"x.exe", NULL};
    const char *puts[] = {"put", "12/644/99/av.conf/C:\\Program Files/it's/", "put", "0/600/-/b/b",
                          NULL};
    struct options options = {.words = words, .shell = SHELL_POWERSHELL, .puts = {puts, 4}};
    struct buffer out = BUFFER_INIT;
    const char *first, *second, *command;

    (void)state;
    assert_int_equal(powershell_script(&out, &options, "abc"), 0);
    first = strstr(text_of(&out), "[void](Drover-Put 12 'av.conf' 'C:\\Program Files/it''s/')\n");
    second = strstr(out.data, "[void](Drover-Put 0 'b' 'b')\n");
    command = strstr(out.data, "\n& 'x.exe'\n");
    assert_true(first && second && command && first < second && second < command);
    assert_non_null(strstr(out.data, "$aside = '.drover-abc'\n"));
    buffer_release(&out);
}

static void a_script_gets_its_words(void **state)
{
    static const char *const words[] = {"one", "it's", "-Flag", NULL};
    struct options options = {
        .words = words, .shell = SHELL_POWERSHELL, .script = "7/123/fix it.ps1"};
    struct buffer out = BUFFER_INIT;

    (void)state;
    assert_int_equal(powershell_script(&out, &options, "abc"), 0);
    assert_non_null(
        strstr(text_of(&out), "$script = Drover-Put 7 'fix it.ps1' ($folder + '\\')\n"));
    assert_non_null(strstr(out.data, "& $script 'one' 'it''s' -Flag\n"));
    assert_non_null(strstr(out.data, "exit $LASTEXITCODE\n"));
    buffer_release(&out);
}

static void with_files_the_line_is_encoded(void **state)
{
    static const char *const words[] = {"a", NULL};
    static const char begin[] = "powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass "
                                "-EncodedCommand JABhAHMAaQBkAGUA"; /* `$aside` */
    struct options options = {.words = words, .shell = SHELL_POWERSHELL, .script = "7/-/x.ps1"};
    struct buffer out = BUFFER_INIT;

    (void)state;
    assert_int_equal(powershell_line(&out, &options, "abc"), 0);
    assert_int_equal(strncmp(text_of(&out), begin, strlen(begin)), 0);
    buffer_release(&out);
}

/* Nothing is known of the shell that reads it. */
static void what_stands_in_for_a_command_is_encoded(void **state)
{
    static const char *const words[] = {"a", NULL};
    struct options options = {.words = words, .shell = SHELL_POWERSHELL, .powershell = "dir"};
    struct buffer out = BUFFER_INIT;

    (void)state;
    assert_int_equal(powershell_line(&out, &options, "abc"), 0);
    assert_string_equal(text_of(&out), "powershell -NoProfile -NonInteractive -ExecutionPolicy "
                                       "Bypass -EncodedCommand ZABpAHIA");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_command_is_a_line),
        cmocka_unit_test(a_line_is_left_as_it_is),
        cmocka_unit_test(files_come_before_the_command),
        cmocka_unit_test(a_script_gets_its_words),
        cmocka_unit_test(with_files_the_line_is_encoded),
        cmocka_unit_test(what_stands_in_for_a_command_is_encoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
