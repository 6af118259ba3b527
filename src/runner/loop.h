/*
 * loop: the descriptors that the runner waits for. An event says what it is about: its kind, and
 * the index of a slot.
 */
#ifndef DROVER_RUNNER_LOOP_H
#define DROVER_RUNNER_LOOP_H

#include <stdint.h>
#include <sys/epoll.h>

enum loop_kind {
    LOOP_LISTEN,
    LOOP_CONNECTION,
    LOOP_SIGNAL,
    LOOP_OUT, /* LOOP_OUT + 1 is LOOP_ERR: the index of the pipe is added */
    LOOP_ERR,
    LOOP_PIDFD
};

/* 0 or a negative errno. */
int loop_add(int epoll, int fd, uint32_t events, enum loop_kind kind, unsigned index);
int loop_change(int epoll, int fd, uint32_t events, enum loop_kind kind, unsigned index);
void loop_remove(int epoll, int fd);

enum loop_kind loop_kind(const struct epoll_event *event);
unsigned loop_index(const struct epoll_event *event);

#endif
