/*
 * surroundings: what a process has from its parent and cannot be given afterwards: its groups,
 * capabilities and other rights, its root directory and namespaces. Told as texts, to be compared.
 */
#ifndef DROVER_OS_SURROUNDINGS_H
#define DROVER_OS_SURROUNDINGS_H

#include <stdbool.h>

#define OS_SURROUNDINGS 9
#define OS_SURROUNDING  512 /* bytes of a text at most; longer ones are cut */

struct os_surroundings {
    char text[OS_SURROUNDINGS][OS_SURROUNDING]; /* "" where it cannot be told */
};

/* The names of the texts, as the protocol has them, and what people call them. */
struct os_surrounding {
    const char *name;
    const char *words;
};

extern const struct os_surrounding os_surroundings_known[OS_SURROUNDINGS];

/* Those of the calling process. */
void os_surroundings_read(struct os_surroundings *s);

/* Whether the calling process has this capability, of linux/capability.h, in force. */
bool os_has_capability(int capability);

#endif
