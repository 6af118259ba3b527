/*
 * raw: system calls that touch nothing of the calling thread: no errno, no cancellation. For a
 * process that runs in its parent's memory beside it, where errno is the parent's too.
 */
#ifndef DROVER_OS_RAW_H
#define DROVER_OS_RAW_H

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The result or a negative errno. Without OS_RAW errno is touched all the same. */
#if defined __x86_64__
#define OS_RAW 1
static inline long os_raw(long number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d,
                          uintptr_t e)
{
    register uintptr_t fourth __asm__("r10") = d;
    register uintptr_t fifth __asm__("r8") = e;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
                     : "rcx", "r11", "memory", "cc");
    return result;
}
#elif defined __aarch64__
#define OS_RAW 1
static inline long os_raw(long number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d,
                          uintptr_t e)
{
    register long which __asm__("x8") = number;
    register uintptr_t first __asm__("x0") = a;
    register uintptr_t second __asm__("x1") = b;
    register uintptr_t third __asm__("x2") = c;
    register uintptr_t fourth __asm__("x3") = d;
    register uintptr_t fifth __asm__("x4") = e;

    __asm__ volatile("svc 0"
                     : "+r"(first)
                     : "r"(which), "r"(second), "r"(third), "r"(fourth), "r"(fifth)
                     : "memory", "cc");
    return (long)first;
}
#else
#define OS_RAW 0
static inline long os_raw(long number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d,
                          uintptr_t e)
{
    long result = syscall(number, a, b, c, d, e);

    return result < 0 ? -errno : result;
}
#endif

#endif
