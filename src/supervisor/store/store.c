#include "supervisor/store/store.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/file.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What makes each schema of the one before it; the first makes it of nothing. */
static const char store_schema_1[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE job ("
    " key INTEGER PRIMARY KEY, state INTEGER NOT NULL, hold INTEGER NOT NULL DEFAULT 0,"
    " queue INTEGER, item BLOB, reason TEXT, attempt INTEGER NOT NULL DEFAULT 0,"
    " tries INTEGER NOT NULL DEFAULT 0, flags INTEGER NOT NULL DEFAULT 0, not_before INTEGER,"
    " submitted INTEGER, begin INTEGER, end INTEGER, pid INTEGER, start INTEGER,"
    " out_inode INTEGER, err_inode INTEGER, status INTEGER, cause INTEGER,"
    " user INTEGER, sys INTEGER, rss INTEGER, out_size INTEGER, err_size INTEGER,"
    " stored INTEGER, spill INTEGER, cut_from INTEGER, cut_to INTEGER, cut_out INTEGER,"
    " cut_err INTEGER, cursor_attempt INTEGER, cursor_offset INTEGER, cursor_out_attempt INTEGER,"
    " cursor_out INTEGER, cursor_err_attempt INTEGER,"
    " cursor_err INTEGER, unread INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX job_top ON job (key) WHERE key & 4294967295 = 0;"
    "CREATE INDEX job_ready ON job (queue, key) WHERE state = 0 AND hold = 0 AND queue NOT NULL;"
    "CREATE INDEX job_active ON job (key) WHERE state IN (1, 6, 8, 9);"
    "CREATE INDEX job_delayed ON job (not_before) WHERE state = 0 AND not_before NOT NULL;"
    "CREATE INDEX job_unread ON job (key) WHERE unread = 1;"
    "CREATE TABLE spec ("
    " key INTEGER PRIMARY KEY, type INTEGER NOT NULL, name TEXT, argv BLOB NOT NULL,"
    " script INTEGER NOT NULL, environment INTEGER NOT NULL, cwd BLOB NOT NULL, queue TEXT,"
    " input BLOB, timeout INTEGER, grace INTEGER, retries INTEGER, backoff INTEGER,"
    " nice INTEGER, unique_key TEXT, max_output INTEGER, on_finish BLOB, submit_key TEXT);"
    "CREATE INDEX spec_environment ON spec (environment);"
    "CREATE INDEX spec_submit ON spec (submit_key) WHERE submit_key NOT NULL;"
    "CREATE INDEX spec_unique ON spec (unique_key) WHERE unique_key NOT NULL;"
    "CREATE INDEX spec_name ON spec (name COLLATE NOCASE) WHERE name NOT NULL;"
    "CREATE INDEX spec_hook ON spec (key) WHERE on_finish NOT NULL;"
    "CREATE TABLE batch ("
    " key INTEGER PRIMARY KEY, throttle INTEGER NOT NULL, follow INTEGER NOT NULL,"
    " input INTEGER NOT NULL, total INTEGER NOT NULL DEFAULT 0,"
    " running INTEGER NOT NULL DEFAULT 0, completed INTEGER NOT NULL DEFAULT 0,"
    " failed INTEGER NOT NULL DEFAULT 0, stopped INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE attempt ("
    " key INTEGER NOT NULL, attempt INTEGER NOT NULL, state INTEGER NOT NULL, reason TEXT,"
    " begin INTEGER, end INTEGER, status INTEGER, user INTEGER, sys INTEGER, rss INTEGER,"
    " out_size INTEGER, err_size INTEGER, stored INTEGER, spill INTEGER, cut_from INTEGER,"
    " cut_to INTEGER, cut_out INTEGER, cut_err INTEGER, PRIMARY KEY (key, attempt))"
    " WITHOUT ROWID;"
    "CREATE TABLE output ("
    " key INTEGER NOT NULL, attempt INTEGER NOT NULL, offset INTEGER NOT NULL,"
    " bytes BLOB NOT NULL, PRIMARY KEY (key, attempt, offset)) WITHOUT ROWID;"
    "CREATE TABLE environment (" /* ids are not used again: a runner may still know the old one */
    " id INTEGER PRIMARY KEY AUTOINCREMENT, hash INTEGER NOT NULL, umask INTEGER NOT NULL,"
    " limits BLOB NOT NULL, lines BLOB NOT NULL);"
    "CREATE INDEX environment_hash ON environment (hash);"
    "CREATE TABLE dependency ("
    " awaited INTEGER NOT NULL, job INTEGER NOT NULL, any INTEGER NOT NULL,"
    " PRIMARY KEY (awaited, job)) WITHOUT ROWID;"
    "CREATE INDEX dependency_job ON dependency (job);"
    "CREATE TABLE queue (id INTEGER PRIMARY KEY, name TEXT UNIQUE, throttle INTEGER NOT NULL);"
    "CREATE TABLE trash (key INTEGER PRIMARY KEY);"
    "PRAGMA user_version = 1;";

static const char store_schema_2[] =
    "ALTER TABLE job ADD COLUMN lane INTEGER;"
    "ALTER TABLE batch ADD COLUMN halted INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batch ADD COLUMN fed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batch ADD COLUMN halt_base INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batch ADD COLUMN merging INTEGER NOT NULL DEFAULT 0;"
    "UPDATE batch SET fed = total;"
    "CREATE TABLE merge (" /* children that the items of a new input are compared with */
    " batch INTEGER NOT NULL, hash INTEGER NOT NULL, key INTEGER NOT NULL,"
    " PRIMARY KEY (batch, hash, key)) WITHOUT ROWID;"
    "CREATE TABLE policy ("
    " key INTEGER PRIMARY KEY, delay INTEGER NOT NULL, halt_when INTEGER NOT NULL,"
    " halt_on INTEGER NOT NULL, halt_count INTEGER NOT NULL, halt_percent INTEGER NOT NULL,"
    " max_load REAL, min_free INTEGER NOT NULL, timeout_percent INTEGER NOT NULL,"
    " throttle_file TEXT, results TEXT, joblog TEXT, umask INTEGER NOT NULL,"
    " pipe INTEGER NOT NULL);"
    "CREATE TABLE outcome (" /* attempts that have ended and are still to be written out */
    " number INTEGER PRIMARY KEY, key INTEGER NOT NULL, attempt INTEGER NOT NULL,"
    " UNIQUE (key, attempt));"
    "PRAGMA user_version = 2;";

static const char store_schema_3[] = "ALTER TABLE spec ADD COLUMN session BLOB;"
                                     "ALTER TABLE spec ADD COLUMN verdicts TEXT;"
                                     "ALTER TABLE spec ADD COLUMN location TEXT;"
                                     "ALTER TABLE policy ADD COLUMN serial TEXT;"
                                     "ALTER TABLE policy ADD COLUMN pause INTEGER;"
                                     "ALTER TABLE policy ADD COLUMN retry_any INTEGER;"
                                     "PRAGMA user_version = 3;";

static const char store_schema_4[] =
    "ALTER TABLE job ADD COLUMN kill_at INTEGER;" /* what has begun has a time at which it did */
    "UPDATE job SET begin = submitted WHERE state IN (1, 6, 8, 9) AND attempt > 0"
    " AND begin IS NULL;"
    "ALTER TABLE job ADD COLUMN processes INTEGER;"
    "CREATE INDEX job_left ON job (key) WHERE processes NOT NULL;"
    "ALTER TABLE spec ADD COLUMN leave INTEGER;"
    "ALTER TABLE environment ADD COLUMN attributes BLOB;"
    "ALTER TABLE dependency ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE job ADD COLUMN hook_status INTEGER;"
    "ALTER TABLE job ADD COLUMN hook_said BLOB;"
    "CREATE TABLE answer (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
    " reply TEXT NOT NULL);"
    "PRAGMA user_version = 4;";

/* The last that is told by words: why those ended that had no cause (enum drover_cause) yet. */
#define STORE_CAUSE_OF_WORDS                                                                       \
    "CASE WHEN state = 4 THEN 1 WHEN reason LIKE 'halted:%' THEN 10"                               \
    " WHEN state = 2 THEN CASE WHEN reason NOT NULL THEN 8 END"                                    \
    " WHEN reason LIKE 'exit %' THEN 3 WHEN reason LIKE 'signal %' THEN 4"                         \
    " WHEN reason LIKE 'lost:%' THEN 7 WHEN reason LIKE 'timed out after %' THEN 2"                \
    " WHEN reason LIKE 'timeout: no answer%' THEN 17 WHEN reason LIKE 'timeout:%' THEN 2"          \
    " WHEN reason LIKE 'unreachable: connection lost%' THEN 18"                                    \
    " WHEN reason LIKE 'unreachable: its session%' THEN 7"                                         \
    " WHEN reason LIKE 'unreachable:%' THEN 13 WHEN reason LIKE 'refused:%' THEN 14"               \
    " WHEN reason LIKE 'auth:%' THEN 15 WHEN reason LIKE 'host key:%' THEN 16"                     \
    " WHEN reason LIKE 'put:%' THEN 19 WHEN reason LIKE 'get:%' THEN 20"                           \
    " WHEN reason LIKE 'check:%' THEN 21 WHEN reason LIKE 'never started:%' THEN 6"                \
    " WHEN reason LIKE '%input%cut off%' THEN 11 WHEN reason LIKE '% of % failed' THEN 9"          \
    " WHEN status NOT NULL THEN 5 END"

static const char store_schema_5[] =
    "ALTER TABLE attempt ADD COLUMN cause INTEGER;" /* behind the others: job_renew copies them */
    "UPDATE job SET flags = flags | CASE cause WHEN 2 THEN 6144 ELSE 2048 END" /* of a stop begun */
    " WHERE cause NOT NULL AND state IN (1, 6, 8, 9);"
    "UPDATE job SET cause = NULL WHERE cause NOT NULL;"
    "UPDATE job SET cause = " STORE_CAUSE_OF_WORDS " WHERE state IN (2, 3, 4);"
    "UPDATE attempt SET cause = " STORE_CAUSE_OF_WORDS ";"
    "PRAGMA user_version = 5;";

static const char *const store_schemas[STORE_SCHEMA] = {
    store_schema_1, store_schema_2, store_schema_3, store_schema_4, store_schema_5};

/* The store's last error as errno and words. */
static int store_note_error(struct store *store, int code)
{
    const char *words = store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code);

    switch (code & 0xff) {
    case SQLITE_FULL:
        return error_set(&store->error, -ENOSPC, "jobs.db: the disk is full: free some space");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return error_set(&store->error, -EUCLEAN,
                         "jobs.db: is damaged (%s): nothing was changed; move the home aside, or "
                         "recover what can be read with: sqlite3 jobs.db .recover",
                         words);
    case SQLITE_NOMEM:
        return error_set(&store->error, -ENOMEM, "jobs.db: %s", words);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return error_set(&store->error, -EACCES, "jobs.db: cannot be written: %s", words);
    default:
        return error_set(&store->error, -EIO, "jobs.db: %s", words);
    }
}

static int store_error(struct store *store, int code)
{
    int r = store_note_error(store, code);

    log_error("store", "%s (SQLite %d)", store->error.text, code);
    return r;
}

static int store_exec(struct store *store, const char *sql)
{
    int r = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return r == SQLITE_OK ? 0 : store_error(store, r);
}

static int store_version(struct store *store, int64_t *version)
{
    sqlite3_stmt *handle = NULL;
    int r = sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &handle, NULL);

    if (r == SQLITE_OK)
        r = sqlite3_step(handle);
    if (r == SQLITE_ROW)
        *version = sqlite3_column_int64(handle, 0);
    (void)sqlite3_finalize(handle);
    return r == SQLITE_ROW ? 0 : store_error(store, r);
}

