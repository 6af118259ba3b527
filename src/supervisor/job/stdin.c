#include "supervisor/job/stdin.h"

#include "base/alloc.h"
#include "os/file.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

/* ---- what is large is kept once ---- */

#define STDIN_LARGE  ((uint64_t)1 << 20)
#define STDIN_SHARED "shared."

/* By pieces: who sends the same sends it in the same ones. */
void stdin_sum_add(struct stdin_sum *sum, const void *piece, size_t size)
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(piece, size, sum->low ^ sum->high);

    sum->low = hash.low64;
    sum->high = hash.high64;
}

int stdin_keep(const struct supervisor *s, jobid key, const char *from, uint64_t size,
               const struct stdin_sum *sum)
{
    char name[STDIN_NAME], shared[80];
    int dir = s->input_dir;

    stdin_name(key, name);
    (void)snprintf(shared, sizeof shared, STDIN_SHARED "%016" PRIx64 "%016" PRIx64 ".%" PRIu64,
                   sum->high, sum->low, size);
    if (size >= STDIN_LARGE && linkat(dir, shared, dir, name, 0) == 0)
        return 0;
    if (renameat(dir, from, dir, name) < 0)
        return -errno;
    if (size >= STDIN_LARGE)
        (void)linkat(dir, name, dir, shared, 0);
    return 0;
}

void stdins_clean(const struct supervisor *s)
{
    int fd = os_openat(s->input_dir, ".", O_RDONLY | O_DIRECTORY, 0);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    struct stat st;

    while (directory && (entry = readdir(directory)))
        if (strncmp(entry->d_name, STDIN_SHARED, strlen(STDIN_SHARED)) == 0 &&
            fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_nlink == 1)
            (void)unlinkat(fd, entry->d_name, 0);
    if (directory)
        (void)closedir(directory);
    else if (fd >= 0)
        (void)os_close(fd);
}

void stdin_delete(const struct supervisor *s, jobid key)
{
    char name[STDIN_NAME];
    struct stat st;
    bool last;

    stdin_name(key, name);
    last = fstatat(s->input_dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_nlink == 2;
    (void)unlinkat(s->input_dir, name, 0);
    if (last)
        stdins_clean(s);
}

void stdins_delete(struct supervisor *s, jobid first, jobid last)
{
    static struct statement blocks = {
        .sql = "SELECT job.key FROM job JOIN policy ON policy.key = ?1"
               " WHERE job.key BETWEEN ?2 AND ?3 AND pipe AND " SQL_NOT_COMPLETED};
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
