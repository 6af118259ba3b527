#include "supervisor/place/local/verdict_file.h"

#include "journal/output.h"
#include "os/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

static int verdict_files_open(const struct supervisor *s)
{
    return os_openat(s->home.dir, "verdict", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}

void verdict_file_delete(const struct supervisor *s, jobid key, uint32_t attempt)
{
    char name[OUTPUT_SPILL_NAME];
    int fd = verdict_files_open(s);

    output_spill_name(key, attempt, name);
    if (fd < 0)
        return;
    (void)unlinkat(fd, name, 0);
    (void)os_close(fd);
}

void verdict_files_delete(const struct supervisor *s)
{
    int fd = verdict_files_open(s);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    while (directory && (entry = readdir(directory)))
        (void)unlinkat(fd, entry->d_name, 0);
    if (directory)
        (void)closedir(directory);
    else if (fd >= 0)
        (void)os_close(fd);
}
