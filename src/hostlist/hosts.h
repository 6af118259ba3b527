/*
 * hosts: a list of hosts, each in it once, in the order in which they were named.
 *
 * What users write, a host list, is made of words and operators:
 *
 *     web[001-100],db1     both           @web        the hosts of a group
 *     @web!web050          the first but for the second
 *     @web&@rack1          what is in both
 *     @web^@rack1          what is in one of them alone
 *
 * Operators are taken from left to right, all alike; blanks around them do not count. The words are
 * those of pattern.h and host.h. A list that begins with an operator goes on with all that is in
 * `hosts` already.
 *
 * Calling order: zeroed, `groups` set where @NAME shall be understood, any of the others,
 * hosts_release. A list that was added in part when a call failed is good for hosts_release alone.
 */
#ifndef DROVER_HOSTLIST_HOSTS_H
#define DROVER_HOSTLIST_HOSTS_H

#include "base/error.h"
#include "hostlist/host.h"
#include "hostlist/index.h"

#include <stdbool.h>
#include <stddef.h>

#define HOSTS_MAX ((size_t)1000000)

struct hosts;

/* What @NAME stands for: group.h has it from files. */
struct hosts_lookup {
    /* The hosts of a group, which stay where they are; NULL with err set. */
    const struct hosts *(*find)(struct hosts_lookup *lookup, const char *name, size_t size,
                                struct error *err);
};

struct hosts {
    struct hosts_lookup *groups; /* the caller's; NULL: there are none */
    size_t limit;                /* the most it may hold; 0: HOSTS_MAX */
    struct host *list;
    size_t count;
    size_t room;
    struct index names;           /* of the list; its numbers are places in it */
    bool begun;                   /* a list was added, though it may be empty */
    size_t duplicates;            /* how often a host was named again */
    char duplicate[HOST_MAX + 1]; /* the first of those */
    size_t idle;                  /* exclusions of hosts, not of groups, that excluded nothing */
    char idle_word[HOST_MAX + 1]; /* the first of those */
    char like[HOST_MAX + 1];      /* what is there and may have been meant by it; or "" */
};

/* Adds what a host list stands for. 0 or a negative errno with err set. */
int hosts_add(struct hosts *hosts, const char *text, size_t size, struct error *err);

/* Adds each line of a file, or of standard input (`-`), as a host list. */
int hosts_read(struct hosts *hosts, const char *file, struct error *err);

int hosts_unite(struct hosts *hosts, const struct hosts *other, struct error *err);

/* Takes out what a host list stands for. */
int hosts_leave_out(struct hosts *hosts, const char *text, size_t size, struct error *err);

void hosts_release(struct hosts *hosts);

#endif
