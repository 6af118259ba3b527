/* The journal: what is written is read again, and nothing else ever is. */
#include "journal/output.h"
#include "journal/record.h"
#include "journal/segment.h"
#include "os/file.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SALT  UINT64_C(0x0123456789abcdef)
#define COUNT 4

static const char *const payloads[COUNT] = {"", "x", "some payload", "the last of the records"};

/* A directory with segment 1, which holds COUNT records. */
struct fixture {
    char path[64];
    int dir;
    uint64_t salt;
    char data[4096]; /* the file */
    size_t size;
    size_t ends[COUNT]; /* of the records in it */
};

static struct record make_record(unsigned i)
{
    return (struct record){.type = RECORD_INTENT + i,
                           .job = UINT64_C(7) << 32 | i,
                           .attempt = i + 1,
                           .steady = 1000 + i,
                           .wall = 2000 + i,
                           .payload = payloads[i],
                           .size = strlen(payloads[i])};
}

static void assert_record(const struct record *record, unsigned i)
{
    struct record expected = make_record(i);

    assert_int_equal(record->type, expected.type);
    assert_int_equal(record->job, expected.job);
    assert_int_equal(record->attempt, expected.attempt);
    assert_int_equal(record->steady, expected.steady);
    assert_int_equal(record->wall, expected.wall);
    assert_int_equal(record->size, expected.size);
    assert_memory_equal(record->payload, expected.payload, expected.size);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char record[256];
    int fd;

    assert_non_null(f);
    (void)snprintf(f->path, sizeof f->path, "/tmp/drover-test.XXXXXX");
    assert_non_null(mkdtemp(f->path));
    f->dir = os_open(f->path, O_RDONLY | O_DIRECTORY, 0);
    assert_true(f->dir >= 0);
    fd = segment_create(f->dir, 1, &f->salt);
    assert_true(fd >= 0);
    for (unsigned i = 0; i < COUNT; i++) {
        struct record r = make_record(i);
        size_t n = record_encode(&r, f->salt, record);

        assert_int_equal(os_write_all(fd, record, n), 0);
        f->ends[i] = n + (i ? f->ends[i - 1] : SEGMENT_HEADER);
    }
    (void)os_close(fd);
    fd = os_openat(f->dir, "0000000000000001.journal", O_RDONLY, 0);
    f->size = (size_t)os_pread_full(fd, f->data, sizeof f->data, 0);
    assert_int_equal(f->size, f->ends[COUNT - 1]);
    (void)os_close(fd);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    char name[SEGMENT_NAME];

    for (uint64_t i = 1; i < 20; i++) {
        segment_name(i, name);
        (void)unlinkat(f->dir, name, 0);
    }
    (void)os_close(f->dir);
    assert_int_equal(rmdir(f->path), 0);
    free(f);
    return 0;
}

static void put_file(const struct fixture *f, const void *data, size_t size)
{
    int fd = os_openat(f->dir, "0000000000000001.journal", O_WRONLY | O_TRUNC, 0);

    assert_true(fd >= 0);
    assert_int_equal(os_write_all(fd, data, size), 0);
    (void)os_close(fd);
}

/* Records that the reader gives until it stops; *last is what it said then. */
static unsigned read_all(const struct fixture *f, struct segment_reader *reader, int *last)
{
    struct record record;
    unsigned n = 0;

    assert_int_equal(segment_reader_open(reader, f->dir, 1, 0), 0);
    while ((*last = segment_reader_next(reader, &record)) == 1)
        assert_record(&record, n++);
    return n;
}

static void test_record_round_trip(void **state)
{
    char data[256];

    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        struct record record = make_record(i), back;
        size_t n = record_encode(&record, SALT, data);

        assert_int_equal(n, RECORD_HEADER + record.size);
        assert_int_equal(record_decode(data, n, SALT, &back), n);
        assert_record(&back, i);
        for (size_t cut = 0; cut < n; cut++)
            assert_int_equal(record_decode(data, cut, SALT, &back), 0);
        assert_int_equal(record_decode(data, n, SALT + 1, &back), -EBADMSG);
    }
}

