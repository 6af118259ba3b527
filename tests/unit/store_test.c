#include "supervisor_fixture.h"
#include "test.h"

#include "journal/output.h"
#include "os/file.h"
#include "supervisor/batch/batch.h"
#include "supervisor/job/kept_output.h"
#include "supervisor/report/describe.h"
#include "supervisor/store/environment.h"
#include "supervisor/job/range.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void a_job_is_read_as_it_was_written(void **state)
{
    struct supervisor *s = *state;
    struct job *job = fixture_add(s, fixture_spec());
    jobid key = job->key;

    job->attempt = 2;
    job->status = 7 << 8;
    job->extent = (struct extent){.out_size = 10, .err_size = 3, .stored = 90, .spill = 4};
    job->cursor = (struct cursor){.attempt = 2, .offset = 42, .out = {2, 5}, .err = {2, 3}};
    job_reason(job, DROVER_CAUSE_EXIT, "exit %d", 7);
    fixture_commit(s);
    fixture_forget(s, key);
    assert_null(jobs_find(s->jobs, key));
    job = jobs_get(s->jobs, key);
    assert_int_equal(job->status, 7 << 8);
    assert_string_equal(job->reason, "exit 7");
    assert_int_equal(job->cause, DROVER_CAUSE_EXIT);
    assert_int_equal(job->extent.stored, 90);
    assert_int_equal(job->cursor.offset, 42);
    assert_true(job_has_unread(job));
    assert_string_equal(job->spec->argv, "echo");
    jobs_put(job);
}

static void a_newer_schema_is_refused_and_left_alone(void **state)
{
    struct supervisor *s = *state;
    struct store other;
    struct error err;

    assert_int_equal(sqlite3_exec(s->store->db, "PRAGMA user_version = 99", 0, 0, 0), SQLITE_OK);
    assert_int_equal(store_open(&other, &s->home, false, &err), -EPROTO);
    assert_non_null(strstr(err.text, "newer drover"));
    assert_int_equal(sqlite3_exec(s->store->db, "PRAGMA user_version = 2", 0, 0, 0), SQLITE_OK);
}

static void an_environment_is_stored_once(void **state)
{
    struct supervisor *s = *state;
    struct environment e = {.umask = 022, .lines = (char *)(uintptr_t) "A=1\0B=2", .lines_size = 8};
    int64_t id = environment_store(s->store, &e);

    assert_int_equal(environment_store(s->store, &e), id);
    e.umask = 077;
    assert_int_not_equal(environment_store(s->store, &e), id);
}

static size_t add_record(struct job *job, const char *text, uint64_t position, char *at)
{
    struct output record = {
        .stream = OUTPUT_OUT, .position = position, .bytes = text, .size = strlen(text)};

    output_encode_header(&record, at);
    memcpy(at + OUTPUT_HEADER, text, record.size);
    kept_output_append(job, at, OUTPUT_HEADER + record.size);
    return OUTPUT_HEADER + record.size;
}

static void output_is_read_from_any_record_on(void **state)
{
    struct supervisor *s = *state;
    struct job *job = fixture_add(s, fixture_spec());
    struct output_cursor cursor = {.job = job, .attempt = 1, .spill = s->spill_dir};
    struct buffer out = BUFFER_INIT;
    char records[3 * (OUTPUT_HEADER + 8)];
    uint64_t second;
    size_t size;

    job->attempt = 1;
    size = add_record(job, "one\n", 0, records);
    second = size;
    size += add_record(job, "two\n", 4, records + size);
    size += add_record(job, "three\n", 8, records + size);
    fixture_commit(s);
    cursor.extent = job->extent;
    assert_int_equal(kept_output_read(&cursor, 1 << 20, &out), size);
    assert_memory_equal(out.data, records, size);
    assert_int_equal(cursor.offset, size);
    assert_int_equal(kept_output_read(&cursor, 1, &out), 0);
    buffer_clear(&out);
    cursor.offset = second;
    assert_int_equal(kept_output_read(&cursor, 1, &out), OUTPUT_HEADER + 4);
    assert_memory_equal(out.data, records + second, out.size);
    buffer_release(&out);
}

static void ranges_are_ordered_and_joined(void **state)
{
    struct ranges ranges = {0};

    (void)state;
    assert_int_equal(ranges_add(&ranges, 9, 9), 0);
    assert_int_equal(ranges_add(&ranges, 3, 5), 0);
    assert_int_equal(ranges_add(&ranges, 4, 7), 0);
    assert_int_equal(ranges_add(&ranges, 9, 9), 0);
    ranges_normalize(&ranges);
    assert_int_equal(ranges.count, 2);
    assert_true(ranges.items[0].first == 3 && ranges.items[0].last == 7);
    assert_true(ranges.items[1].first == 9);
    ranges_release(&ranges);
}

static void jobs_are_found_by_id_name_and_pattern(void **state)
{
    struct supervisor *s = *state;
    struct ranges ranges = {0};
    struct spec *spec = fixture_spec();

    spec->name = strdup("Nightly");
    (void)fixture_add(s, spec);
    (void)fixture_add(s, fixture_spec());
    fixture_commit(s);
    assert_true(ranges_select(s, &ranges, "1"));
    assert_true(ranges_select(s, &ranges, "nightly"));
    assert_true(ranges_select(s, &ranges, "NIGHT*"));
    assert_true(ranges_select(s, &ranges, "job2"));
    assert_true(ranges_select(s, &ranges, "nothing*"));
    assert_false(ranges_select(s, &ranges, "job1"));
    assert_false(ranges_select(s, &ranges, "3"));
    assert_int_equal(ranges.count, 4);
    ranges_release(&ranges);
}

static void check_words(const char *words, size_t size, const char *item, bool script,
                        const char *expected, size_t expected_size)
{
    struct template_values values = {.item = item, .size = strlen(item), .number = 7};
    struct spec *spec = fixture_spec();
    struct buffer out = BUFFER_INIT;
    size_t argc;

    free(spec->argv);
    spec->argv = malloc(size);
    assert_non_null(spec->argv);
    memcpy(spec->argv, words, size);
    spec->argv_size = size;
    spec->script = script;
    assert_int_equal(spec_expand(spec, &values, &out, &argc), 0);
    assert_int_equal(out.size, expected_size);
    assert_memory_equal(out.data, expected, expected_size);
    buffer_release(&out);
    spec_unref(spec);
}

#define CHECK_WORDS(words, item, script, expected)                                                 \
    check_words(words, sizeof(words), item, script, expected, sizeof(expected))

static void items_take_their_place(void **state)
{
    (void)state;
    CHECK_WORDS("echo\0{}", "a b", false, "echo\0a b");
    CHECK_WORDS("echo\0x{}y{}", "1", false, "echo\0x1y1");
    CHECK_WORDS("echo\0x", "1", false, "echo\0x\0001");
    CHECK_WORDS("sh\0-c\0echo {}\0sh", "a'b", true, "sh\0-c\0echo 'a'\\''b'\0sh");
    CHECK_WORDS("sh\0-c\0echo $1\0sh", "a'b", true, "sh\0-c\0echo $1\0sh\0a'b");
    CHECK_WORDS("echo\0{}", "{}", false, "echo\0{}");
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_newer_schema_is_refused_and_left_alone),
        STORE_TEST(an_environment_is_stored_once),
        STORE_TEST(output_is_read_from_any_record_on),
        STORE_TEST(ranges_are_ordered_and_joined),
        STORE_TEST(jobs_are_found_by_id_name_and_pattern),
        STORE_TEST(items_take_their_place),
        STORE_TEST(a_job_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
