/*
 * runner_client: the supervisor's side of the link, as far as tests of the runner need it.
 *
 * client_new makes a runner and connects; client_run starts a job; client_wait reads the
 * journal until it tells what is waited for. What it told of each job stands in client_job.
 * Failures fail the test.
 */
#ifndef DROVER_TESTS_RUNNER_CLIENT_H
#define DROVER_TESTS_RUNNER_CLIENT_H

#include "base/buffer.h"
#include "base/home.h"
#include "drover.h"
#include "journal/output.h"
#include "journal/record.h"
#include "journal/segment.h"
#include "link/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CLIENT_JOBS 8192

#define MS(n) ((int64_t)(n)*1000)

#define SHELL(text) ((const char *const[]){"sh", "-c", (text), NULL})
#define WORDS(...)  ((const char *const[]){__VA_ARGS__, NULL})

struct client_job {
    bool intended, started, failed, exited, closed;
    bool revoked;
    unsigned order; /* of its EXITED among all */
    struct record_started start;
    struct record_failure failure;
    struct record_spill spill;
    struct record_exit exit;
    struct record_left left; /* the last one told, once `told` */
    bool told;
    struct buffer out, err, both; /* from the journal */
    uint64_t inline_size;
    struct link_live live; /* LIVE or HOLD */
    bool is_live, is_held;
    int fds[3]; /* held: pidfd, out, err; -1 */
};

struct client {
    char dir[64]; /* the home */
    struct home home;
    pid_t runner;
    int fd;
    int memory; /* the runner's, that outlives it */
    bool ready;
    bool full;
    unsigned exits;
    unsigned live, most; /* jobs intended and not exited, by the journal; the most ever */
    struct link_hello hello;
    struct segment_reader reader;
    struct client_job jobs[CLIENT_JOBS]; /* by job */
};

struct client_order {
    uint64_t job;
    const char *const *argv;
    const char *const *env; /* further lines, may be NULL */
    const char *input;
    int64_t timeout, grace;
    uint64_t max_output;
    int nice;
    bool cgroup, leave;
    uint64_t line;
};

/* What client_wait can wait for. */
bool client_is_started(const struct client_job *job);
bool client_is_exited(const struct client_job *job); /* or could not be started */
bool client_is_closed(const struct client_job *job);
bool client_is_told(const struct client_job *job);
bool client_is_held(const struct client_job *job);
bool client_is_revoked(const struct client_job *job);

/* A new home and its first runner. */
struct client *client_new(void);
void client_free(struct client *c);

/* Starts a runner in the home; the text it says when it is ready. */
void client_launch(struct client *c, char *said, size_t size);
void client_connect(struct client *c);
void client_disconnect(struct client *c);
void client_kill(struct client *c);

/* A context with this directory and these lines. */
void client_context(struct client *c, uint32_t slot, const char *dir, const char *const *env,
                    uint32_t mask);

/* Adds a start to `out`, or sends it. */
void client_order(struct buffer *out, const struct client_order *order);
void client_run(struct client *c, const struct client_order *order);
void client_send(struct client *c, enum link_kind kind, const void *data, size_t size);
void client_send_fds(struct client *c, enum link_kind kind, const void *data, size_t size,
                     const int *fds, size_t count);
void client_send_raw(struct client *c, const void *data, size_t size);
void client_stop(struct client *c, uint64_t job, int64_t grace);
void client_line(struct client *c, uint64_t line, uint32_t width);

/* Reads what has come, over the link and in the journal. */
void client_read(struct client *c, int wait);

struct client_job *client_wait(struct client *c, uint64_t job,
                               bool (*is)(const struct client_job *job));

/* All that the job printed, journal and spill file, of one stream (0: both). */
void client_output(struct client *c, uint64_t job, int stream, struct buffer *out);

/* Processes that jobs tell of: the number that a job printed as its first line, 0 before that. */
pid_t client_pid(const struct client_job *job);
bool client_has_pid(const struct client_job *job);
bool client_is_alive(pid_t pid);
void client_assert_gone(pid_t pid);

#endif
