#include "base/vector.h"
#include "base/alloc.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define VECTOR_FIRST 16

int vector_reserve(void *list, size_t size, size_t count, size_t *room)
{
    size_t more = *room ? 2 * *room : VECTOR_FIRST;
    void *data;

    if (count < *room)
        return 0;
    memcpy(&data, list, sizeof data);
    data = alloc_resize(data, more > SIZE_MAX / size ? SIZE_MAX : more * size);
    if (!data)
        return -ENOMEM;
    memcpy(list, &data, sizeof data);
    *room = more;
    return 0;
}
