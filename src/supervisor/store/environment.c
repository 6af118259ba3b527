#include "supervisor/store/environment.h"
#include "supervisor/store/store.h"

#define XXH_INLINE_ALL
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static int64_t environment_hash(const struct environment *e)
{
    uint64_t seed = XXH3_64bits_withSeed(e->limits, sizeof e->limits, e->umask);

    seed = XXH3_64bits_withSeed(&e->attributes, sizeof e->attributes, seed);
    return (int64_t)XXH3_64bits_withSeed(e->lines, e->lines_size, seed);
}

int64_t environment_store(struct store *store, const struct environment *e)
{
    static struct statement find = {
        .sql = "SELECT id FROM environment WHERE hash = ?1 AND umask = ?2 AND limits = ?3"
               " AND lines = ?4 AND attributes = ?5"};
    static struct statement insert = {
        .sql = "INSERT INTO environment (hash, umask, limits, lines, attributes)"
               " VALUES (?1, ?2, ?3, ?4, ?5)"};
    int64_t hash = environment_hash(e), id;

    id = store_number(store,
                      store_prepare(store, &find, "iibbb", hash, (int64_t)e->umask, e->limits,
                                    sizeof e->limits, e->lines, e->lines_size, &e->attributes,
                                    sizeof e->attributes),
                      -1);
    if (id >= 0)
        return id;
    store_begin(store);
    (void)store_run(store, &insert, "iibbb", hash, (int64_t)e->umask, e->limits, sizeof e->limits,
                    e->lines, e->lines_size, &e->attributes, sizeof e->attributes);
    return sqlite3_last_insert_rowid(store->db);
}

int environment_load(struct store *store, int64_t id, struct environment *e)
{
    static struct statement select = {
        .sql = "SELECT umask, limits, lines, attributes FROM environment WHERE id = ?1"};
    sqlite3_stmt *row = store_prepare(store, &select, "i", id);
    int r = -ENOENT;

    if (!store_step(store, row))
        return r;
    *e = (struct environment){.umask = (uint32_t)sqlite3_column_int64(row, 0)};
    if (sqlite3_column_bytes(row, 1) == (int)sizeof e->limits) {
        memcpy(e->limits, sqlite3_column_blob(row, 1), sizeof e->limits);
        if (sqlite3_column_bytes(row, 3) == (int)sizeof e->attributes)
            memcpy(&e->attributes, sqlite3_column_blob(row, 3), sizeof e->attributes);
        e->lines = store_copy(row, 2, &e->lines_size);
        r = e->lines ? 0 : -ENOMEM;
    }
    store_reset(row);
    return r;
}
