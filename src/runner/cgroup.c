#include "runner/cgroup.h"
#include "base/clock.h"
#include "os/file.h"
#include "runner/runner.h"

#include <dirent.h>
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

static void cgroup_find(struct runner *r)
{
    /* The batch is not in use yet, and large enough for the mounts of any machine. */
    char *text = r->scratch, *own, *end;
    char mount[PATH_MAX], path[2 * PATH_MAX];
    struct stat st;

    r->cgroups.dir = -1;
    if (!cgroup_read("/proc/self/mountinfo", text, sizeof r->scratch) ||
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
    (void)snprintf(r->cgroups.path, sizeof r->cgroups.path, "%s%s", own, own[1] ? "/" : "");
    r->cgroups.dir = os_open(path, O_RDONLY | O_DIRECTORY, 0);
    if (fstat(r->home.dir, &st) == 0)
        r->cgroups.tag = (uint64_t)st.st_ino * 31 + st.st_dev;
}

#define CGROUP_NAME   64
#define CGROUP_PREFIX "drover-%llx-"

/* Groups in which somebody lives cannot be removed. */
static void cgroup_sweep(struct runner *r)
{
    int fd = os_openat(r->cgroups.dir, ".", O_RDONLY | O_DIRECTORY, 0);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    char prefix[CGROUP_NAME];
    struct dirent *entry;

    if (!entries)
        return;
    (void)snprintf(prefix, sizeof prefix, CGROUP_PREFIX, (unsigned long long)r->cgroups.tag);
    while ((entry = readdir(entries)))
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            (void)unlinkat(r->cgroups.dir, entry->d_name, AT_REMOVEDIR);
    (void)closedir(entries);
}

void cgroup_init(struct runner *r)
{
    cgroup_find(r);
    if (r->cgroups.dir >= 0)
        cgroup_sweep(r);
}

/* The same for each runner of a home, so that the next one finds it. */
static void cgroup_name(const struct runner *r, struct writer_key key, char name[CGROUP_NAME])
{
    (void)snprintf(name, CGROUP_NAME, CGROUP_PREFIX "%llx.%u", (unsigned long long)r->cgroups.tag,
                   (unsigned long long)key.job, (unsigned)key.attempt);
}

void cgroup_adopt(struct runner *r, struct slot *slot)
{
    char name[CGROUP_NAME];

    if (r->cgroups.dir < 0)
        return;
    cgroup_name(r, slot->key, name);
    slot->cgroup = os_openat(r->cgroups.dir, name, O_RDONLY | O_DIRECTORY, 0);
}

void cgroup_make(struct runner *r, struct slot *slot)
{
    char name[CGROUP_NAME];

    if (r->cgroups.dir < 0)
        return;
    cgroup_name(r, slot->key, name);
    if (mkdirat(r->cgroups.dir, name, 0700) == 0)
        cgroup_adopt(r, slot);
}

/* The name of the process's group where that stands right below our own. */
static bool cgroup_of(const struct runner *r, pid_t pid, char name[CGROUP_NAME])
{
    char file[64], text[PATH_MAX], *own;
    size_t size = strlen(r->cgroups.path);

    (void)snprintf(file, sizeof file, "/proc/%ld/cgroup", (long)pid);
    if (r->cgroups.dir < 0 || !cgroup_read(file, text, sizeof text))
        return false;
    own = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
    own = own ? strchr(own, '/') : NULL;
    if (!own || strncmp(own, r->cgroups.path, size) != 0)
        return false;
    (void)snprintf(name, CGROUP_NAME, "%.*s", (int)strcspn(own + size, "/\n"), own + size);
    return true;
}

struct slot *cgroup_owner(struct runner *r, pid_t pid)
{
    unsigned long long tag, job;
    char name[CGROUP_NAME];
    unsigned attempt;

    if (!cgroup_of(r, pid, name) ||
        sscanf(name, CGROUP_PREFIX "%llx.%u", &tag, &job, &attempt) != 3 || tag != r->cgroups.tag)
        return NULL;
    return slot_find(&r->slots, job, attempt);
}

void cgroup_each(const struct slot *slot, void (*each)(pid_t pid, void *data), void *data)
{
    int fd = slot->cgroup < 0 ? -1 : os_openat(slot->cgroup, "cgroup.procs", O_RDONLY, 0);
    char text[4096];
    long pid = 0;
    ssize_t n;

    if (fd < 0)
        return;
    while ((n = os_read(fd, text, sizeof text)) > 0)
        for (ssize_t i = 0; i < n; i++) {
            if (text[i] != '\n') {
                pid = pid * 10 + (text[i] - '0');
                continue;
            }
            each((pid_t)pid, data);
            pid = 0;
        }
    (void)os_close(fd);
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

#define CGROUP_FIRST (CLOCK_SECOND / 200)
#define CGROUP_MOST  (2 * CLOCK_SECOND)

/* True when it is gone. */
static bool cgroup_unlink(struct runner *r, struct writer_key key)
{
    char name[CGROUP_NAME];

    cgroup_name(r, key, name);
    return unlinkat(r->cgroups.dir, name, AT_REMOVEDIR) == 0 || errno != EBUSY;
}

void cgroup_remove(struct runner *r, struct slot *slot)
{
    struct cgroups *c = &r->cgroups;

    if (slot->cgroup < 0)
        return;
    (void)os_close(slot->cgroup);
    slot->cgroup = -1;
    if (cgroup_unlink(r, slot->key) || c->count == CGROUP_LEFT)
        return;
    c->left[c->count++] = (struct cgroup_left){.key = slot->key, .wait = CGROUP_FIRST};
    c->retry_at = clock_steady() + CGROUP_FIRST;
}

void cgroup_tick(struct runner *r, int64_t now)
{
    struct cgroups *c = &r->cgroups;
    int64_t wait = CGROUP_MOST;
    unsigned kept = 0;

    if (!c->retry_at || now < c->retry_at)
        return;
    for (unsigned i = 0; i < c->count; i++) {
        struct cgroup_left left = c->left[i];

        if (cgroup_unlink(r, left.key))
            continue;
        left.wait = left.wait * 2 < CGROUP_MOST ? left.wait * 2 : CGROUP_MOST;
        wait = left.wait < wait ? left.wait : wait;
        c->left[kept++] = left;
    }
    c->count = kept;
    c->retry_at = kept ? now + wait : 0;
}
