/*
 * attributes: what a process passes on to its children besides its environment, its directory and
 * its limits: its share of the machine (niceness, scheduling, processors, input and output, who is
 * killed when memory runs out) and its personality.
 *
 * os_attributes_read takes them from the caller; os_attributes_apply gives them to the calling
 * process, which is about to execute a job, and makes system calls only (os/raw.h): it may run
 * between clone and exec. What may not be had (a niceness below the process's own without the right
 * to it) stays as it is. os_attributes_reset is for a program that serves many callers.
 */
#ifndef DROVER_OS_ATTRIBUTES_H
#define DROVER_OS_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OS_PROCESSOR_WORDS 16 /* 1,024 processors */

enum os_attribute {
    OS_NICE,
    OS_POLICY,      /* SCHED_OTHER, SCHED_BATCH ... */
    OS_PRIORITY,    /* of a real-time policy */
    OS_IO_PRIORITY, /* as ioprio_get(2) has it; 0: none */
    OS_OOM_SCORE,   /* oom_score_adj */
    OS_PERSONALITY, /* personality(2) */
    OS_TIMER_SLACK, /* nanoseconds */
    OS_ATTRIBUTES
};

#define OS_ATTRIBUTE_ROOM 31 /* more may come, and the struct stays as it is */

/* Without a gap between its members: it is kept in databases, and compared byte by byte. */
struct os_attributes {
    uint32_t zero;
    uint32_t given; /* a bit for each that is known, the highest for the processors */
    int64_t value[OS_ATTRIBUTE_ROOM];
    uint64_t processors[OS_PROCESSOR_WORDS]; /* a bit for each */
};

/* The name of one, as the protocol and /proc have it. */
extern const char *const os_attribute_names[OS_ATTRIBUTES];

bool os_attribute_given(const struct os_attributes *a, enum os_attribute which);
void os_attribute_set(struct os_attributes *a, enum os_attribute which, int64_t value);

/* The processors as words of 32 bits, as they are told: the word at a place, and how many there are
 * up to the last that is not empty. A word beyond all that there may be is passed over. */
void os_attributes_add_processors(struct os_attributes *a, size_t place, uint32_t word);
uint32_t os_attributes_processors(const struct os_attributes *a, size_t place);
size_t os_attributes_processor_words(const struct os_attributes *a);

/* Those of the calling process. */
void os_attributes_read(struct os_attributes *a);

/* Whether giving them gives them to every process in the same memory too, but for a parent that
 * waits as that of vfork does. */
bool os_attributes_are_shared(const struct os_attributes *want, const struct os_attributes *own);

/* Gives the calling process, which has `own`, the attributes of `want` that differ. */
void os_attributes_apply(const struct os_attributes *want, const struct os_attributes *own);

/* Gives the calling process what a process has that nobody has given anything, as far as it may. */
void os_attributes_reset(void);

#endif
