/*
 * input: what a batch is fed with: items, or, with --pipe, blocks of standard input.
 *
 * Calling order: options_parse into a struct input (by a table with ITEMS_OPTIONS and
 * BLOCKS_OPTIONS), input_open, then input_add and input_read until input_is_done; input_release.
 */
#ifndef DROVER_ITEMS_INPUT_H
#define DROVER_ITEMS_INPUT_H

#include "items/blocks.h"
#include "items/items.h"

struct input {
    struct items items;
    struct blocks blocks;
};

/* Takes the sources of items off the arguments and opens what is to be read. -1, or STATUS_USAGE
 * with the mistake reported. */
int input_open(struct input *input, const struct command *command, int *argc, char **argv);

/* Adds to the batch while it has room and nothing need be read. 0 or an error. */
int input_add(struct input *input, struct drover_batch *batch);

/* The descriptor that must be readable before more can be added; -1: none, it is there. */
int input_wanted(struct input *input);

/* Reads once, since that is readable. A failure is the end, and changes the status. */
void input_read(struct input *input);

/* Whether all has been added. */
bool input_is_done(struct input *input);

/* 0, or the exit status of a mistake in the input, which was reported. */
int input_status(const struct input *input);

/* Whether somebody types it at a terminal. */
bool input_is_typed(const struct input *input);

void input_release(struct input *input);

#endif
