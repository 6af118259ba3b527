/*
 * request: the command line of ssh, and in it the line that the shell of the other machine gets.
 *
 * Calling order: request_init, use argv, request_release.
 */
#ifndef DROVER_SESSION_REQUEST_H
#define DROVER_SESSION_REQUEST_H

#include "base/buffer.h"
#include "session/options.h"

/* The wrapper, as wrapper.sh has it. */
extern const char session_wrapper[];

/* What the other machine's kernel takes as one word. */
#define REQUEST_MAX ((size_t)128 << 10)

struct request {
    const char **argv;   /* of ssh, ended by NULL */
    struct buffer line;  /* for the other shell */
    struct buffer texts; /* what argv points to, beside the options and the line */
};

/* What ssh is to use beside the options. */
struct request_use {
    const char *nonce;
    const char *known_hosts; /* a file to be the only one; NULL: the options' or ssh's own */
    int log;                 /* descriptor of this process that ssh writes its own words to */
};

/* Makes argv. 0, or a negative errno with err set; the request is to be released in either case. */
int request_init(struct request *request, const struct options *options,
                 const struct request_use *use, struct error *err);

void request_release(struct request *request);

#endif