static int store_prepare_schema(struct store *store, bool power)
{
    int64_t version = 0;
    int r = store_version(store, &version);

    if (r < 0)
        return r;
    if (version > STORE_SCHEMA)
        return error_set(&store->error, -EPROTO,
                         "jobs.db: was written by a newer drover (schema %lld, this one knows "
                         "%d): use that version",
                         (long long)version, STORE_SCHEMA);
    r = store_exec(store, "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 16777216;"
                          "PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY;");
    if (r == 0)
        r = store_exec(store, power ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    if (r < 0 || version == STORE_SCHEMA)
        return r;
    if (version)
        log_info("store", "jobs.db is brought from schema %lld to %d", (long long)version,
                 STORE_SCHEMA);
    r = store_exec(store, "BEGIN IMMEDIATE");
    for (; r == 0 && version < STORE_SCHEMA; version++)
        r = store_exec(store, store_schemas[version]);
    return r == 0 ? store_exec(store, "COMMIT") : r;
}

/* ---- memory: what SQLite lacks is noted (base/alloc.h) ---- */

static sqlite3_mem_methods store_memory;

static void *store_memory_get(int size)
{
    void *data = store_memory.xMalloc(size);

    if (!data)
        alloc_fail();
    return data;
}

static void *store_memory_resize(void *old, int size)
{
    void *data = store_memory.xRealloc(old, size);

    if (!data)
        alloc_fail();
    return data;
}

void store_configure(void)
{
    sqlite3_mem_methods methods;

    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &store_memory) != SQLITE_OK)
        return;
    methods = store_memory;
    methods.xMalloc = store_memory_get;
    methods.xRealloc = store_memory_resize;
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

