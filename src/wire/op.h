/*
 * op: what a client may say: one table of the requests (and of the frames of a client that hold
 * JSON), with their members and the members' types.
 *
 * op_check, the words of its errors and the tables in docs/protocol.md (page.h) all come from it:
 * a member that is in no table is refused, so one that is new has its line here.
 */
#ifndef DROVER_WIRE_OP_H
#define DROVER_WIRE_OP_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OP_LIMITS_COUNT 16 /* resource limits, RLIM_NLIMITS */

enum op_type {
    OP_TEXT,
    OP_TEXTS,  /* an array of them */
    OP_NUMBER, /* whole, from `least` to `most` */
    OP_REAL,   /* not negative */
    OP_FLAG,
    OP_WORD,    /* one of `words` */
    OP_NUMBERS, /* an object of whole numbers, or arrays of them, with names out of `words` */
    OP_LIMITS   /* OP_LIMITS_COUNT pairs of whole numbers */
};

struct op_member {
    const char *name;
    enum op_type type;
    int needed;
    int64_t least, most;
    const char *words; /* with a blank between two */
    const char *what;  /* for the page */
};

struct op_members {
    const struct op_member *list;
    size_t count;
};

#define OP_SETS 2

struct op {
    const char *name;
    struct op_members sets[OP_SETS];
    bool jobless; /* needs nothing that an outage takes away: is served then too */
    bool frozen;  /* understood by every version: members that it has not are passed over */
};

/* In the order of the page. */
extern const struct op op_table[];
extern const size_t op_count;

/* The op of that name, or NULL. ITEMS and ACK stand for the JSON of these frames. */
const struct op *op_find(const char *name);

/* Whether all members are the op's and of their type: 0, or -EINVAL with words that name the one
 * that is not. */
int op_check(const struct op *op, const json_t *json, struct error *err);

/* Whether all members are there that the op needs: likewise. */
int op_check_needed(const struct op *op, const json_t *json, struct error *err);

#endif
