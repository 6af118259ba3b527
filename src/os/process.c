#include "os/process.h"
#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static ssize_t os_proc_open_read(pid_t pid, const char *name, char *data, size_t size)
{
    char path[64];
    ssize_t n;
    int fd;

    (void)snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    fd = os_open(path, O_RDONLY, 0);
    if (fd < 0)
        return fd == -ENOENT ? -ESRCH : fd;
    n = os_pread_full(fd, data, size, 0);
    (void)os_close(fd);
    return n;
}

#define OS_KERNEL_THREAD 0x00200000U /* the kernel's PF_KTHREAD */

int os_process_stat(pid_t pid, struct os_process *process)
{
    char text[1024];
    ssize_t n = os_proc_open_read(pid, "stat", text, sizeof text - 1);
    unsigned long long start;
    long parent, group, session;
    unsigned flags;
    char state;
    char *p;

    if (n < 0)
        return (int)n;
    text[n] = '\0';
    p = strrchr(text, ')'); /* the name before it may hold anything, ") Z 1" too */
    if (!p || sscanf(p + 1,
                     " %c %ld %ld %ld %*d %*d %u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d"
                     " %llu",
                     &state, &parent, &group, &session, &flags, &start) != 6)
        return -ESRCH;
    *process = (struct os_process){.pid = pid,
                                   .state = state,
                                   .parent = (pid_t)parent,
                                   .group = (pid_t)group,
                                   .session = (pid_t)session,
                                   .start = start,
                                   .kernel = flags & OS_KERNEL_THREAD};
    return 0;
}

bool os_process_alive(pid_t pid, uint64_t start)
{
    struct os_process p;

    return pid > 1 && os_process_stat(pid, &p) == 0 && p.start == start && p.state != 'Z' &&
           p.state != 'X';
}

bool os_process_has_name(pid_t pid, const char *name)
{
    char text[OS_NAME_SIZE + 1];
    ssize_t n = os_proc_open_read(pid, "comm", text, sizeof text - 1);

    if (n < 1)
        return false;
    text[n - 1] = '\0';
    return strcmp(text, name) == 0;
}

/*
 * Looks for a line in a stream of NUL-terminated words: what all lines meant begin with, and, where
 * there is a `value`, what follows it.
 */
struct env_scan {
    const char *line;
    size_t size;    /* of line; its NUL counts where no value is wanted */
    size_t matched; /* bytes of it matched so far in this word */
    bool skip;      /* this word is another one */
    char *value;
    size_t used, room;
};

/* True when the line was found, to its end. */
static bool env_scan_feed(struct env_scan *s, char c)
{
    if (!s->skip && s->matched == s->size) {
        if (s->used < s->room)
            s->value[s->used++] = c;
        return c == '\0';
    }
    if (!s->skip && c == s->line[s->matched])
        s->matched++;
    else
        s->skip = true;
    if (s->matched == s->size && !s->value)
        return true;
    if (c == '\0') {
        s->skip = false;
        s->matched = 0;
    }
    return false;
}

/* An exec while it is read ends it, in the midst of a word. */
static int os_process_scan_env(pid_t pid, struct env_scan *scan)
{
    char path[64], data[4096], last = 'x';
    bool found = false;
    ssize_t n;
    int fd;

    (void)snprintf(path, sizeof path, "/proc/%ld/environ", (long)pid);
    fd = os_open(path, O_RDONLY, 0);
    if (fd < 0)
        return fd == -ENOENT ? -ESRCH : fd;
    while (!found && (n = os_read(fd, data, sizeof data)) > 0) {
        for (ssize_t i = 0; !found && i < n; i++)
            found = env_scan_feed(scan, data[i]);
        last = data[n - 1];
    }
    (void)os_close(fd);
    return found ? 1 : last == '\0' ? 0 : -EAGAIN;
}

int os_process_has_env(pid_t pid, const char *line)
{
    return os_process_scan_env(pid, &(struct env_scan){.line = line, .size = strlen(line) + 1});
}

int os_process_env(pid_t pid, const char *name, char *value, size_t size)
{
    struct env_scan scan = {.value = value, .room = size};
    char line[64];
    int result;

    scan.line = line;
    scan.size = (size_t)snprintf(line, sizeof line, "%s=", name);
    result = os_process_scan_env(pid, &scan);
    return result == 1 && value[scan.used - 1] != '\0' ? 0 : result;
}

/* info: NULL, or what the signal comes with. */
static int os_process_send(pid_t pid, uint64_t start, int sig, const siginfo_t *info)
{
    struct os_process p;
    int fd = os_pidfd_open(pid), r = 0;

    if (fd < 0)
        return fd;
    if (os_process_stat(pid, &p) < 0 || p.start != start)
        r = -ESRCH;
    else if (syscall(SYS_pidfd_send_signal, fd, sig, info, 0) < 0)
        r = -errno;
    (void)os_close(fd);
    return r;
}

int os_process_signal(pid_t pid, uint64_t start, int sig)
{
    return os_process_send(pid, start, sig, NULL);
}

int os_process_queue(pid_t pid, uint64_t start, int sig, int value)
{
    siginfo_t info = {.si_signo = sig, .si_code = SI_QUEUE};

    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = value;
    return os_process_send(pid, start, sig, &info);
}

struct os_dirent {
    uint64_t inode;
    int64_t offset;
    unsigned short size;
    unsigned char type;
    char name[];
};

