/*
 * vector: an array that grows by doubling: three members of a struct, `T *list; size_t count,
 * room;`, all 0 at first. The list is freed by its owner.
 */
#ifndef DROVER_BASE_VECTOR_H
#define DROVER_BASE_VECTOR_H

#include <stddef.h>

/* Room for one more: the list may move. 0, or -ENOMEM, and nothing has changed. */
#define VECTOR_RESERVE(list, count, room) vector_reserve(&(list), sizeof *(list), (count), &(room))

/* list: where the pointer to elements of `size` bytes is. */
int vector_reserve(void *list, size_t size, size_t count, size_t *room);

#endif