/* item_hash(BLOB): what items are looked up by. */
static void store_item_hash(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    sqlite3_result_int64(context, (int64_t)XXH3_64bits(sqlite3_value_blob(argv[0]),
                                                       (size_t)sqlite3_value_bytes(argv[0])));
}

int store_open(struct store *store, const struct home *home, bool power, struct error *err)
{
    char path[PATH_MAX + 16];
    int r, fd;

    *store = (struct store){.writers = store->writers, .generation = store->generation};
    (void)snprintf(path, sizeof path, "%s/jobs.db", home->path);
    fd = os_open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_system(err, fd, "%s", path);
    (void)os_close(fd);
    r = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (r == SQLITE_OK)
        r = sqlite3_create_function(store->db, "item_hash", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                    NULL, store_item_hash, NULL, NULL);
    if (r != SQLITE_OK)
        r = store_error(store, r);
    else
        r = store_prepare_schema(store, power);
    if (r < 0) {
        *err = store->error;
        store_close(store);
    }
    return r;
}

void store_close(struct store *store)
{
    struct statement *next;

    if (!store)
        return;
    for (struct statement *s = store->prepared; s; s = next) {
        next = s->next;
        (void)sqlite3_finalize(s->handle);
        s->handle = NULL;
        s->next = NULL;
    }
    store->prepared = NULL;
    (void)sqlite3_close(store->db);
    store->db = NULL;
    store->transaction = store->commit_soon = store->uncommitted = false;
    store->generation++;
    if (!store->error.code)
        (void)error_set(&store->error, -EBADF, "jobs.db: is closed");
}

