#include "base/shell_quote.h"
#include "test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS  6   /* at most, with the NULL */
#define ROUNDS 150 /* of random words */

typedef int quoter(struct buffer *out, const char *const *argv);

/* argv quoted: to be freed. */
static char *quoted(quoter *quote, const char *const *argv)
{
    struct buffer out = BUFFER_INIT;
    char *line;

    assert_int_equal(quote(&out, argv), 0);
    line = buffer_steal(&out);
    assert_non_null(line);
    return line;
}

struct example {
    const char *argv[WORDS], *want;
};

static void check_examples(quoter *quote, const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *line = quoted(quote, examples[i].argv);

        assert_string_equal(line, examples[i].want);
        free(line);
    }
}

static void for_sh(void **state)
{
    static const struct example examples[] = {
        {{"/bin/ls", "-l", "a.b/c_d", "x=1"}, "/bin/ls -l a.b/c_d 'x=1'"},
        {{"ls", "if"}, "ls if"},
        {{"if", "A=b"}, "'if' 'A=b'"},
        {{"A=/b"}, "'A=/b'"},
        {{"/bin/echo", ""}, "/bin/echo ''"},
        {{"/bin/echo", "it's"}, "/bin/echo 'it'\\''s'"},
        {{"/bin/echo", "a\\b"}, "/bin/echo 'a'\\\\'b'"},
        {{"/bin/echo", "$(x) `y` \"z\" *\n"}, "/bin/echo '$(x) `y` \"z\" *\n'"},
        {{"/bin/echo", "~", "=x", "#"}, "/bin/echo '~' '=x' '#'"},
    };

    (void)state;
    check_examples(shell_quote_sh, examples, LENGTH(examples));
}

static void for_powershell(void **state)
{
    static const struct example examples[] = {
        {{"Get-Item", "C:\\a b"}, "& 'Get-Item' 'C:\\a b'"},
        {{"x", "", "it's", "$env:A `n \"q\""}, "& 'x' '' 'it''s' '$env:A `n \"q\"'"},
        {{"x", "\xe2\x80\x98\xe2\x80\x99\xe2\x80\x9a\xe2\x80\x9b"},
         "& 'x' '\xe2\x80\x98\xe2\x80\x98\xe2\x80\x99\xe2\x80\x99\xe2\x80\x9a\xe2\x80\x9a"
         "\xe2\x80\x9b\xe2\x80\x9b'"},
        {{"x", "\xe2\x80\x94\xe2\x80\x9c"}, "& 'x' '\xe2\x80\x94\xe2\x80\x9c'"},
    };

    (void)state;
    check_examples(shell_quote_powershell, examples, LENGTH(examples));
}

static void for_cmd(void **state)
{
    static const struct example examples[] = {
        {{"ipconfig", "/all"}, "ipconfig /all"},
        {{"C:\\Program Files\\x.exe", "a b"}, "\"C:\\Program Files\\x.exe\" ^\"a b^\""},
        {{"x", ""}, "x ^\"^\""},
        {{"x", "C:\\dir\\"}, "x C:\\dir\\"},
        {{"x", "C:\\my dir\\"}, "x ^\"C:\\my dir\\\\^\""},
        {{"x", "say \"hi\""}, "x ^\"say \\^\"hi\\^\"^\""},
        {{"x", "a\\\"b"}, "x ^\"a\\\\\\^\"b^\""},
        {{"x", "a&b|c<d>e^f(g)!"}, "x a^&b^|c^<d^>e^^f^(g^)^!"},
        {{"x", "%PATH%"}, "x ^%PATH^%"},
    };

    (void)state;
    check_examples(shell_quote_cmd, examples, LENGTH(examples));
}

static void what_cannot_be_written_is_refused(void **state)
{
    static const char *const none[] = {NULL};
    static const char *const cmd[][3] = {{"x", "a\nb"}, {"x", "a\r"}, {"a\"b"}, {"%x%"},
                                         {"a!"},        {""},         {"a\nb"}};
    struct buffer out = BUFFER_INIT;

    (void)state;
    assert_int_equal(shell_quote_sh(&out, none), -EINVAL);
    assert_int_equal(shell_quote_powershell(&out, none), -EINVAL);
    assert_int_equal(shell_quote_cmd(&out, none), -EINVAL);
    for (size_t i = 0; i < LENGTH(cmd); i++)
        assert_int_equal(shell_quote_cmd(&out, cmd[i]), -EINVAL);
    assert_int_equal(shell_quote_encoded(&out, "a\xff"), -EINVAL);
    buffer_release(&out);
}

static void encoded_commands(void **state)
{
    static const struct {
        const char *script, *want;
    } examples[] = {
        {"", ""},
        {"dir", "ZABpAHIA"},
        {"Get-Date", "RwBlAHQALQBEAGEAdABlAA=="},
        {"\xc3\xa9", "6QA="},
        {"\xe2\x82\xac!", "rCAhAA=="},
        {"\xf0\x9f\x90\x8e", "PdgO3A=="},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(examples); i++) {
        struct buffer out = BUFFER_INIT;
        char *text;

        assert_int_equal(shell_quote_encoded(&out, examples[i].script), 0);
        text = buffer_steal(&out);
        assert_string_equal(text, examples[i].want);
        free(text);
    }
}

static unsigned below(unsigned *seed, unsigned n)
{
    return (unsigned)rand_r(seed) % n;
}

