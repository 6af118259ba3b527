#include "supervisor/clients/answer.h"
#include "supervisor/store/store.h"

#include <stdlib.h>

json_t *answer_find(struct store *store, const char *key)
{
    static struct statement select = {.sql = "SELECT reply FROM answer WHERE key = ?1"};
    sqlite3_stmt *row;
    json_t *answer = NULL;

    if (!key)
        return NULL;
    row = store_prepare(store, &select, "t", key);
    if (store_step(store, row)) {
        answer = json_loads((const char *)sqlite3_column_text(row, 0), 0, NULL);
        store_reset(row);
    }
    return answer;
}

void answer_keep(struct store *store, const char *key, const json_t *answer)
{
    static struct statement insert = {.sql = "INSERT INTO answer (key, reply) VALUES (?1, ?2)"};
    static struct statement forget = {
        .sql = "DELETE FROM answer WHERE number <= (SELECT max(number) FROM answer) - ?1"};
    char *text = key ? json_dumps(answer, JSON_COMPACT) : NULL;

    if (!text)
        return;
    store_begin(store);
    (void)store_run(store, &insert, "tt", key, text);
    (void)store_run(store, &forget, "i", (int64_t)ANSWER_KEPT);
    free(text);
}
