/*
 * upload: standard input that a client sends along with a job (--input -), or with a batch for
 * each of its children. It is kept in the home's directory "input" until the job is removed, so
 * that every attempt reads the same; the job starts, and the batch takes items, when all of it has
 * come.
 */
#ifndef DROVER_SUPERVISOR_UPLOAD_H
#define DROVER_SUPERVISOR_UPLOAD_H

#include "supervisor/server.h"

struct upload {
    uint32_t tag;
    jobid key;
    int fd;
    bool failed;
    struct upload *next;
};

/* The not_before of a job whose input has not come whole. */
#define UPLOAD_PENDING (INT64_MAX / 2)

/* The path of a job's kept input, allocated; NULL for no memory. */
char *upload_path(const struct supervisor *s, jobid key);

/* Makes the file for a job's input, empty: a descriptor or a negative errno. */
int upload_open(const struct supervisor *s, jobid key);

/* Begins: 0 or a negative errno. */
int upload_begin(struct client *client, uint32_t tag, jobid key);

/* The payload of a batch cannot be kept: the batch is Failed, and its feeder is told. */
void upload_fail_batch(struct client *client, uint32_t tag, struct batch *batch, const char *why);

/* A FRAME_INPUT: an empty one ends it and lets the job go. */
void upload_take(struct client *client, const struct frame *frame);

/* The client has gone: a job whose input did not come whole is Failed. */
void uploads_drop(struct client *client);

/* Deletes the kept input of a job that is removed. */
void upload_delete(const struct supervisor *s, jobid key);

#endif
