/*
 * index: numbers distinct runs of bytes in the order in which they come: 0, 1, 2 ...
 *
 * Calling order: zeroed, then index_add and index_find in any order, index_release. The bytes
 * belong to the caller, and must stay where they are for as long as the index is used.
 */
#ifndef DROVER_HOSTLIST_INDEX_H
#define DROVER_HOSTLIST_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_key {
    const void *data;
    size_t size;
};

struct index {
    struct index_key *keys; /* by number */
    size_t count;
    size_t room;
    uint32_t *slots; /* number + 1 at the place of its hash or the next free one; 0: free */
    size_t slot_count;
};

/* 1: it was added, 0: it was there; `number` is set. Or -ENOMEM. */
int index_add(struct index *index, const void *data, size_t size, uint32_t *number);

/* As index_add, of a copy ended by NUL, which index_release_copies frees with the index; all keys
 * are copies then. 0, or -ENOMEM. */
int index_add_copy(struct index *index, const void *data, size_t size, uint32_t *number);

bool index_find(const struct index *index, const void *data, size_t size, uint32_t *number);

void index_release(struct index *index);
void index_release_copies(struct index *index);

#endif
