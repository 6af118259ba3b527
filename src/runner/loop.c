#include "runner/loop.h"

#include <errno.h>

#define LOOP_KIND_BITS 8

static int loop_control(int epoll, int operation, int fd, struct epoll_event event)
{
    return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

static struct epoll_event loop_event(uint32_t events, enum loop_kind kind, unsigned index)
{
    return (struct epoll_event){.events = events,
                                .data.u64 = (uint64_t)index << LOOP_KIND_BITS | (uint64_t)kind};
}

int loop_add(int epoll, int fd, uint32_t events, enum loop_kind kind, unsigned index)
{
    return loop_control(epoll, EPOLL_CTL_ADD, fd, loop_event(events, kind, index));
}

int loop_change(int epoll, int fd, uint32_t events, enum loop_kind kind, unsigned index)
{
    return loop_control(epoll, EPOLL_CTL_MOD, fd, loop_event(events, kind, index));
}

void loop_remove(int epoll, int fd)
{
    (void)loop_control(epoll, EPOLL_CTL_DEL, fd, (struct epoll_event){0});
}

enum loop_kind loop_kind(const struct epoll_event *event)
{
    return (enum loop_kind)(event->data.u64 & ((1U << LOOP_KIND_BITS) - 1));
}

unsigned loop_index(const struct epoll_event *event)
{
    return (unsigned)(event->data.u64 >> LOOP_KIND_BITS);
}
