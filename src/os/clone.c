#include "os/clone.h"
#include "os/raw.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

#if !defined __x86_64__ && !defined __aarch64__
static long os_clone3(const struct clone_args *args, int (*fn)(void *), void *data)
{
    (void)args;
    (void)fn;
    (void)data;
    return -ENOSYS;
}
#elif defined __x86_64__
/* The C library has no clone3 of its own; the child begins with an empty stack, so it must not
 * return into C. */
static long os_clone3(const struct clone_args *args, int (*fn)(void *), void *data)
{
    register int (*function)(void *) __asm__("r12") = fn;
    register void *argument __asm__("r13") = data;
    long result;

    __asm__ volatile("syscall\n\t"
                     "testq %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "movq %%r13, %%rdi\n\t"
                     "callq *%%r12\n\t"
                     "movl %%eax, %%edi\n\t"
                     "movl %[exit], %%eax\n\t"
                     "syscall\n"
                     "1:"
                     : "=a"(result)
                     : "0"((long)SYS_clone3), "D"(args), "S"(sizeof *args), "r"(function),
                       "r"(argument), [exit] "i"(SYS_exit)
                     : "rcx", "r11", "memory", "cc");
    return result;
}
#else
static long os_clone3(const struct clone_args *args, int (*fn)(void *), void *data)
{
    register long number __asm__("x8") = SYS_clone3;
    register const void *first __asm__("x0") = args;
    register long second __asm__("x1") = (long)sizeof *args;
    register int (*function)(void *) __asm__("x20") = fn;
    register void *argument __asm__("x21") = data;

    __asm__ volatile("svc 0\n\t"
                     "cbnz x0, 1f\n\t"
                     "mov x0, x21\n\t"
                     "blr x20\n\t"
                     "mov x8, %[exit]\n\t"
                     "svc 0\n"
                     "1:"
                     : "+r"(first)
                     : "r"(number), "r"(second), "r"(function), "r"(argument), [exit] "i"(SYS_exit)
                     : "memory", "cc");
    return (long)first;
}
#endif

pid_t os_clone_vfork(int (*fn)(void *), void *data, void *stack, size_t size)
{
    pid_t pid = clone(fn, (char *)stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD, data);

    return pid < 0 ? -errno : pid;
}

pid_t os_clone(int (*fn)(void *), void *data, const struct os_clone *how)
{
    const int flags = CLONE_VM | CLONE_CHILD_CLEARTID | (how->wait || !OS_RAW ? CLONE_VFORK : 0);
    struct clone_args args = {.flags = (uint64_t)flags | CLONE_INTO_CGROUP,
                              .child_tid = (uintptr_t)how->busy,
                              .exit_signal = SIGCHLD,
                              .stack = (uintptr_t)how->stack,
                              .stack_size = how->size,
                              .cgroup = (uint64_t)how->cgroup};
    pid_t pid;

    if (how->cgroup >= 0)
        return (pid_t)os_clone3(&args, fn, data);
    pid = clone(fn, (char *)how->stack + how->size, flags | SIGCHLD, data, NULL, NULL, how->busy);
    return pid < 0 ? -errno : pid;
}

bool os_clone_is_here(const int32_t *busy)
{
    return __atomic_load_n(busy, __ATOMIC_ACQUIRE) != 0;
}
