#include "os/attributes.h"
#include "os/raw.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ATTRIBUTE_TIMER_SLACK 50000
#define ATTRIBUTE_CORE_FILTER 0x33
#define IOPRIO_WHO_PROCESS    1
#define ATTRIBUTE_PROCESSORS  (UINT32_C(1) << OS_ATTRIBUTE_ROOM)
#define PERSONALITY_ASK       0xffffffffUL

const char *const os_attribute_names[OS_ATTRIBUTES] = {
    "nice", "policy", "priority", "ioprio", "oom_score_adj", "personality", "timer_slack",
};

bool os_attribute_given(const struct os_attributes *a, enum os_attribute which)
{
    return a->given & UINT32_C(1) << which;
}

void os_attribute_set(struct os_attributes *a, enum os_attribute which, int64_t value)
{
    a->given |= UINT32_C(1) << which;
    a->value[which] = value;
}

void os_attributes_add_processors(struct os_attributes *a, size_t place, uint32_t word)
{
    if (place >= 2 * (size_t)OS_PROCESSOR_WORDS)
        return;
    a->given |= ATTRIBUTE_PROCESSORS;
    a->processors[place / 2] |= (uint64_t)word << 32 * (place % 2);
}

uint32_t os_attributes_processors(const struct os_attributes *a, size_t place)
{
    return (uint32_t)(a->processors[place / 2] >> 32 * (place % 2));
}

size_t os_attributes_processor_words(const struct os_attributes *a)
{
    size_t words = 2 * (size_t)OS_PROCESSOR_WORDS;

    while (words && !os_attributes_processors(a, words - 1))
        words--;
    return words;
}

/* ---- numbers in files of /proc/self ---- */

static bool attribute_file_read(const char *path, int64_t *value)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[32] = "";
    bool negative;
    ssize_t n;

    if (fd < 0)
        return false;
    n = read(fd, text, sizeof text - 1);
    (void)close(fd);
    negative = *text == '-';
    *value = 0;
    for (const char *p = text + negative; *p >= '0' && *p <= '9'; p++)
        *value = *value * 10 + (*p - '0');
    *value = negative ? -*value : *value;
    return n > 0;
}

/* Between clone and exec: system calls alone. */
static void attribute_file_write(const char *path, int64_t value)
{
    char text[24], *p = text + sizeof text;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    long fd = os_raw(SYS_openat, (uintptr_t)AT_FDCWD, (uintptr_t)path, O_WRONLY | O_CLOEXEC, 0, 0);

    if (fd < 0)
        return;
    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--p = '-';
    (void)os_raw(SYS_write, (uintptr_t)fd, (uintptr_t)p, (size_t)(text + sizeof text - p), 0, 0);
    (void)os_raw(SYS_close, (uintptr_t)fd, 0, 0, 0, 0);
}

/* ---- all of them ---- */

void os_attributes_read(struct os_attributes *a)
{
    struct sched_param param = {0};
    int64_t value;
    long n;

    *a = (struct os_attributes){0};
    n = syscall(SYS_getpriority, PRIO_PROCESS, 0); /* 20 - niceness, so never negative */
    if (n > 0)
        os_attribute_set(a, OS_NICE, 20 - n);
    n = syscall(SYS_sched_getscheduler, 0);
    if (n >= 0 && syscall(SYS_sched_getparam, 0, &param) == 0) {
        os_attribute_set(a, OS_POLICY, n);
        os_attribute_set(a, OS_PRIORITY, param.sched_priority);
    }
    n = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
    if (n >= 0)
        os_attribute_set(a, OS_IO_PRIORITY, n);
    if (attribute_file_read("/proc/self/oom_score_adj", &value))
        os_attribute_set(a, OS_OOM_SCORE, value);
    n = syscall(SYS_personality, PERSONALITY_ASK);
    if (n >= 0)
        os_attribute_set(a, OS_PERSONALITY, n);
    n = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    if (n > 0)
        os_attribute_set(a, OS_TIMER_SLACK, n);
    if (syscall(SYS_sched_getaffinity, 0, sizeof a->processors, a->processors) > 0)
        a->given |= ATTRIBUTE_PROCESSORS;
}

static bool attribute_differs(const struct os_attributes *want, const struct os_attributes *own,
                              enum os_attribute which)
{
    return os_attribute_given(want, which) &&
           (!os_attribute_given(own, which) || want->value[which] != own->value[which]);
}

bool os_attributes_are_shared(const struct os_attributes *want, const struct os_attributes *own)
{
    return attribute_differs(want, own, OS_OOM_SCORE);
}

static void attribute_apply(enum os_attribute which, const struct os_attributes *want)
{
    struct sched_param param = {.sched_priority = (int)want->value[OS_PRIORITY]};
    uintptr_t value = (uintptr_t)want->value[which];

    switch (which) {
    case OS_NICE:
        (void)os_raw(SYS_setpriority, PRIO_PROCESS, 0, value, 0, 0);
        break;
    case OS_POLICY:
    case OS_PRIORITY:
        (void)os_raw(SYS_sched_setscheduler, 0, (uintptr_t)want->value[OS_POLICY],
                     (uintptr_t)&param, 0, 0);
        break;
    case OS_IO_PRIORITY:
        (void)os_raw(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, value, 0, 0);
        break;
    case OS_OOM_SCORE:
        attribute_file_write("/proc/self/oom_score_adj", want->value[which]);
        break;
    case OS_PERSONALITY:
        (void)os_raw(SYS_personality, value, 0, 0, 0, 0);
        break;
    case OS_TIMER_SLACK:
        (void)os_raw(SYS_prctl, PR_SET_TIMERSLACK, value, 0, 0, 0);
        break;
    case OS_ATTRIBUTES:
        break;
    }
}

void os_attributes_apply(const struct os_attributes *want, const struct os_attributes *own)
{
    for (enum os_attribute i = 0; i < OS_ATTRIBUTES; i++)
        if (attribute_differs(want, own, i))
            attribute_apply(i, want);
    if (want->given & ATTRIBUTE_PROCESSORS &&
        memcmp(want->processors, own->processors, sizeof own->processors) != 0)
        (void)os_raw(SYS_sched_setaffinity, 0, sizeof want->processors, (uintptr_t)want->processors,
                     0, 0);
}

void os_attributes_reset(void)
{
    struct os_attributes plain = {0}, own;

    os_attributes_read(&own);
    os_attribute_set(&plain, OS_NICE, 0);
    os_attribute_set(&plain, OS_POLICY, SCHED_OTHER);
    os_attribute_set(&plain, OS_PRIORITY, 0);
    os_attribute_set(&plain, OS_IO_PRIORITY, 0);
    os_attribute_set(&plain, OS_OOM_SCORE, 0);
    os_attribute_set(&plain, OS_PERSONALITY, PER_LINUX);
    os_attribute_set(&plain, OS_TIMER_SLACK, ATTRIBUTE_TIMER_SLACK);
    memset(plain.processors, 0xff, sizeof plain.processors);
    plain.given |= ATTRIBUTE_PROCESSORS;
    os_attributes_apply(&plain, &own);
    attribute_file_write("/proc/self/coredump_filter", ATTRIBUTE_CORE_FILTER);
}
