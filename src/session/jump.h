/*
 * jump: by way of what ssh reaches a host, as its own `ssh -G` tells. It is asked only once a
 * connection has failed.
 */
#ifndef DROVER_SESSION_JUMP_H
#define DROVER_SESSION_JUMP_H

#include <stdbool.h>

struct jump {
    char by[300]; /* the jump host or hosts, or that it is a command, for people; "": neither */
    bool quiet;   /* it may have failed and said nothing */
};

/* What the ssh at `path` does with this command line; `words` names the one of several hosts where
 * they hold its address. Where ssh does not tell within five seconds it is as if it had connected
 * by itself. */
void jump_find(struct jump *jump, const char *path, const char *const *argv, const char *words);

#endif
