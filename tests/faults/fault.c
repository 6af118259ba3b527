/*
 * fault: lets calls of chosen programs fail, to see what becomes of it.
 *
 * Preloaded (LD_PRELOAD) into whatever a test starts; `inject` of tests/cli/helper.bash does that.
 * The variable DROVER_TEST_FAULT holds up to 8 rules with ";" between them, each of them words
 * NAME=VALUE:
 *
 *     program=NAME   which program: drover, drover-supervisor, drover-runner, drover-session
 *     call=NAME      open (openat), read (pread), write (pwrite), fcntl, send, receive (sendmsg and
 *                    recvmsg: between supervisor and runner), splice (the file that is written),
 *                    malloc (calloc, realloc)
 *     path=TEXT      only on files whose path has TEXT in it; for fcntl, read and write, too
 *     while=FILE     only while FILE exists: so a test turns a fault on and off; a call at another
 * time is not counted either skip=N         the first N such calls work (0) times=N        and the
 * N after them fail (1); 0: all that follow error=NAME     with this errno: EMFILE ... signal=NAME
 * or the process gets this signal instead, and then makes the call: KILL, STOP ...
 *
 * Each process counts for itself. A call that fails was not made.
 */
#undef _FILE_OFFSET_BITS /* each call and its name for large files are defined here */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum fault_call {
    FAULT_OPEN = 1,
    FAULT_READ,
    FAULT_WRITE,
    FAULT_FCNTL,
    FAULT_SEND,
    FAULT_RECEIVE,
    FAULT_SPLICE,
    FAULT_MALLOC
};

#define FAULT_RULES 8
#define FAULT_TEXT  256

struct fault_rule {
    enum fault_call call;
    char program[FAULT_TEXT], path[FAULT_TEXT], gate[FAULT_TEXT];
    long skip, times;
    int error, signal;
    long seen;
};

/* Nothing here may allocate: malloc is one of the calls. */
static struct fault_rule fault_rules[FAULT_RULES];
static size_t fault_count;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *data, size_t size);

/* ---- the plan ---- */

static enum fault_call fault_call_of(const char *name)
{
    static const char *const names[] = {"",     "open",    "read",   "write", "fcntl",
                                        "send", "receive", "splice", "malloc"};