/* getdents64 itself, since opendir allocates. */
int os_process_each(int (*each)(pid_t pid, void *data), void *data)
{
    _Alignas(struct os_dirent) char entries[8192];
    int fd = os_open("/proc", O_RDONLY | O_DIRECTORY, 0), r = 0;
    long n;

    if (fd < 0)
        return fd;
    while (r == 0 && (n = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0)
        for (long at = 0; r == 0 && at < n;) {
            const struct os_dirent *e = (const struct os_dirent *)(const void *)(entries + at);

            if (e->name[0] >= '1' && e->name[0] <= '9')
                r = each((pid_t)strtol(e->name, NULL, 10), data);
            at += e->size;
        }
    (void)os_close(fd);
    return r;
}

int os_children_open(void)
{
    return os_open("/proc/thread-self/children", O_RDONLY, 0);
}

struct os_children {
    int (*each)(pid_t pid, void *data);
    void *data;
};

static int os_children_check(pid_t pid, void *data)
{
    const struct os_children *children = data;
    struct os_process p;

    if (os_process_stat(pid, &p) < 0 || p.parent != getpid())
        return 0;
    return children->each(pid, children->data);
}

int os_children_each(int fd, int (*each)(pid_t pid, void *data), void *data)
{
    struct os_children children = {each, data};
    char text[4096];
    long pid = 0;
    int r = 0;
    ssize_t n;

    if (fd < 0)
        return os_process_each(os_children_check, &children);
    if (lseek(fd, 0, SEEK_SET) < 0)
        return -errno;
    while (r == 0 && (n = os_read(fd, text, sizeof text)) > 0) /* numbers with a blank behind */
        for (ssize_t i = 0; r == 0 && i < n; i++) {
            if (text[i] != ' ') {
                pid = pid * 10 + (text[i] - '0');
                continue;
            }
            r = each((pid_t)pid, data);
            pid = 0;
        }
    return r;
}

uint64_t os_pipe_inode(pid_t pid, int fd)
{
    struct stat st;
    char path[64];

    if (pid == 0)
        return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) ? st.st_ino : 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)pid, fd);
    return stat(path, &st) == 0 && S_ISFIFO(st.st_mode) ? st.st_ino : 0;
}

int os_pidfd_open(pid_t pid)
{
    long fd = syscall(SYS_pidfd_open, pid, 0);

    return fd < 0 ? os_note_shortage(-errno) : (int)fd;
}

int os_pidfd_signal(int pidfd, int sig)
{
    return syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) < 0 ? -errno : 0;
}

/* The kernel's struct pidfd_info, first version; not in Debian 12's headers. */
struct os_pidfd_info {
    uint64_t mask;
    uint64_t cgroup_id;
    uint32_t ids[11];
    int32_t exit_code;
};

#define OS_PIDFD_INFO_EXIT (UINT64_C(1) << 3)
#define OS_PIDFD_GET_INFO  _IOWR(0xff, 11, struct os_pidfd_info)

int os_pidfd_status(int pidfd, int *status)
{
    struct os_pidfd_info info = {.mask = OS_PIDFD_INFO_EXIT};

    _Static_assert(sizeof info == 64, "the kernel's first struct pidfd_info has 64 bytes");
    if (ioctl(pidfd, OS_PIDFD_GET_INFO, &info) < 0)
        return errno == ENOTTY || errno == EINVAL ? -ENOSYS : -errno;
    if (!(info.mask & OS_PIDFD_INFO_EXIT))
        return -EAGAIN;
    *status = info.exit_code;
    return 0;
}

unsigned os_processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;

    return count > 0 ? (unsigned)count : 1;
}

void os_close_from(int first)
{
    if (syscall(SYS_close_range, first, ~0U, 0) == 0)
        return;
    for (long fd = first, end = sysconf(_SC_OPEN_MAX); fd < end; fd++)
        (void)close((int)fd);
}

/* The kernel's struct sched_attr, first version; its header cannot be had beside <sched.h>. */
struct os_sched_attr {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

#define OS_SCHED_RESET_ON_FORK 1

int os_set_slice(uint64_t nanoseconds)
{
    struct os_sched_attr attr = {.size = sizeof attr,
                                 .policy = SCHED_OTHER,
                                 .flags = OS_SCHED_RESET_ON_FORK,
                                 .nice = getpriority(PRIO_PROCESS, 0),
                                 .runtime = nanoseconds};

    _Static_assert(sizeof attr == 48, "the kernel's first struct sched_attr has 48 bytes");
    return syscall(SYS_sched_setattr, 0, &attr, 0) < 0 ? -errno : 0;
}

int os_become_subreaper(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int os_boot_id(char id[OS_BOOT_ID_SIZE])
{
    const char *stand_in = getenv("DROVER_BOOT_ID");
    ssize_t n;
    int fd;

    id[0] = '\0';
    if (stand_in) {
        (void)snprintf(id, OS_BOOT_ID_SIZE, "%s", stand_in);
        return 0;
    }
    fd = os_open("/proc/sys/kernel/random/boot_id", O_RDONLY, 0);
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    n = os_read(fd, id, OS_BOOT_ID_SIZE - 1);
    id[n > 0 ? n : 0] = '\0';
    (void)os_close(fd);
    return n < 0 ? (int)n : 0;
}
