/*
 * clone: a child process that shares its parent's memory until it executes another program, on a
 * stack of its own and, where that is wanted, born into a control group.
 */
#ifndef DROVER_OS_CLONE_H
#define DROVER_OS_CLONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Runs fn(data) in a new process on the `size` bytes of stack; the caller waits until it executes
 * a program or ends. Returns the pid or a negative errno.
 */
pid_t os_clone_vfork(int (*fn)(void *), void *data, void *stack, size_t size);

struct os_clone {
    void *stack;
    size_t size;
    int32_t *busy; /* not 0; the kernel sets it to 0 when the process has left this memory: by
                      executing a program or by its end */
    int cgroup;    /* a version 2 group's directory to be born into, or negative. To be moved there
                      takes the kernel many milliseconds. -ENOSYS where this system cannot do it */
    bool wait;     /* all the same, until the process has left this memory */
};

/*
 * The same without the waiting: the process runs beside its parent. Both have one errno, so fn,
 * which does not return, may use no function of the C library that touches that or anything else
 * of the thread (os/raw.h has system calls that do not); what it reads must stay as it is. Where
 * there are no raw system calls the caller waits.
 */
pid_t os_clone(int (*fn)(void *), void *data, const struct os_clone *how);

/* Whether the process that os_clone made is still in this memory. */
bool os_clone_is_here(const int32_t *busy);

#endif