static void test_output_round_trip(void **state)
{
    char data[OUTPUT_HEADER + 5];
    struct output output = {.stream = OUTPUT_ERR,
                            .wall = 77,
                            .position = UINT64_C(1) << 40,
                            .bytes = data + OUTPUT_HEADER,
                            .size = 5};
    struct output back;

    (void)state;
    memcpy(data + OUTPUT_HEADER, "he\0lo", 5);
    output_encode_header(&output, data);
    assert_int_equal(output_decode(data, sizeof data, &back), sizeof data);
    assert_int_equal(back.stream, OUTPUT_ERR);
    assert_int_equal(back.wall, 77);
    assert_int_equal(back.position, UINT64_C(1) << 40);
    assert_int_equal(back.size, 5);
    assert_memory_equal(back.bytes, "he\0lo", 5);
    for (size_t cut = 0; cut < sizeof data; cut++)
        assert_int_equal(output_decode(data, cut, &back), 0);
    for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
        data[bit / 8] ^= (char)(1 << bit % 8);
        assert_true(output_decode(data, sizeof data, &back) <= 0);
        data[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static void test_segment_round_trip(void **state)
{
    struct segment_reader reader = SEGMENT_READER_INIT;
    struct fixture *f = *state;
    struct record record;
    int last;

    assert_int_equal(read_all(f, &reader, &last), COUNT);
    assert_int_equal(last, 0);
    assert_int_equal(reader.offset, f->size);
    assert_int_equal(segment_reader_open(&reader, f->dir, 1, f->ends[1]), 0);
    assert_int_equal(segment_reader_next(&reader, &record), 1);
    assert_record(&record, 2);
    segment_reader_release(&reader);
}

/* Cut at every byte: the records before the cut, no other, and a torn tail is no damage. */
static void test_cut_everywhere(void **state)
{
    struct segment_reader reader = SEGMENT_READER_INIT;
    struct fixture *f = *state;
    unsigned whole = 0;
    uint64_t next;
    int last;

    for (size_t cut = SEGMENT_HEADER; cut < f->size; cut++) {
        put_file(f, f->data, cut);
        while (f->ends[whole] <= cut)
            whole++;
        assert_int_equal(read_all(f, &reader, &last), whole);
        assert_int_equal(last, 0);
        assert_false(segment_reader_damaged(&reader, &next));
    }
    for (size_t cut = 0; cut < SEGMENT_HEADER; cut++) {
        put_file(f, f->data, cut);
        assert_int_equal(segment_reader_open(&reader, f->dir, 1, 0), -ENODATA);
    }
    put_file(f, "DROVERJ0and-then-24-bytes-of-this", SEGMENT_HEADER);
    assert_int_equal(segment_reader_open(&reader, f->dir, 1, 0), -EBADMSG);
    segment_reader_release(&reader);
}

/* A single bit flipped anywhere: never a wrong record, and those behind it are found. */
static void test_flip_everywhere(void **state)
{
    struct segment_reader reader = SEGMENT_READER_INIT;
    struct fixture *f = *state;
    int last;

    for (size_t bit = SEGMENT_HEADER * (size_t)8; bit < f->size * 8; bit++) {
        unsigned hit = 0, n;
        uint64_t next;
        int damaged;

        while (f->ends[hit] <= bit / 8)
            hit++;
        f->data[bit / 8] ^= (char)(1 << bit % 8);
        put_file(f, f->data, f->size);
        f->data[bit / 8] ^= (char)(1 << bit % 8);
        n = read_all(f, &reader, &last);
        assert_int_equal(n, hit);
        damaged = segment_reader_damaged(&reader, &next);
        assert_int_equal(damaged, hit < COUNT - 1);
        if (damaged)
            assert_int_equal(next, f->ends[hit]);
    }
    segment_reader_release(&reader);
}

static void test_wrong_salt(void **state)
{
    struct segment_reader reader = SEGMENT_READER_INIT;
    struct fixture *f = *state;
    uint64_t next;
    int last;

    for (size_t i = 8; i < 16; i++) {
        f->data[i] ^= 1;
        put_file(f, f->data, f->size);
        assert_int_equal(read_all(f, &reader, &last), 0);
        assert_int_equal(last, -EBADMSG);
        assert_false(segment_reader_damaged(&reader, &next));
    }
    segment_reader_release(&reader);
}

/* A reader that has seen half a record reads it whole when the writer has gone on. */
static void test_grows_while_read(void **state)
{
    struct fixture *f = *state;
    /* in the middle of a header, and of what is behind it */
    const size_t sizes[] = {f->ends[1] + 20, f->ends[2] - 1};

    for (size_t i = 0; i < 2; i++) {
        struct segment_reader reader = SEGMENT_READER_INIT;
        struct record record;
        int last;

        put_file(f, f->data, sizes[i]);
        assert_int_equal(read_all(f, &reader, &last), 2);
        assert_int_equal(last, 0);
        put_file(f, f->data, f->size);
        assert_int_equal(segment_reader_next(&reader, &record), 1);
        assert_record(&record, 2);
        assert_int_equal(segment_reader_next(&reader, &record), 1);
        assert_int_equal(segment_reader_next(&reader, &record), 0);
        segment_reader_release(&reader);
    }
}

/* Damage with more than a read-ahead of nonsense before the next good record. */
static void test_much_damage(void **state)
{
    const size_t nonsense = (size_t)1 << 20;
    struct segment_reader reader = SEGMENT_READER_INIT;
    struct fixture *f = *state;
    struct record record = make_record(0);
    size_t start = f->size, n;
    char *data = malloc(start + nonsense + 256);
    uint64_t next;
    int last;

    assert_non_null(data);
    memcpy(data, f->data, start);
    for (size_t i = 0; i < nonsense; i++)
        data[start + i] = (char)(i * 7);
    n = record_encode(&record, f->salt, data + start + nonsense);
    put_file(f, data, start + nonsense + n);
    free(data);
    assert_int_equal(read_all(f, &reader, &last), COUNT);
    assert_int_equal(last, -EBADMSG);
    assert_true(segment_reader_damaged(&reader, &next));
    assert_int_equal(next, start + nonsense);
    assert_int_equal(segment_reader_open(&reader, f->dir, 1, next), 0);
    assert_int_equal(segment_reader_next(&reader, &record), 1);
    assert_record(&record, 0);
    segment_reader_release(&reader);
}

/* What cannot be read is neither a torn tail nor the end, and is there when it can be again. */
static void test_read_error(void **state)
{
    struct segment_reader reader = SEGMENT_READER_INIT;
    struct fixture *f = *state;
    struct record record;
    uint64_t next;
    int fd;

    assert_int_equal(segment_reader_open(&reader, f->dir, 1, f->ends[COUNT - 2]), 0);
    fd = reader.fd;
    reader.fd = f->dir; /* a directory is nothing that can be read */
    assert_int_equal(segment_reader_next(&reader, &record), -EISDIR);
    assert_int_equal(segment_reader_damaged(&reader, &next), -EISDIR);
    reader.fd = fd;
    assert_int_equal(segment_reader_next(&reader, &record), 1);
    assert_record(&record, COUNT - 1);
    segment_reader_release(&reader);
    assert_int_equal(segment_find(-1, 1, &next), -EBADF);
}

static void test_find(void **state)
{
    struct fixture *f = *state;
    uint64_t number, salt;

    (void)os_close(segment_create(f->dir, 16, &salt));
    assert_int_equal(segment_create(f->dir, 16, &salt), -EEXIST);
    assert_int_equal(segment_last(f->dir, &number), 0);
    assert_int_equal(number, 16);
    assert_int_equal(segment_find(f->dir, 0, &number), 0);
    assert_int_equal(number, 1);
    assert_int_equal(segment_find(f->dir, 2, &number), 0);
    assert_int_equal(number, 16);
    assert_int_equal(segment_find(f->dir, 17, &number), -ENOENT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_record_round_trip), TEST(test_output_round_trip), TEST(test_segment_round_trip),
        TEST(test_cut_everywhere),    TEST(test_flip_everywhere),   TEST(test_wrong_salt),
        TEST(test_grows_while_read),  TEST(test_much_damage),       TEST(test_find),
        TEST(test_read_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
