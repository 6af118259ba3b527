#include "os/clone.h"

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

pid_t os_clone_vfork(int (*fn)(void *), void *data, void *stack, size_t size, int cgroup)
{
    struct clone_args args = {.flags = CLONE_VM | CLONE_VFORK | CLONE_INTO_CGROUP,
                              .exit_signal = SIGCHLD,
                              .stack = (uintptr_t)stack,
                              .stack_size = size,
                              .cgroup = (uint64_t)cgroup};
    pid_t pid;

    if (cgroup >= 0)
        return (pid_t)os_clone3(&args, fn, data);
    pid = clone(fn, (char *)stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD, data);
    return pid < 0 ? -errno : pid;
}
