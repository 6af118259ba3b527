/*
 * group: groups of hosts, which a host list calls @NAME.
 *
 * They are in $XDG_CONFIG_HOME/drover/hosts (~/.config/drover/hosts) and in /etc/drover/hosts; a
 * group of the first one hides that of the same name in the second:
 *
 *     # a comment
 *     [web]
 *     web[001-100]
 *     !web050             # goes on with what the group holds so far
 *     [all-but-db]
 *     @web,@mail          # groups of groups
 *
 * Each line is a host list (hosts.h). A name has letters, digits, `.`, `-` and `_`. @* are the
 * hosts of all groups. The files are read when the first group is asked for; a group is made out
 * once.
 *
 * Calling order: zeroed, groups_lookup for lists of hosts and groups_find as often as you like,
 * groups_release.
 */
#ifndef DROVER_HOSTLIST_GROUP_H
#define DROVER_HOSTLIST_GROUP_H

#include "base/error.h"
#include "hostlist/hosts.h"
#include "hostlist/index.h"
#include "hostlist/lines.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define GROUP_FILES 2
#define GROUP_DEPTH 64 /* of groups in groups */

struct group_line {
    const char *text;
    size_t size;
    size_t number; /* in its file */
};

struct group {
    char *name;
    int file; /* 0: the user's, 1: the system's */
    struct group_line *lines;
    size_t line_count, line_room;
    struct hosts hosts;  /* once it is made out; all are when @* was */
    bool done;           /* it is */
    bool open;           /* it is being made out ... */
    struct group *asker; /* ... for this one, or for none */
};

struct groups {
    struct hosts_lookup lookup; /* first, for groups_lookup */
    bool loaded;
    char paths[GROUP_FILES][PATH_MAX]; /* "": there is none */
    struct lines files[GROUP_FILES];
    struct group *list; /* in the order of the files */
    size_t count, room;
    struct index names;   /* of the list; its numbers are places in it */
    struct hosts all;     /* of all groups, once they were asked for */
    struct group *asking; /* being made out, innermost */
    int depth;            /* of that */
    bool blamed;          /* an error on its way out names its line already */
};

/* For the `groups` of a list of hosts. */
struct hosts_lookup *groups_lookup(struct groups *groups);

/* The hosts of a group, which it keeps; NULL with err set. */
const struct hosts *groups_find(struct groups *groups, const char *name, size_t size,
                                struct error *err);

void groups_release(struct groups *groups);

#endif
