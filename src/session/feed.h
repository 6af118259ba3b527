/*
 * feed: ssh's standard input: `go`, the parts of the payload, `run` behind them, and, open to the
 * end, the leash.
 *
 * Calling order: feed_init, feed_open for each connection, feed_go, feed_part at each `ready`;
 * feed_pump while feed_wants and poll says that fd can be written; feed_close at any time.
 */
#ifndef DROVER_SESSION_FEED_H
#define DROVER_SESSION_FEED_H

#include "base/error.h"
#include "session/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FEED_PARTS 1024

struct feed {
    int fd;             /* of ssh, does not block; negative once it is closed */
    int source;         /* of the payload */
    const char *text;   /* what is left of `go`, or of `run` */
    uint64_t at, until; /* of the payload: what is to be sent of the part */
    uint64_t whole;     /* bytes of all parts */
    uint64_t parts[FEED_PARTS];
    size_t part, count;
    bool run;   /* the command may run */
    bool alone; /* the payload is all there is: fd is closed behind it */
};

/* The payload must hold the parts that the options name, but for a dry run. It is the file
 * `payload` in the directory, or standard input. 0, or a negative errno with err set. */
int feed_init(struct feed *feed, const struct options *options, struct error *err);

void feed_open(struct feed *feed, int fd);

/* The word that starts it all, and the first part. */
void feed_go(struct feed *feed);

/* All parts, and then the end. */
void feed_all(struct feed *feed);

/* The next part; behind the last one the word that lets the command run. */
void feed_part(struct feed *feed);

bool feed_wants(const struct feed *feed);
void feed_pump(struct feed *feed);

/* Whether all that the command waits for has been handed to ssh. */
bool feed_is_whole(const struct feed *feed);

/* Says how many seconds the command has between SIGTERM and SIGKILL; feed_close is to follow. */
void feed_grace(struct feed *feed, int64_t seconds);

/* Lets the leash go. */
void feed_close(struct feed *feed);

#endif
