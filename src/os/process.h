/*
 * process: who a process is, and what became of it.
 *
 * A process is known by boot id, pid and start time, or by a pidfd; never by its pid alone.
 * All calls return a negative errno on failure and allocate nothing.
 */
#ifndef DROVER_OS_PROCESS_H
#define DROVER_OS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What /proc/PID/stat tells of a process. `start` is in clock ticks since boot. */
struct os_process {
    pid_t pid;
    char state; /* R, S, D, T, Z ... */
    pid_t parent;
    pid_t group;
    pid_t session;
    uint64_t start;
    bool kernel; /* one of the kernel's own threads */
};

/* -ESRCH where there is no such process. */
int os_process_stat(pid_t pid, struct os_process *process);

/* Whether that very process, by pid and start time, is there and no zombie. */
bool os_process_alive(pid_t pid, uint64_t start);

#define OS_NAME_SIZE 16 /* of a process's name, with its NUL */

/* Whether it is called that: by what it executed, unless it said otherwise. */
bool os_process_has_name(pid_t pid, const char *name);

/*
 * Whether the environment the process was started with has the line `NAME=value`: 1, or 0. -EAGAIN
 * when it shows none, which is so of one that was given none, and for a moment of every one that is
 * just executing a program: who has to know asks again then.
 */
int os_process_has_env(pid_t pid, const char *line);

/* The same for the first line `NAME=`, whose value is copied; 0 as well where it does not fit. */
int os_process_env(pid_t pid, const char *name, char *value, size_t size);

/* Sends a signal to that very process, by pid and start time; -ESRCH where it is gone. With a
 * value, as sigqueue(3) does it. */
int os_process_signal(pid_t pid, uint64_t start, int sig);
int os_process_queue(pid_t pid, uint64_t start, int sig, int value);

/* Calls `each` for the pid of every process until it returns non-zero, which is returned. */
int os_process_each(int (*each)(pid_t pid, void *data), void *data);

/* The kernel's list of the children of the calling thread; negative where it keeps none. */
int os_children_open(void);

/* The same for these children, by a descriptor of os_children_open. Where there is none, for all
 * children of the process. */
int os_children_each(int fd, int (*each)(pid_t pid, void *data), void *data);

/*
 * The inode of the pipe behind descriptor `fd` of process `pid` (0 for itself), or 0 where it
 * is no pipe or cannot be seen.
 */
uint64_t os_pipe_inode(pid_t pid, int fd);

/* A pidfd (close-on-exec). */
int os_pidfd_open(pid_t pid);

/* Sends a signal to the process behind a pidfd. */
int os_pidfd_signal(int pidfd, int sig);

/*
 * The wait status of the process behind a pidfd after its parent, whoever that is, reaped it.
 * -EAGAIN while it has not been reaped, -ENOSYS where the kernel does not tell (before 6.15).
 */
int os_pidfd_status(int pidfd, int *status);

/* The processors that this process may use, at least 1. */
unsigned os_processors(void);

/* Closes every descriptor from `first` on. */
void os_close_from(int first);

/*
 * Asks for turns on the processor of so many nanoseconds, 100,000 at least: who takes little at a
 * time gets it soon after waking. Children have the usual ones. Linux 6.12; before, nothing
 * changes.
 */
int os_set_slice(uint64_t nanoseconds);

/* Makes the caller the new parent of orphaned descendants. */
int os_become_subreaper(void);

#define OS_BOOT_ID_SIZE 37

/* The id of this boot; an empty text where the kernel does not tell. DROVER_BOOT_ID, where it
 * is set, stands in for it (for tests of what a reboot does). 0, or why it could not be read. */
int os_boot_id(char id[OS_BOOT_ID_SIZE]);

#endif
