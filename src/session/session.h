/*
 * session: one command on one machine, from the wait for a connect slot to its end.
 *
 * Calling order: session_init, session_run, session_release, which is to be called in any case.
 */
#ifndef DROVER_SESSION_SESSION_H
#define DROVER_SESSION_SESSION_H

#include "session/feed.h"
#include "session/get.h"
#include "session/jump.h"
#include "session/options.h"
#include "session/reason.h"
#include "session/request.h"
#include "session/permit.h"
#include "session/ssh.h"
#include "session/stream.h"

enum session_phase {
    SESSION_WAITING,    /* for a permit, or for the next try */
    SESSION_CONNECTING, /* ssh runs; nothing was sent */
    SESSION_RUNNING,    /* `go` was sent */
    SESSION_ENDED,      /* the command's end was told on both streams */
};

/* All that this process works on: it has one, and all of its state is here. */
struct session {
    const struct options *options;
    struct options instead; /* those for PowerShell, once the machine has turned out to need them */
    char nonce[65], prefix[80]; /* of the markers */
    char known_hosts[PATH_MAX]; /* of this machine alone; "": there is none */
    struct request request;
    struct ssh ssh;
    struct permit permit;
    struct feed feed;
    struct stream out, err;
    enum session_phase phase;
    bool gone;      /* ssh has ended */
    bool timed_out; /* the connect deadline has passed */
    bool overdue;   /* the command has taken too long */
    bool stopped;   /* its end has been asked for */
    int64_t at;     /* when the phase has lasted long enough; 0: never */
    int64_t first;  /* when the first try was made */
    unsigned tries;
    struct reason_meaning meaning; /* of the end of the last one */
    struct jump jump;   /* that ssh reached the host by way of, where it may be to blame */
    int exit_status;    /* of the command; negative before it is known */
    char exit_name[16]; /* of the signal that ended it, or empty */
    struct get get;     /* under way while `getting` */
    bool getting;
    size_t got;             /* how many are over */
    int output;             /* where standard output goes but for them */
    struct error get_error; /* of the first that failed; code 0: none did */
    int signals;            /* signalfd */
};

/* 0, or a negative errno with err set. */
int session_init(struct session *session, const struct options *options, struct error *err);

/* The exit status of this process, or a signal's number below 0, by which it is to end. */
int session_run(struct session *session);

void session_release(struct session *session);

#endif
