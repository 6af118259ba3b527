/*
 * blocks: standard input (or a file) split at the ends of records, for each --pipe: a block is
 * the standard input of a child.
 *
 * A block has as many whole records as fit into --block, at least one, or just -N of them.
 * One block is in memory, and what was read behind it.
 *
 * Calling order: options_parse into a struct blocks (by a table with BLOCKS_OPTIONS), blocks_open
 * where `pipe` is set, then blocks_add and blocks_read until blocks_are_done; blocks_release.
 */
#ifndef DROVER_ITEMS_BLOCKS_H
#define DROVER_ITEMS_BLOCKS_H

#include "base/buffer.h"
#include "ui/options.h"
#include "drover.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blocks {
    /* as given */
    bool pipe;
    uint64_t records;
    const char *block, *recend;
    /* made of it */
    uint64_t size; /* of a block at most */
    int fd;
    int status;        /* 0, or the exit status of a read that failed, which was reported */
    bool ended;        /* there is nothing more to read */
    struct buffer end; /* what a record ends with; empty: blocks end anywhere */
    struct buffer pending;
    size_t at;      /* in pending: where the block begins */
    size_t seen;    /* bytes of it that have been searched */
    uint64_t found; /* records among them, for -N */
};

/* clang-format off */
#define BLOCKS_OPTIONS(member)                                                                     \
    {0, OPTION_FLAG, "pipe", member(pipe), NULL, "split standard input into blocks, a child's standard input each"}, \
    {0, OPTION_TEXT, "block", member(block), "SIZE", "with --pipe: at most so large (1M)"},         \
    {0, OPTION_TEXT, "recend", member(recend), "STR", "with --pipe: records end with it (\\n)"},   \
    {'N', OPTION_COUNT, "records", member(records), "N", "with --pipe: so many records a block"}
/* clang-format on */

/* Checks the options, opens the file (NULL: standard input). -1, or STATUS_USAGE with the mistake
 * reported. */
int blocks_open(struct blocks *blocks, const struct command *command, const char *file);

/* Whether there is a block without reading; whether all have been added. */
bool blocks_pending(struct blocks *blocks);
bool blocks_are_done(struct blocks *blocks);

/* Adds blocks to the batch while it has room and they need not be read. 0 or an error. */
int blocks_add(struct blocks *blocks, struct drover_batch *batch);

/* Reads once, since fd is readable. A failure is the end, and goes into `status`. */
void blocks_read(struct blocks *blocks);

void blocks_release(struct blocks *blocks);

#endif
