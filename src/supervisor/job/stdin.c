#include "supervisor/job/stdin.h"

#include "base/alloc.h"
#include "os/file.h"
#include "supervisor/store/store.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

void stdin_name(jobid key, char name[STDIN_NAME])
{
    (void)snprintf(name, STDIN_NAME, "%016" PRIx64, key);
}

char *stdin_directory(const struct supervisor *s)
{
    return alloc_format("%s/input/", s->home.path);
}

char *stdin_path(const struct supervisor *s, jobid key)
{
    char name[STDIN_NAME];

    stdin_name(key, name);
    return alloc_format("%s/input/%s", s->home.path, name);
}

int stdin_open(const struct supervisor *s, jobid key)
{
    char name[STDIN_NAME];

    stdin_name(key, name);
    return os_openat(s->input_dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
}

void stdin_delete(const struct supervisor *s, jobid key)
{
    char name[STDIN_NAME];

    stdin_name(key, name);
    (void)unlinkat(s->input_dir, name, 0);
}

void stdins_delete(struct supervisor *s, jobid first, jobid last)
{
    static struct statement blocks = {
        .sql = "SELECT job.key FROM job JOIN policy ON policy.key = ?1"
               " WHERE job.key BETWEEN ?2 AND ?3 AND pipe AND state <> 2"};
    sqlite3_stmt *row;

    if (!jobid_child(first)) {
        stdin_delete(s, first);
        return;
    }
    row = store_prepare(s->store, &blocks, "iii", (int64_t)jobid_parent(first), (int64_t)first,
                        (int64_t)last);
    while (store_step(s->store, row))
        stdin_delete(s, (jobid)sqlite3_column_int64(row, 0));
}
