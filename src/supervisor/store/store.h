/*
 * store: the database, one SQLite file in WAL mode with one writer.
 *
 * Calling order: store_open, any statement inside store_begin ... store_commit, store_close.
 * store_begin may be called at any time and does nothing when a transaction is open. What is
 * written is seen by the statements after it at once, and is safe from a crash of any process
 * once store_commit has returned 0.
 *
 * The statements themselves belong to the nouns (job/job.c, batch/batch.c ...). Each is
 * prepared once, on first use. A statement that fails marks the store as failed, with the error
 * kept in `error`; from then on everything fails until it is opened anew, so that callers need
 * not check each write: store_commit tells. So does everything once it is closed.
 */
#ifndef DROVER_SUPERVISOR_STORE_STORE_H
#define DROVER_SUPERVISOR_STORE_STORE_H

#include "base/error.h"
#include "base/home.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_SCHEMA 5

struct statement {
    const char *sql;
    sqlite3_stmt *handle;
    struct statement *next;
};

/* Somebody who keeps changes in memory: `flush` writes them into the tables. */
struct store_writer {
    void (*flush)(void *data);
    void *data;
    struct store_writer *next;
};

struct store {
    sqlite3 *db;
    struct statement *prepared; /* to be finalized at the close */
    struct store_writer *writers;
    bool transaction;
    bool commit_soon;    /* somebody waits for the commit; the turn clears it */
    bool uncommitted;    /* jobs have come, or run again, since the last commit: nothing starts */
    unsigned generation; /* how often it has been closed */
    struct error error;  /* code 0: sound */
};

/* Before the first store_open of a process: from then on alloc_failed tells of SQLite's
 * allocations too. One thread uses it. */
void store_configure(void);

/*
 * Opens HOME/jobs.db, made where it is missing. `power`: each commit is synced. 0, or a
 * negative errno with err set: -ENOSPC for a full disk, -EPROTO for a newer schema, -EUCLEAN for
 * a damaged file.
 */
int store_open(struct store *store, const struct home *home, bool power, struct error *err);
void store_close(struct store *store);

/* Once, before the first store_open; first come, first flushed. */
void store_register(struct store *store, struct store_writer *writer);

/* Writes what the writers keep, so that the tables can be read. */
void store_flush(struct store *store);

/* What was changed must be committed before this turn ends. */
void store_commit_soon(struct store *store);

/* The same, and no job starts before: one that comes again after a crash would run twice. */
void store_commit_first(struct store *store);

void store_begin(struct store *store);
int store_commit(struct store *store); /* fails where alloc_failed: something may be left out */

/* Gives the room of a write-ahead log that has become large back, outside of a transaction; where a
 * reader is in the way it is left. */
void store_shrink(struct store *store);

/* Syncs what has been committed, so that older journal segments are no longer needed: 0, or
 * -EAGAIN where a reader is in the way. */
int store_checkpoint(struct store *store);

/*
 * Makes the statement ready with its parameters bound: `i` int64_t, `t` const char * (may be
 * NULL), `b` const void * and size_t, `n` nothing (NULL). NULL where the store has failed.
 */
sqlite3_stmt *store_prepare(struct store *store, struct statement *statement, const char *format,
                            ...);

/* The next row of a prepared statement. At the end it is reset. */
bool store_step(struct store *store, sqlite3_stmt *handle);

/* Ends a statement before its last row. */
void store_reset(sqlite3_stmt *handle);

/* Prepares and runs a statement without rows: the rows it changed. */
#define store_run(store, statement, ...)                                                           \
    store_run_prepared(store, store_prepare(store, statement, __VA_ARGS__))
int store_run_prepared(struct store *store, sqlite3_stmt *handle);

/* One number out of a one-row statement, `otherwise` where there is no row. */
int64_t store_number(struct store *store, sqlite3_stmt *handle, int64_t otherwise);

/* A copy of a text or blob column with a NUL behind it, or NULL; *size may be NULL. */
char *store_copy(sqlite3_stmt *handle, int column, size_t *size);

int64_t store_meta(struct store *store, const char *name, int64_t otherwise);
void store_set_meta(struct store *store, const char *name, int64_t value);

#endif
