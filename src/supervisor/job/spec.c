#include "supervisor/job/spec.h"

#include "base/alloc.h"
#include "supervisor/store/states.h"
#include "supervisor/job/stdin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct spec *spec_new(void)
{
    struct spec *spec = alloc_get_zeroed(1, sizeof *spec);

    if (spec)
        *spec = (struct spec){
            .refs = 1, .grace = SPEC_GRACE, .backoff = SPEC_BACKOFF, .place = place_for(NULL)};
    return spec;
}

struct spec *spec_ref(struct spec *spec)
{
    if (spec)
        spec->refs++;
    return spec;
}

void spec_unref(struct spec *spec)
{
    if (!spec || --spec->refs)
        return;
    free(spec->name);
    free(spec->argv);
    free(spec->cwd);
    free(spec->queue);
    free(spec->input);
    free(spec->unique);
    free(spec->on_finish);
    free(spec->submit_key);
    free(spec->place_words);
    free(spec->place_directory);
    free(spec->location);
    free(spec);
}

void spec_set_place(struct spec *spec, char *words, size_t size)
{
    spec->place = place_for(words);
    spec->place_words = words;
    spec->place_words_size = size;
}

const char *spec_program(const struct spec *spec)
{
    return spec->place_words ? spec->place_words : spec->argv;
}

static struct template spec_template(const struct spec *spec)
{
    return (struct template){spec->argv, spec->argv_size, spec->script};
}

int spec_expand(const struct spec *spec, const struct template_values *values, struct buffer *words,
                size_t *argc)
{
    struct template template = spec_template(spec);

    return template_words(words, &template, spec->place->by_item ? NULL : values, argc);
}

int spec_command(const struct spec *spec, const struct template_values *values, struct buffer *line)
{
    struct template template = spec_template(spec);

    return template_command(line, &template, spec->place->by_item ? NULL : values);
}

int spec_input(const struct spec *spec, jobid key, struct buffer *path)
{
    size_t size = spec->input ? strlen(spec->input) : 0;
    char name[STDIN_NAME];
    int r = size ? buffer_add(path, spec->input, size) : 0;

    if (r < 0 || !size || spec->input[size - 1] != '/')
        return r;
    stdin_name(key, name);
    return buffer_add_text(path, name);
}

bool spec_tells_slot(const struct spec *spec)
{
    return !spec->place->by_item && memmem(spec->argv, spec->argv_size, "{%}", 3) != NULL;
}

int spec_job_name(const struct spec *spec, jobid key, struct buffer *name)
{
    char id[JOBID_TEXT];

    jobid_format(key, id);
    if (!spec->name)
        return buffer_printf(name, "Job%s", id);
    if (jobid_child(key))
        return buffer_printf(name, "%s.%u", spec->name, jobid_child(key));
    return buffer_add_text(name, spec->name);
}

void spec_store(struct store *store, const struct spec *spec)
{
    static struct statement insert = {
        .sql = "INSERT INTO spec VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
               " ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)"};

    store_begin(store);
    (void)store_run(
        store, &insert, "iitbiibtbiiiiitibtbtti", (int64_t)spec->key, (int64_t)spec->batch,
        spec->name, spec->argv, spec->argv_size, (int64_t)spec->script, spec->environment,
        spec->cwd, strlen(spec->cwd), spec->queue, spec->input,
        spec->input ? strlen(spec->input) : (size_t)0, spec->timeout, spec->grace, spec->retries,
        spec->backoff, spec->nice, spec->unique, spec->max_output, spec->on_finish,
        spec->on_finish ? strlen(spec->on_finish) : (size_t)0, spec->submit_key, spec->place_words,
        spec->place_words_size, spec->place_directory, spec->location, (int64_t)spec->leave);
}

static void spec_read(struct spec *spec, sqlite3_stmt *row)
{
    size_t size = 0;
    char *words;

    spec->key = (jobid)sqlite3_column_int64(row, 0);
    spec->batch = sqlite3_column_int(row, 1);
    spec->name = store_copy(row, 2, NULL);
    spec->argv = store_copy(row, 3, &spec->argv_size);
    spec->script = sqlite3_column_int(row, 4);
    spec->environment = sqlite3_column_int64(row, 5);
    spec->cwd = store_copy(row, 6, NULL);
    spec->queue = store_copy(row, 7, NULL);
    spec->input = store_copy(row, 8, NULL);
    spec->timeout = sqlite3_column_int64(row, 9);
    spec->grace = sqlite3_column_int64(row, 10);
    spec->retries = sqlite3_column_int64(row, 11);
    spec->backoff = sqlite3_column_int64(row, 12);
    spec->nice = sqlite3_column_int64(row, 13);
    spec->unique = store_copy(row, 14, NULL);
    spec->max_output = sqlite3_column_int64(row, 15);
    spec->on_finish = store_copy(row, 16, NULL);
    spec->submit_key = store_copy(row, 17, NULL);
    words = store_copy(row, 18, &size);
    spec_set_place(spec, words, size);
    spec->place_directory = store_copy(row, 19, NULL);
    spec->location = store_copy(row, 20, NULL);
    spec->leave = sqlite3_column_int(row, 21);
}

struct spec *spec_load(struct store *store, jobid key)
{
    static struct statement select = {.sql = "SELECT * FROM spec WHERE key = ?1"};
    sqlite3_stmt *row = store_prepare(store, &select, "i", (int64_t)jobid_parent(key));
    struct spec *spec = NULL;

    if (!store_step(store, row))
        return NULL;
    spec = spec_new();
    if (spec) {
        spec_read(spec, row);
        if (!spec->argv || !spec->cwd) {
            spec_unref(spec);
            spec = NULL;
        }
    }
    store_reset(row);
    return spec;
}

void spec_delete(struct store *store, jobid key)
{
    static struct statement get = {.sql = "SELECT environment FROM spec WHERE key = ?1"};
    static struct statement remove = {.sql = "DELETE FROM spec WHERE key = ?1"};
    static struct statement unused = {
        .sql = "DELETE FROM environment WHERE id = ?1"
               " AND NOT EXISTS (SELECT 1 FROM spec WHERE environment = ?1)"};
    int64_t environment = store_number(store, store_prepare(store, &get, "i", (int64_t)key), -1);

    store_begin(store);
    (void)store_run(store, &remove, "i", (int64_t)key);
    (void)store_run(store, &unused, "i", environment);
}

jobid spec_find_unique(struct store *store, const char *unique)
{
    static struct statement find = {
        .sql = "SELECT spec.key FROM spec JOIN job ON job.key = spec.key"
               " WHERE unique_key = ?1 AND " SQL_UNFINISHED " ORDER BY spec.key LIMIT 1"};

    return (jobid)store_number(store, store_prepare(store, &find, "t", unique), 0);
}

jobid spec_find_submitted(struct store *store, const char *submit_key)
{
    static struct statement find = {.sql = "SELECT key FROM spec WHERE submit_key = ?1"};

    return (jobid)store_number(store, store_prepare(store, &find, "t", submit_key), 0);
}