void store_register(struct store *store, struct store_writer *writer)
{
    struct store_writer **at = &store->writers;

    while (*at)
        at = &(*at)->next;
    writer->next = NULL;
    *at = writer;
}

void store_flush(struct store *store)
{
    for (const struct store_writer *w = store->writers; w; w = w->next)
        w->flush(w->data);
}

void store_commit_soon(struct store *store)
{
    store->commit_soon = true;
}

void store_commit_first(struct store *store)
{
    store->uncommitted = store->commit_soon = true;
}

#define STORE_LOG ((sqlite3_int64)1 << 20) /* bytes of it that may stay: to shrink it is a sync */

void store_shrink(struct store *store)
{
    sqlite3_file *log = NULL;
    sqlite3_int64 size = 0;
    int r;

    if (store->error.code || store->transaction)
        return;
    (void)sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log);
    if (log && log->pMethods && log->pMethods->xFileSize(log, &size) == SQLITE_OK &&
        size > STORE_LOG) {
        r = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        log_debug("store", "the log of %lld bytes %s", (long long)size,
                  r == SQLITE_OK ? "gave its room back" : sqlite3_errstr(r));
    }
}

int store_checkpoint(struct store *store)
{
    int frames = 0, done = 0, r;

    if (store->error.code)
        return store->error.code;
    r = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_FULL, &frames, &done);
    if (r == SQLITE_OK && frames == done)
        return 0;
    log_warning("store", "the database cannot be synced now, segments of the journal stay: %s",
                sqlite3_errstr(r));
    return -EAGAIN;
}

