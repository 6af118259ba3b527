#include "runner/memory.h"
#include "os/file.h"
#include "runner/slot.h"

#include <errno.h>

int memory_open(struct memory *memory, struct error *err)
{
    void *at;
    int fd = os_memory_file("drover-runner", sizeof *memory->at, &at);

    if (fd < 0)
        return error_system(err, fd, "the runner cannot have memory that outlives it");
    *memory = (struct memory){.fd = fd, .at = at};
    return 0;
}

ssize_t memory_take(struct memory *memory, enum link_takes which, const struct slot *slot,
                    int index, char *to, size_t size)
{
    struct link_take *take = &memory->at->takes[which];
    ssize_t n;

    memory_kept(memory, which); /* until all of it stands there nothing counts */
    take->begin = to - (const char *)memory->at;
    take->job = slot->key.job;
    take->attempt = slot->key.attempt;
    take->stream = index ? OUTPUT_ERR : OUTPUT_OUT;
    take->position = slot->pipes[index].position;
    __atomic_store_n(&take->cursor, take->begin, __ATOMIC_RELEASE);
    n = os_splice(slot->pipes[index].fd, memory->fd, &take->cursor, size);
    if (n <= 0)
        memory_kept(memory, which);
    return n;
}

void memory_kept(struct memory *memory, enum link_takes which)
{
    __atomic_store_n(&memory->at->takes[which].cursor, 0, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_RELEASE); /* before what the next take fills in */
}
