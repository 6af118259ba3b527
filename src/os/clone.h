/*
 * clone: a child process that shares its parent's memory until it executes another program, as
 * vfork makes it, on a stack of its own and, where that is wanted, born into a control group.
 */
#ifndef DROVER_OS_CLONE_H
#define DROVER_OS_CLONE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Runs fn(data) in a new process on the `size` bytes of stack; the caller waits until it
 * executes a program or ends. `cgroup` is the descriptor of a version 2 group's directory, or
 * negative. To be born there is cheap; to be moved there takes the kernel many milliseconds.
 * Returns the pid or a negative errno; -ENOSYS where this system cannot do it with a group.
 */
pid_t os_clone_vfork(int (*fn)(void *), void *data, void *stack, size_t size, int cgroup);

#endif
