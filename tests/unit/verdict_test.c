#include "base/verdict.h"
#include "base/buffer.h"
#include "base/cause.h"
#include "os/file.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void a_name_for_every_cause_and_a_row_of_the_page(void **state)
{
    int fd = os_open(TEST_DOCS "/exit-codes.md", O_RDONLY, 0);
    struct buffer page = BUFFER_INIT;
    char row[64];

    (void)state;
    while (buffer_read(&page, fd, 65536) > 0)
        ;
    (void)os_close(fd);
    assert_int_equal(buffer_add_byte(&page, '\0'), 0);
    for (enum drover_cause cause = 1; cause < DROVER_CAUSES; cause++) {
        assert_int_equal(cause_find(drover_cause_name(cause)), cause);
        (void)snprintf(row, sizeof row, "\n| `%s` | %d | ", drover_cause_name(cause), (int)cause);
        assert_non_null(strstr(page.data, row));
    }
    buffer_release(&page);
    assert_string_equal(drover_cause_name(DROVER_CAUSES), "none");
    assert_int_equal(cause_find("of a later version"), DROVER_CAUSE_NONE);
    assert_int_equal(cause_find(NULL), DROVER_CAUSE_NONE);
}

static void verdicts_are_read(void **state)
{
    static const struct {
        const char *text;
        enum verdict_kind kind;
        enum drover_cause cause;
        const char *words;
    } table[] = {
        {"", VERDICT_NONE, DROVER_CAUSE_NONE, ""},
        {"unknown\n", VERDICT_UNKNOWN, DROVER_CAUSE_NONE, ""},
        {"ended exit\nexit 3: why\n", VERDICT_ENDED, DROVER_CAUSE_EXIT, "exit 3: why"},
        {"cannot-run host-key\nhost key: no\n", VERDICT_CANNOT_RUN, DROVER_CAUSE_HOST_KEY,
         "host key: no"},
        {"not-run refused\n\n", VERDICT_NOT_RUN, DROVER_CAUSE_REFUSED, ""},
        {"ran disconnected\na\nb\n", VERDICT_RAN, DROVER_CAUSE_DISCONNECTED, "a"},
        {"ended of-a-later-version\nwhy\n", VERDICT_ENDED, DROVER_CAUSE_NONE, "why"},
        {"unkn", VERDICT_UNKNOWN, DROVER_CAUSE_NONE, ""},
        {"ended exit\nexit 3", VERDICT_UNKNOWN, DROVER_CAUSE_NONE, ""},
        {"ended\nexit 3\n", VERDICT_UNKNOWN, DROVER_CAUSE_NONE, ""},
        {"finished exit\nexit 3\n", VERDICT_UNKNOWN, DROVER_CAUSE_EXIT, "exit 3"},
    };
    struct verdict verdict;

    (void)state;
    for (size_t i = 0; i < LENGTH(table); i++) {
        verdict_read(&verdict, table[i].text, strlen(table[i].text));
        assert_int_equal(verdict.kind, table[i].kind);
        assert_int_equal(verdict.cause, table[i].cause);
        assert_string_equal(verdict.words, table[i].words);
    }
}

static void the_last_verdict_counts_and_its_words_are_bounded(void **state)
{
    char words[2 * VERDICT_SIZE], text[2 * VERDICT_SIZE];
    int fd = memfd_create("verdict", MFD_CLOEXEC);
    struct verdict verdict;
    ssize_t n;

    (void)state;
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    assert_int_equal(verdict_write(fd, VERDICT_UNKNOWN, DROVER_CAUSE_NONE, ""), 0);
    assert_int_equal(verdict_write(fd, VERDICT_ENDED, DROVER_CAUSE_CHECK, words), 0);
    n = os_pread_full(fd, text, sizeof text, 0);
    assert_in_range(n, 1, VERDICT_SIZE);
    verdict_read(&verdict, text, (size_t)n);
    assert_int_equal(verdict.kind, VERDICT_ENDED);
    assert_int_equal(verdict.cause, DROVER_CAUSE_CHECK);
    assert_memory_equal(verdict.words, words, strlen(verdict.words));
    (void)os_close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_for_every_cause_and_a_row_of_the_page),
        cmocka_unit_test(verdicts_are_read),
        cmocka_unit_test(the_last_verdict_counts_and_its_words_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