/* Words of the bytes that shells know best. */
struct words {
    char text[WORDS][32];
    const char *argv[WORDS];
};

static void random_words(struct words *words, unsigned *seed, const char *letters)
{
    unsigned count = below(seed, WORDS - 1);

    words->argv[0] = "/bin/x";
    for (unsigned i = 1; i <= count; i++) {
        unsigned size = below(seed, sizeof words->text[i]);

        for (unsigned j = 0; j < size; j++)
            words->text[i][j] = letters[below(seed, (unsigned)strlen(letters))];
        words->text[i][size] = '\0';
        words->argv[i] = words->text[i];
    }
    words->argv[count + 1] = NULL;
}

/* What /bin/sh makes of a line: its words, each ended by a zero byte. */
static size_t shell_words(const char *line, char *out, size_t room)
{
    int fds[2], status;
    size_t size = 0;
    ssize_t n;
    pid_t pid;

    assert_int_equal(pipe(fds), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(fds[1], STDOUT_FILENO);
        (void)close(fds[0]);
        (void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    (void)close(fds[1]);
    while ((n = read(fds[0], out + size, room - size)) > 0)
        size += (size_t)n;
    (void)close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    return size;
}

static void sh_makes_the_same_words(void **state)
{
    unsigned seed = 20260402;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct words words;
        char want[512], got[512], *line;
        size_t size = 0;

        random_words(&words, &seed, "'\\\"$`!*?[]{}()<>|&;# \t\n~=%^ab-\xc3\xff");
        for (size_t i = 1; words.argv[i]; i++) {
            (void)strcpy(want + size, words.argv[i]);
            size += strlen(words.argv[i]) + 1;
        }
        /* printf would print an empty word for none at all */
        words.argv[0] = words.argv[1] ? "sh_words" : "true";
        line = quoted(shell_quote_sh, words.argv);
        if (words.argv[1]) {
            char *script = NULL;

            assert_true(asprintf(&script, "sh_words() { printf '%%s\\0' \"$@\"; }; %s", line) > 0);
            assert_int_equal(shell_words(script, got, sizeof got), size);
            assert_memory_equal(got, want, size);
            free(script);
        }
        free(line);
    }
}

/* The first reading of cmd: %NAME% of a variable that is set. Here PATH and ab are. */
static void cmd_variables(const char *line, char *out)
{
    static const char *const set[] = {"PATH", "ab"};
    const char *end;

    while (*line) {
        bool found = false;

        end = *line == '%' ? strchr(line + 1, '%') : NULL;
        for (size_t i = 0; end && i < LENGTH(set); i++)
            found |= strlen(set[i]) == (size_t)(end - line) - 1 &&
                     strncmp(set[i], line + 1, strlen(set[i])) == 0;
        if (found) {
            *out++ = 'X';
            line = end + 1;
        } else {
            *out++ = *line++;
        }
    }
    *out = '\0';
}

/* The second: carets, outside of quotes. Fails where an operator is left. */
static void cmd_carets(const char *line, char *out)
{
    bool inside = false;

    for (; *line; line++) {
        if (*line == '"')
            inside = !inside;
        if (!inside && *line == '^')
            line++;
        else if (!inside && strchr("&|<>()", *line))
            fail_msg("cmd reads an operator: %s", line);
        *out++ = *line;
    }
    *out = '\0';
}

/* How CommandLineToArgvW splits what follows the command, as documented: words each ended by NUL.
 */
static size_t windows_words(const char *line, char *out)
{
    char *start = out;
    bool inside = false;
    size_t backslashes;

    for (line += strspn(line, " \t"); *line; line += strspn(line, " \t")) {
        while (*line && (inside || !strchr(" \t", *line))) {
            backslashes = strspn(line, "\\");
            line += backslashes;
            for (size_t i = *line == '"' ? backslashes / 2 : backslashes; i--;)
                *out++ = '\\';
            if (*line == '"' && backslashes % 2 == 0)
                inside = !inside;
            else if (*line && (*line == '"' || inside || !strchr(" \t", *line)))
                *out++ = *line;
            else
                continue;
            line++;
        }
        *out++ = '\0';
    }
    return (size_t)(out - start);
}

static void windows_makes_the_same_words(void **state)
{
    unsigned seed = 20260403;

    (void)state;
    for (int round = 0; round < 100 * ROUNDS; round++) {
        struct words words;
        char want[512], one[1024], two[1024], got[1024], *line;
        size_t size = 0;

        random_words(&words, &seed, round % 2 ? "\\\" \tab" : "\\\"%^&|<>()! \tabPATH'");
        words.argv[0] = "x";
        for (size_t i = 1; words.argv[i]; i++) {
            (void)strcpy(want + size, words.argv[i]);
            size += strlen(words.argv[i]) + 1;
        }
        line = quoted(shell_quote_cmd, words.argv);
        cmd_variables(line, one);
        cmd_carets(one, two);
        assert_int_equal(two[0], 'x');
        if (windows_words(two + 1, got) != size || memcmp(got, want, size) != 0)
            fail_msg("%s", line);
        free(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(for_sh),
        cmocka_unit_test(for_powershell),
        cmocka_unit_test(for_cmd),
        cmocka_unit_test(what_cannot_be_written_is_refused),
        cmocka_unit_test(encoded_commands),
        cmocka_unit_test(sh_makes_the_same_words),
        cmocka_unit_test(windows_makes_the_same_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