static int store_bind(sqlite3_stmt *handle, const char *format, va_list args)
{
    const void *data;
    const char *text;
    int r = SQLITE_OK;

    for (int i = 1; *format && r == SQLITE_OK; format++, i++) {
        switch (*format) {
        case 'i':
            r = sqlite3_bind_int64(handle, i, va_arg(args, int64_t));
            break;
        case 't':
            text = va_arg(args, const char *);
            r = sqlite3_bind_text(handle, i, text, -1, SQLITE_STATIC);
            break;
        case 'b':
            data = va_arg(args, const void *);
            r = sqlite3_bind_blob64(handle, i, data, va_arg(args, size_t), SQLITE_STATIC);
            break;
        default:
            r = sqlite3_bind_null(handle, i);
        }
    }
    return r;
}

sqlite3_stmt *store_prepare(struct store *store, struct statement *statement, const char *format,
                            ...)
{
    va_list args;
    int r = SQLITE_OK;

    if (store->error.code)
        return NULL;
    if (!statement->handle) {
        r = sqlite3_prepare_v3(store->db, statement->sql, -1, SQLITE_PREPARE_PERSISTENT,
                               &statement->handle, NULL);
        if (r == SQLITE_OK) {
            statement->next = store->prepared;
            store->prepared = statement;
        }
    }
    if (r == SQLITE_OK) {
        va_start(args, format);
        r = store_bind(statement->handle, format, args);
        va_end(args);
    }
    if (r == SQLITE_OK)
        return statement->handle;
    (void)store_error(store, r);
    return NULL;
}

bool store_step(struct store *store, sqlite3_stmt *handle)
{
    int r;

    if (!handle)
        return false;
    r = sqlite3_step(handle);
    if (r == SQLITE_ROW)
        return true;
    if (r != SQLITE_DONE)
        (void)store_error(store, r);
    (void)sqlite3_reset(handle);
    return false;
}

void store_reset(sqlite3_stmt *handle)
{
    if (handle)
        (void)sqlite3_reset(handle);
}

int store_run_prepared(struct store *store, sqlite3_stmt *handle)
{
    if (!handle)
        return 0;
    while (store_step(store, handle))
        ;
    return sqlite3_changes(store->db);
}

/* ---- transactions ---- */

void store_begin(struct store *store)
{
    static struct statement begin = {.sql = "BEGIN IMMEDIATE"};

    if (store->transaction || store->error.code)
        return;
    (void)store_run(store, &begin, "");
    store->transaction = !store->error.code;
}

int store_commit(struct store *store)
{
    static struct statement commit = {.sql = "COMMIT"};

    if (store->transaction && !store->error.code && alloc_failed())
        (void)error_system(&store->error, -ENOMEM, "the supervisor");
    if (!store->transaction || store->error.code)
        return store->error.code;
    (void)store_run(store, &commit, "");
    store->transaction = store->error.code != 0;
    return store->error.code;
}

/* ---- values ---- */

int64_t store_number(struct store *store, sqlite3_stmt *handle, int64_t otherwise)
{
    if (store_step(store, handle)) {
        if (sqlite3_column_type(handle, 0) != SQLITE_NULL)
            otherwise = sqlite3_column_int64(handle, 0);
        store_reset(handle);
    }
    return otherwise;
}

char *store_copy(sqlite3_stmt *handle, int column, size_t *size)
{
    const void *data = sqlite3_column_blob(handle, column);
    size_t n = (size_t)sqlite3_column_bytes(handle, column);
    char *copy;

    if (size)
        *size = 0;
    if (sqlite3_column_type(handle, column) == SQLITE_NULL)
        return NULL;
    copy = alloc_get(n + 1);
    if (!copy)
        return NULL;
    if (n)
        memcpy(copy, data, n);
    copy[n] = '\0';
    if (size)
        *size = n;
    return copy;
}

int64_t store_meta(struct store *store, const char *name, int64_t otherwise)
{
    static struct statement get = {.sql = "SELECT value FROM meta WHERE name = ?1"};

    return store_number(store, store_prepare(store, &get, "t", name), otherwise);
}

void store_set_meta(struct store *store, const char *name, int64_t value)
{
    static struct statement set = {.sql = "INSERT INTO meta VALUES (?1, ?2)"
                                          " ON CONFLICT (name) DO UPDATE SET value = ?2"};

    store_begin(store);
    (void)store_run(store, &set, "ti", name, value);
}
