/*
 * launch: starts a program of drover's own as a background process.
 *
 * The program is looked for beside the running one, in the layout of a build folder
 * (../NAME's folder), in the libexec that belongs to its bin, wherever both were moved to, and in
 * the one of the configuration. It gets a session of its own, /dev/null as descriptors 0 to
 * 2, default signals, an empty mask, `/` as directory, and nothing else of its caller's that can be
 * taken off: limits, niceness and other attributes (os/attributes.h), environment, but for
 * DROVER_HOME and what the program itself needs. It has as its one argument the number of a
 * descriptor on which it says how its start went: a newline when it is ready, words when it is not.
 */
#ifndef DROVER_BASE_LAUNCH_H
#define DROVER_BASE_LAUNCH_H

#include "base/error.h"
#include "base/home.h"

#include <stddef.h>
#include <stdint.h>

/* The path of a program of drover's own. 0, or -ENOENT with err set. */
int launch_find(const char *name, char path[PATH_MAX], struct error *err);

/* A program on its way. */
struct launch {
    const char *name;
    int ready;   /* readable when it has said more; -1: none is on its way */
    int64_t end; /* steady time by which it has to be ready */
    size_t size; /* of what it has said */
    char words[900];
};

#define LAUNCH_INIT                                                                                \
    {                                                                                              \
        .ready = -1                                                                                \
    }

/* Starts it. 0, or a negative errno with err set. `name` lives as long as the launch. */
int launch_begin(struct launch *launch, const char *name, const struct home *home,
                 struct error *err);

/* Without waiting: 0, it is ready; -EAGAIN, nothing can be told yet; else a negative errno with
 * err set to its words. Whatever is not -EAGAIN ends the launch. */
int launch_continue(struct launch *launch, struct error *err);

/* Listens no more to what it says. */
void launch_abandon(struct launch *launch);

/* All of it: starts it and waits until it is ready. */
int launch_program(const char *name, const struct home *home, struct error *err);

/* What the launched program does with the descriptor: words NULL means ready. Closes it. */
void launch_ready(int fd, const char *words);

/* Whether nobody waits any more for what the launched program is to say there. */
bool launch_is_abandoned(int fd);

#endif