    for (enum fault_call i = FAULT_OPEN; i <= FAULT_MALLOC; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return 0;
}

static int fault_error_of(const char *name)
{
    for (int i = 1; i < 200; i++)
        if (strerrorname_np(i) && strcmp(name, strerrorname_np(i)) == 0)
            return i;
    return 0;
}

static int fault_signal_of(const char *name)
{
    for (int i = 1; i < NSIG; i++)
        if (sigabbrev_np(i) && strcmp(name, sigabbrev_np(i)) == 0)
            return i;
    return 0;
}

static bool fault_set(struct fault_rule *rule, const char *name, const char *value)
{
    if (strcmp(name, "program") == 0)
        (void)snprintf(rule->program, FAULT_TEXT, "%s", value);
    else if (strcmp(name, "path") == 0)
        (void)snprintf(rule->path, FAULT_TEXT, "%s", value);
    else if (strcmp(name, "while") == 0)
        (void)snprintf(rule->gate, FAULT_TEXT, "%s", value);
    else if (strcmp(name, "skip") == 0)
        rule->skip = atol(value);
    else if (strcmp(name, "times") == 0)
        rule->times = atol(value);
    else if (strcmp(name, "call") == 0)
        return (rule->call = fault_call_of(value)) != 0;
    else if (strcmp(name, "error") == 0)
        return (rule->error = fault_error_of(value)) != 0;
    else if (strcmp(name, "signal") == 0)
        return (rule->signal = fault_signal_of(value)) != 0;
    else
        return false;
    return true;
}

static bool fault_parse(struct fault_rule *rule, char *text)
{
    char *rest, *equals;

    *rule = (struct fault_rule){.times = 1};
    for (char *word = strtok_r(text, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
        equals = strchr(word, '=');
        if (!equals)
            return false;
        *equals = '\0';
        if (!fault_set(rule, word, equals + 1))
            return false;
    }
    return rule->call && (rule->error || rule->signal);
}

/* A plan with a mistake would test nothing: it ends the program. */
__attribute__((constructor)) static void fault_plan(void)
{
    static char plan[4096];
    const char *text = getenv("DROVER_TEST_FAULT");
    struct fault_rule rule;
    char *rest;

    if (!text)
        return;
    (void)snprintf(plan, sizeof plan, "%s", text);
    for (char *one = strtok_r(plan, ";", &rest); one; one = strtok_r(NULL, ";", &rest)) {
        if (fault_count == FAULT_RULES || !fault_parse(&rule, one)) {
            (void)dprintf(2, "fault: no rule: %s\n", text);
            _exit(99);
        }
        if (strcmp(rule.program, program_invocation_short_name) == 0)
            fault_rules[fault_count++] = rule;
    }
}

/* ---- one call ---- */

static bool fault_matches(const struct fault_rule *rule, const char *path)
{
    if (*rule->path && (!path || !strstr(path, rule->path)))
        return false;
    return !*rule->gate || syscall(SYS_faccessat, AT_FDCWD, rule->gate, F_OK) == 0;
}

/* Whether the call is to fail, errno is then set. */
static bool fault_strikes(enum fault_call call, const char *path)
{
    int kept = errno;

    for (size_t i = 0; i < fault_count; i++) {
        struct fault_rule *rule = &fault_rules[i];
        long n;

        if (rule->call != call || !fault_matches(rule, path))
            continue;
        n = __atomic_fetch_add(&rule->seen, 1, __ATOMIC_RELAXED) - rule->skip;
        if (n < 0 || (rule->times && n >= rule->times))
            continue;
        if (rule->signal)
            (void)kill(getpid(), rule->signal);
        if (rule->error) {
            errno = rule->error;
            return true;
        }
    }
    errno = kept;
    return false;
}

static bool fault_strikes_fd(enum fault_call call, int fd)
{
    char link[64], path[4096];
    int kept = errno;
    long n;

    if (!fault_count)
        return false;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    errno = kept;
    return fault_strikes(call, path);
}

/* ---- the calls ---- */

static int fault_openat(int dir, const char *path, int flags, mode_t mode)
{
    return fault_strikes(FAULT_OPEN, path) ? -1 : (int)syscall(SYS_openat, dir, path, flags, mode);
}

/* The mode, where the flags say that there is one. */
#define FAULT_MODE(flags, mode)                                                                    \
    do {                                                                                           \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        (mode) = (flags) & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;                       \
        va_end(args);                                                                              \
    } while (0)

int openat(int dir, const char *path, int flags, ...)
{
    mode_t mode;

    FAULT_MODE(flags, mode);
    return fault_openat(dir, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    mode_t mode;

    FAULT_MODE(flags, mode);
    return fault_openat(AT_FDCWD, path, flags, mode);
}

ssize_t read(int fd, void *data, size_t size)
{
    return fault_strikes_fd(FAULT_READ, fd) ? -1 : syscall(SYS_read, fd, data, size);
}

ssize_t pread(int fd, void *data, size_t size, off_t offset)
{
    return fault_strikes_fd(FAULT_READ, fd) ? -1 : syscall(SYS_pread64, fd, data, size, offset);
}

ssize_t write(int fd, const void *data, size_t size)
{
    return fault_strikes_fd(FAULT_WRITE, fd) ? -1 : syscall(SYS_write, fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return fault_strikes_fd(FAULT_WRITE, fd) ? -1 : syscall(SYS_pwrite64, fd, data, size, offset);
}

int fcntl(int fd, int command, ...)
{
    va_list args;
    void *argument;

    va_start(args, command);
    argument = va_arg(args, void *);
    va_end(args);
    return fault_strikes_fd(FAULT_FCNTL, fd) ? -1 : (int)syscall(SYS_fcntl, fd, command, argument);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    return fault_strikes_fd(FAULT_SEND, fd) ? -1 : syscall(SYS_sendmsg, fd, message, flags);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    return fault_strikes_fd(FAULT_RECEIVE, fd) ? -1 : syscall(SYS_recvmsg, fd, message, flags);
}

ssize_t splice(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags)
{
    return fault_strikes_fd(FAULT_SPLICE, out)
               ? -1
               : syscall(SYS_splice, in, from, out, to, size, flags);
}

/* The same by their other names. */
int openat64(int dir, const char *path, int flags, ...) __attribute__((alias("openat")));
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
ssize_t pread64(int fd, void *data, size_t size, off_t offset) __attribute__((alias("pread")));
ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset)
    __attribute__((alias("pwrite")));
int fcntl64(int fd, int command, ...) __attribute__((alias("fcntl")));

void *malloc(size_t size)
{
    return fault_count && fault_strikes(FAULT_MALLOC, NULL) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fault_count && fault_strikes(FAULT_MALLOC, NULL) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *data, size_t size)
{
    return fault_count && fault_strikes(FAULT_MALLOC, NULL) ? NULL : __libc_realloc(data, size);
}
