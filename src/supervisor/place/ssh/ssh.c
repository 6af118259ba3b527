#include "supervisor/place/ssh/ssh.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/verdict.h"
#include "journal/record.h"
#include "os/file.h"
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
#define SSH_SLACK  (5 * CLOCK_SECOND)

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

/* The file of an attempt's verdict, or, with `.grace` for the suffix, of its grace; and a NUL. */
static int ssh_attempt_path(const struct job *job, uint32_t attempt, const char *suffix,
                            struct buffer *path)
{
    return buffer_printf(path, "%s/%" PRIu32 ".%" PRIu32 "%s%c", job->spec->place_directory,
                         jobid_child(job->key), attempt, suffix, 0);
}

/* ---- the command ---- */

static int ssh_words(const struct job *job, uint32_t attempt, struct buffer *words, size_t *argc)
{
    const struct spec *spec = job->spec;
    size_t program = strlen(spec->place_words) + 1;
    int r = buffer_add(words, spec->place_words, program);

    *argc = 5;
    for (size_t i = program; i < spec->place_words_size; i++)
        *argc += spec->place_words[i] == '\0';
    if (r == 0)
        r = buffer_printf(words, "--verdict%c", 0);
    if (r == 0)
        r = ssh_attempt_path(job, attempt, "", words);
    if (r == 0)
        r = buffer_printf(words, "--host%c", 0);
    if (r == 0)
        r = buffer_add(words, job->item, strlen(job->item) + 1);
    return r == 0 ? buffer_add(words, spec->place_words + program, spec->place_words_size - program)
                  : r;
}

/* ---- verdicts ---- */

/* The verdict of the job's last attempt. One that cannot be read is as good as VERDICT_UNKNOWN. */
static void ssh_verdict(const struct job *job, struct verdict *verdict)
{
    struct buffer path = BUFFER_INIT;
    char text[VERDICT_SIZE];
    int fd = ssh_attempt_path(job, job->attempt, "", &path) < 0
                 ? -ENOMEM
                 : os_open(path.data, O_RDONLY | O_NOFOLLOW, 0);
    ssize_t n = fd < 0 ? 0 : os_read(fd, text, sizeof text);

    buffer_release(&path);
    if (fd >= 0)
        (void)os_close(fd);
    verdict_read(verdict, text, n > 0 ? (size_t)n : 0);
    if ((fd < 0 && fd != -ENOENT) || n < 0)
        verdict->kind = VERDICT_UNKNOWN;
}

/* A session whose command completed has nothing to tell any more. */
static void ssh_forget(const struct job *job)
{
    struct buffer path = BUFFER_INIT;

    if (ssh_attempt_path(job, job->attempt, "", &path) == 0)
        (void)unlink(path.data);
    buffer_release(&path);
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

static enum drover_state ssh_judge(struct job *job, const struct record_exit *ended)
{
    struct verdict verdict;

    if (WIFEXITED(ended->status) && WEXITSTATUS(ended->status) == 0) {
        ssh_forget(job);
        return DROVER_COMPLETED;
    }
    ssh_verdict(job, &verdict);
    if (verdict.kind != VERDICT_ENDED)
        job->status = -1; /* the session's own */
    if (verdict.kind == VERDICT_RAN || verdict.kind == VERDICT_UNKNOWN)
        job->flags |= JOB_UNKNOWN;
    job->hopeless = verdict.kind == VERDICT_CANNOT_RUN;
    job->unsent = verdict.kind == VERDICT_NOT_RUN ||
                  (verdict.kind == VERDICT_NONE && WIFSIGNALED(ended->status));
    if (ended->cause == DROVER_CAUSE_STOPPED) {
        job_reason(job, DROVER_CAUSE_STOPPED,
                   job->flags & JOB_UNKNOWN ? "stopped: its end was not seen" : "stopped");
        return DROVER_STOPPED;
    }
    ssh_explain(job, ended, &verdict);
    return DROVER_FAILED;
}

static const char *ssh_lost(struct job *job, bool crashed)
{
    struct verdict verdict;

    ssh_verdict(job, &verdict);
    if (verdict.kind == VERDICT_NOT_RUN || verdict.kind == VERDICT_CANNOT_RUN ||
        (verdict.kind == VERDICT_NONE && !crashed)) {
        job->flags &= ~(unsigned)JOB_UNKNOWN;
        return ": nothing was sent";
    }
    return ": the command was sent, or may have been, and its end is not known";
}

/* How long the session's command has, beside its verdict. */
static void ssh_tell_grace(const struct job *job)
{
    int64_t grace = job->kill_at - SSH_SLACK - clock_steady();
    struct buffer path = BUFFER_INIT;
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRId64, grace < 0 ? 0 : grace), fd = -1;

    if (ssh_attempt_path(job, job->attempt, ".grace", &path) == 0)
        fd = os_open(path.data, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0) {
        (void)os_write_all(fd, text, (size_t)n);
        (void)os_close(fd);
    }
    buffer_release(&path);
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

static void ssh_stop(struct supervisor *s, const struct job *job)
{
    ssh_tell_grace(job);
    local_stop(s, job);
}

const struct place place_ssh = {.name = "ssh",
                                .takes_words = true,
                                .by_item = true,
                                .keeps_left = true, /* it is what ssh keeps */
                                .unknown_stays = true,
                                .slack = SSH_SLACK,
                                .lines = LINK_LINES,
                                .line_jobs = LINK_LINE_JOBS,
                                .line_text = LINK_LINE_TEXT,
                                .room = local_room,
                                .prepare = ssh_prepare,
                                .start = ssh_start,
                                .set_line = local_set_line,
                                .stop = ssh_stop,
                                .time_out = local_time_out,
                                .suspend = local_suspend,
                                .resume = local_resume,
                                .end_left = local_end_left,
                                .forget = local_forget,
                                .recover = adoption_try,
                                .find_left = adoption_look,
                                .judge = ssh_judge,
                                .lost = ssh_lost,
                                .may_retry = ssh_may_retry,
                                .removed = ssh_removed};
