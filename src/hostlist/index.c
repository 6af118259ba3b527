#include "hostlist/index.h"
#include "base/vector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define INDEX_FIRST ((size_t)64) /* slots, a power of two */

/* The slot that has the key, or the free one where it belongs. */
static size_t index_slot(const struct index *index, const void *data, size_t size)
{
    size_t mask = index->slot_count - 1, at = XXH3_64bits(data, size) & mask;
    const struct index_key *key;

    for (; index->slots[at]; at = (at + 1) & mask) {
        key = &index->keys[index->slots[at] - 1];
        if (key->size == size && memcmp(key->data, data, size) == 0)
            break;
    }
    return at;
}

static int index_grow_slots(struct index *index)
{
    size_t count = index->slot_count ? 2 * index->slot_count : INDEX_FIRST;
    uint32_t *slots = calloc(count, sizeof *slots);
    const struct index_key *key;

    if (!slots)
        return -ENOMEM;
    free(index->slots);
    index->slots = slots;
    index->slot_count = count;
    for (size_t i = 0; i < index->count; i++) {
        key = &index->keys[i];
        slots[index_slot(index, key->data, key->size)] = (uint32_t)i + 1;
    }
    return 0;
}

/* Room for one more key, and at least half of the slots free. */
static int index_reserve(struct index *index)
{
    if (index->count >= UINT32_MAX - 1 ||
        VECTOR_RESERVE(index->keys, index->count, index->room) < 0)
        return -ENOMEM;
    return 2 * index->count < index->slot_count ? 0 : index_grow_slots(index);
}

int index_add(struct index *index, const void *data, size_t size, uint32_t *number)
{
    int r = index_reserve(index);
    size_t at;

    if (r < 0)
        return r;
    at = index_slot(index, data, size);
    if (index->slots[at]) {
        *number = index->slots[at] - 1;
        return 0;
    }
    *number = (uint32_t)index->count++;
    index->keys[*number] = (struct index_key){data, size};
    index->slots[at] = *number + 1;
    return 1;
}

bool index_find(const struct index *index, const void *data, size_t size, uint32_t *number)
{
    size_t at;

    if (index->count == 0)
        return false;
    at = index_slot(index, data, size);
    if (!index->slots[at])
        return false;
    *number = index->slots[at] - 1;
    return true;
}

int index_add_copy(struct index *index, const void *data, size_t size, uint32_t *number)
{
    char *copy;
    int r;

    if (index_find(index, data, size, number))
        return 0;
    copy = malloc(size + 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, data, size);
    copy[size] = '\0';
    r = index_add(index, copy, size, number);
    if (r != 1)
        free(copy);
    return r < 0 ? r : 0;
}

void index_release(struct index *index)
{
    free(index->keys);
    free(index->slots);
    *index = (struct index){0};
}

void index_release_copies(struct index *index)
{
    for (size_t i = 0; i < index->count; i++)
        free((void *)(uintptr_t)index->keys[i].data);
    index_release(index);
}
