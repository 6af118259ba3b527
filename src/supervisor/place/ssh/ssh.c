#include "supervisor/place/ssh/ssh.h"

#include "base/launch.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/verdict.h"
#include "journal/record.h"
#include "supervisor/batch/batch.h"
#include "supervisor/job/job.h"
#include "supervisor/place/local/adopt.h"
#include "supervisor/place/local/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SSH_FOLDER "fleet"

/* ---- the directory ---- */

static int ssh_path(const struct supervisor *s, jobid key, char path[PATH_MAX])
{
    int n = snprintf(path, PATH_MAX, "%s/" SSH_FOLDER "/%08" PRIx32, s->home.path, jobid_top(key));

    return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static void ssh_removed(const struct supervisor *s, jobid key)
{
    char path[PATH_MAX];
    DIR *directory = ssh_path(s, key, path) < 0 ? NULL : opendir(path);
    const struct dirent *entry;

    while (directory && (entry = readdir(directory)))
        (void)unlinkat(dirfd(directory), entry->d_name, 0);
    if (directory)
        (void)closedir(directory);
    if (directory)
        (void)rmdir(path);
}

static int ssh_prepare(const struct supervisor *s, struct spec *spec)
{
    char path[PATH_MAX];
    int r = ssh_path(s, spec->key, path);

    if (r == 0 && mkdirat(s->home.dir, SSH_FOLDER, 0700) < 0 && errno != EEXIST)
        r = -errno;
    if (r < 0)
        return r;
    ssh_removed(s, spec->key); /* of a batch that was never committed */
    if (mkdir(path, 0700) < 0)
        return -errno;
    spec->place_directory = alloc_copy_text(path);
    return spec->place_directory ? 0 : -ENOMEM;
}

/* ---- the command ---- */

/*
 * A batch may have come from a command of another version, whose session is not to be had any more
 * or does not know what it is told here: the session is the one that belongs to this supervisor.
 * Another program than a session is run as it is.
 */
static int ssh_add_program(const struct spec *spec, struct buffer *words)
{
    const char *program = spec->place_words, *name = strrchr(program, '/');
    char own[PATH_MAX];
    struct error err;

    if (strcmp(name ? name + 1 : program, "drover-session") == 0 &&
        launch_find("drover-session", own, &err) == 0)
        program = own;
    return buffer_add(words, program, strlen(program) + 1);
}

static int ssh_words(const struct job *job, uint32_t attempt, struct buffer *words, size_t *argc)
{
    const struct spec *spec = job->spec;
    size_t program = strlen(spec->place_words) + 1;
    int r = ssh_add_program(spec, words);

    (void)attempt;
    *argc = 7;
    for (size_t i = program; i < spec->place_words_size; i++)
        *argc += spec->place_words[i] == '\0';
    if (r == 0)
        r = buffer_printf(words, "--verdict%c%d%c--directory%c%s%c--host%c", 0, LINK_VERDICT, 0, 0,
                          spec->place_directory, 0, 0);
    if (r == 0)
        r = buffer_add(words, job->item, strlen(job->item) + 1);
    return r == 0 ? buffer_add(words, spec->place_words + program, spec->place_words_size - program)
                  : r;
}

/* ---- ends ---- */

/* The session ended without a word of why: it was killed, or could not begin. */
static void ssh_explain_silence(struct job *job, int status, bool sent)
{
    const char *what = sent ? "the command's end was not seen" : "nothing was sent";

    if (WIFSIGNALED(status))
        job_reason(job, DROVER_CAUSE_LOST,
                   "unreachable: its session was ended by signal %d (%s): %s", WTERMSIG(status),
                   strsignal(WTERMSIG(status)), what);
    else
        job_reason(job, DROVER_CAUSE_LOST, "unreachable: its session ended with status %d: %s",
                   WEXITSTATUS(status), what);
}

static void ssh_explain(struct job *job, const struct record_exit *ended,
                        const struct verdict *verdict)
{
    if (ended->cause == DROVER_CAUSE_TIMEOUT)
        job_reason(job, DROVER_CAUSE_TIMEOUT, "timeout: after %.3g s%s%s",
                   (double)(job->end - job->begin) / CLOCK_SECOND, *verdict->words ? ": " : "",
                   verdict->words);
    else if (*verdict->words)
        job_reason(job, verdict->cause, "%s", verdict->words);
    else
        ssh_explain_silence(job, ended->status, verdict->kind != VERDICT_NONE);
}

static enum drover_state ssh_judge(struct job *job, const struct record_exit *ended,
                                   const struct verdict *verdict)
{
    if (WIFEXITED(ended->status) && WEXITSTATUS(ended->status) == 0)
        return DROVER_COMPLETED;
    if (verdict->kind != VERDICT_ENDED)
        job->status = -1; /* the session's own */
    if (verdict->kind == VERDICT_RAN || verdict->kind == VERDICT_UNKNOWN)
        job->flags |= JOB_UNKNOWN;
    job->hopeless = verdict->kind == VERDICT_CANNOT_RUN;
    job->unsent = verdict->kind == VERDICT_NOT_RUN ||
                  (verdict->kind == VERDICT_NONE && WIFSIGNALED(ended->status));
    if (ended->cause == DROVER_CAUSE_STOPPED) {
        job_reason(job, DROVER_CAUSE_STOPPED,
                   job->flags & JOB_UNKNOWN ? "stopped: its end was not seen" : "stopped");
        return DROVER_STOPPED;
    }
    ssh_explain(job, ended, verdict);
    return DROVER_FAILED;
}

static const char *ssh_lost(struct job *job, const struct verdict *verdict)
{
    if (verdict->kind == VERDICT_UNKNOWN || verdict->kind == VERDICT_RAN ||
        verdict->kind == VERDICT_ENDED)
        return ": the command was sent, or may have been, and its end is not known";
    job->flags &= ~(unsigned)JOB_UNKNOWN;
    return ": nothing was sent";
}

static bool ssh_may_retry(const struct job *job)
{
    return !job->hopeless && (job->unsent || (job->batch && job->batch->policy.retry_any));
}

/* ---- the place ---- */

static ssize_t ssh_start(struct supervisor *s, struct job *job, size_t most)
{
    return local_start(s, job, most, ssh_words);
}

const struct place place_ssh = {.name = "ssh",
                                .takes_words = true,
                                .by_item = true,
                                .keeps_left = true, /* it is what ssh keeps */
                                .unknown_stays = true,
                                .tells = true,
                                .slack = VERDICT_SLACK,
                                .prepare = ssh_prepare,
                                .start = ssh_start,
                                .judge = ssh_judge,
                                .lost = ssh_lost,
                                .may_retry = ssh_may_retry,
                                .removed = ssh_removed,
                                LOCAL_ATTEMPTS};
