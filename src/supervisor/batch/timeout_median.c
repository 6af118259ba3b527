#include "supervisor/batch/timeout_median.h"

#include "supervisor/store/states.h"
#include "supervisor/store/store.h"

#include <stdlib.h>
#include <string.h>

void timeout_median_add(struct timeout_median *median, int64_t time)
{
    median->times[median->at] = time;
    median->at = (median->at + 1) % TIMEOUT_MEDIAN_KEPT;
    if (median->count < TIMEOUT_MEDIAN_KEPT)
        median->count++;
}

static int timeout_median_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

int64_t timeout_median_get(const struct timeout_median *median)
{
    int64_t sorted[TIMEOUT_MEDIAN_KEPT];

    if (median->count < TIMEOUT_MEDIAN_FEWEST)
        return 0;
    memcpy(sorted, median->times, median->count * sizeof *sorted);
    qsort(sorted, median->count, sizeof *sorted, timeout_median_compare);
    return sorted[median->count / 2];
}

void timeout_median_load(struct timeout_median *median, struct store *store, jobid batch)
{
    static struct statement select = {
        .sql = "SELECT end - begin FROM job WHERE key > ?1 AND key <= ?2 AND " SQL_COMPLETED
               " ORDER BY key DESC LIMIT ?3"};
    sqlite3_stmt *row = store_prepare(store, &select, "iii", (int64_t)batch,
                                      (int64_t)(batch | UINT32_MAX), (int64_t)TIMEOUT_MEDIAN_KEPT);

    while (store_step(store, row))
        timeout_median_add(median, sqlite3_column_int64(row, 0));
}
