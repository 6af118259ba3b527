#include "runner/cgroup.h"
#include "os/file.h"
#include "runner/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads a small file of /proc as text; false where it cannot be read. */
static bool cgroup_read(const char *path, char *text, size_t size)
{
    int fd = os_open(path, O_RDONLY, 0);
    size_t used = 0;
    ssize_t n = 0;

    if (fd < 0)
        return false;
    while (used < size - 1 && (n = os_read(fd, text + used, size - 1 - used)) > 0)
        used += (size_t)n;
    (void)os_close(fd);
    text[used] = '\0';
    return n >= 0;
}

/* Where version 2 is mounted whole: the fifth field of its line in mountinfo. */
static bool cgroup_mount(char *text, char mount[PATH_MAX])
{
    char *save = NULL;

    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char root[8];

        if (strstr(line, " - cgroup2 ") &&
            sscanf(line, "%*s %*s %*s %7s %4095s", root, mount) == 2 && strcmp(root, "/") == 0)
            return true;
    }
    return false;
}

void cgroup_init(struct runner *r)
{
    /* The batch is not in use yet, and large enough for the mounts of any machine. */
    char *text = r->batch.data, *own, *end;
    char mount[PATH_MAX], path[2 * PATH_MAX];
    struct stat st;

    r->cgroup.dir = -1;
    if (!cgroup_read("/proc/self/mountinfo", text, sizeof r->batch.data) ||
        !cgroup_mount(text, mount) || !cgroup_read("/proc/self/cgroup", text, PATH_MAX))
        return;
    own = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
    if (!own)
        return;
    own = strchr(own, '/');
    end = own ? strchr(own, '\n') : NULL;
    if (!end)
        return;
    *end = '\0';
    (void)snprintf(path, sizeof path, "%s%s", mount, own);
    r->cgroup.dir = os_open(path, O_RDONLY | O_DIRECTORY, 0);
    if (fstat(r->home.dir, &st) == 0)
        r->cgroup.tag = (uint64_t)st.st_ino * 31 + st.st_dev;
}

#define CGROUP_NAME 64

/* The same for each runner of a home, so that the next one finds it. */
static void cgroup_name(const struct runner *r, const struct slot *slot, char name[CGROUP_NAME])
{
    (void)snprintf(name, CGROUP_NAME, "drover-%llx-%llx.%u", (unsigned long long)r->cgroup.tag,
                   (unsigned long long)slot->key.job, (unsigned)slot->key.attempt);
}

void cgroup_adopt(struct runner *r, struct slot *slot)
{
    char name[CGROUP_NAME];

    if (r->cgroup.dir < 0)
        return;
    cgroup_name(r, slot, name);
    slot->cgroup = os_openat(r->cgroup.dir, name, O_RDONLY | O_DIRECTORY, 0);
}

int cgroup_make(struct runner *r, struct slot *slot)
{
    char name[CGROUP_NAME];
    int fd;

    if (r->cgroup.dir < 0)
        return -ENOENT;
    cgroup_name(r, slot, name);
    if (mkdirat(r->cgroup.dir, name, 0700) < 0)
        return -errno;
    cgroup_adopt(r, slot);
    fd = slot->cgroup < 0 ? slot->cgroup : os_openat(slot->cgroup, "cgroup.procs", O_WRONLY, 0);
    if (fd < 0)
        cgroup_remove(r, slot);
    return fd;
}

void cgroup_kill(const struct slot *slot)
{
    int fd;

    if (slot->cgroup < 0)
        return;
    fd = os_openat(slot->cgroup, "cgroup.kill", O_WRONLY, 0);
    if (fd < 0)
        return;
    (void)os_write_all(fd, "1", 1);
    (void)os_close(fd);
}

void cgroup_remove(struct runner *r, struct slot *slot)
{
    char name[CGROUP_NAME];

    if (slot->cgroup < 0)
        return;
    cgroup_name(r, slot, name);
    (void)unlinkat(r->cgroup.dir, name, AT_REMOVEDIR);
    (void)os_close(slot->cgroup);
    slot->cgroup = -1;
}
