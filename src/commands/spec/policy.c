#include "commands/spec/policy.h"
#include "base/parse.h"
#include "base/text.h"
#include "ui/report.h"
#include "ui/words.h"
#include "os/file.h"
#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define POLICY_JOBLOG "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"

/* ---- the throttle ---- */

/* The throttle that the file holds: 0, or -1 with the mistake reported. */
static int policy_read_throttle(const char *path, int64_t *throttle)
{
    char text[64] = "", shortened[REPORT_SHORT];
    int fd = os_open(path, O_RDONLY | O_NONBLOCK, 0);
    ssize_t n = fd < 0 ? fd : os_read(fd, text, sizeof text - 1);

    if (fd >= 0)
        (void)os_close(fd);
    if (n < 0) {
        report("--throttle: %s: %s", report_short(shortened, path), strerror((int)-n));
        return -1;
    }
    text[strcspn(text, " \t\r\n")] = '\0';
    if (parse_throttle(text, os_processors(), throttle) == 0)
        return 0;
    report("--throttle: %s: holds no throttle such as 8, 50%%, +2 or max",
           report_short(shortened, path));
    return -1;
}

static int policy_throttle_file(struct policy *policy, const struct command *command,
                                int64_t *throttle)
{
    char shortened[REPORT_SHORT];

    policy->throttle_path = realpath(policy->throttle, NULL);
    if (!policy->throttle_path)
        return report_usage(command,
                            "--throttle: %s is neither a number above 0, nor a share "
                            "such as 50%%, nor max, nor a file",
                            report_short(shortened, policy->throttle));
    if (!text_is_utf8(policy->throttle_path, strlen(policy->throttle_path)))
        return report_usage(command, "--throttle: the file's path is not UTF-8");
    return policy_read_throttle(policy->throttle_path, throttle) < 0 ? STATUS_USAGE : -1;
}

static int policy_check_throttle(struct policy *policy, const struct command *command,
                                 struct drover_batch_options *options)
{
    int64_t throttle = os_processors();
    int status = -1;

    if (policy->throttle && parse_throttle(policy->throttle, os_processors(), &throttle) < 0)
        status = policy_throttle_file(policy, command, &throttle);
    else if (throttle == 0)
        status = report_usage(command, "--throttle: 0 would start nothing");
    options->throttle = throttle == DROVER_UNLIMITED ? 0 : (uint32_t)throttle;
    options->throttle_file = policy->throttle_path;
    return status;
}

/* ---- halt ---- */

/* The word that *text begins with, up to one of `ends`: its place in the list, or -1. */
static int policy_word(const char **text, const char *ends, const char *const *list)
{
    size_t size = strcspn(*text, ends);

    for (int i = 0; list[i]; i++)
        if (strlen(list[i]) == size && strncmp(*text, list[i], size) == 0) {
            *text += size;
            return i;
        }
    return -1;
}

/* `soon,fail=3`, `now,done=10%`, `never`; without a number it is 1. 0 or -1. */
static int policy_parse_halt(const char *text, struct drover_halt *halt)
{
    static const char *const whens[] = {"never", "soon", "now", NULL};
    static const char *const ons[] = {"fail", "success", "done", NULL};
    int when = policy_word(&text, ",", whens), on;
    uint64_t count = 1;

    if (when == DROVER_HALT_NEVER && !*text) {
        *halt = (struct drover_halt){0};
        return 0;
    }
    on = when > 0 && *text == ',' ? (text++, policy_word(&text, "=", ons)) : -1;
    if (on < 0 || (*text && *text != '='))
        return -1;
    halt->percent = *text && parse_percent(text + 1, &count) == 0;
    if (*text && !halt->percent && parse_number(text + 1, &count) < 0)
        return -1;
    if (count == 0 || count > (halt->percent ? 100 : UINT32_MAX))
        return -1;
    halt->when = (enum drover_halt_when)when;
    halt->on = (enum drover_halt_on)on;
    halt->count = (uint32_t)count;
    return 0;
}

/* ---- the rest ---- */

static int policy_check_timeout(const struct policy *policy, const struct command *command,
                                struct drover_batch_options *options)
{
    uint64_t percent;

    if (!policy->timeout)
        return -1;
    if (parse_percent(policy->timeout, &percent) == 0 && percent > 0 && percent <= UINT32_MAX)
        options->timeout_percent = (uint32_t)percent;
    else if (parse_duration(policy->timeout, &options->start.timeout) < 0)
        return report_usage(command,
                            "--timeout: %s is neither a duration such as 90s nor a share "
                            "of the median such as 150%%",
                            policy->timeout);
    return -1;
}

static int policy_check_numbers(const struct policy *policy, const struct command *command,
                                struct drover_batch_options *options)
{
    char *end;

    if (policy->retries > INT32_MAX)
        return report_usage(command, "--retries: at most %d", INT32_MAX);
    if (policy->nice < -40 || policy->nice > 40)
        return report_usage(command, "--nice: from -40 to 40");
    if (policy->halt && policy_parse_halt(policy->halt, &options->halt) < 0)
        return report_usage(command, "--halt: %s is not like never, soon,fail=1 or now,done=50%%",
                            policy->halt);
    if (policy->max_load) {
        options->max_load = strtod(policy->max_load, &end);
        if (*end || end == policy->max_load || !(options->max_load > 0) || options->max_load > 1e6)
            return report_usage(command, "--max-load: %s is not a number above 0",
                                policy->max_load);
    }
    return -1;
}

int policy_check(struct policy *policy, const struct command *command,
                 struct drover_batch_options *options)
{
    int status = policy_check_throttle(policy, command, options);

    if (status < 0)
        status = policy_check_timeout(policy, command, options);
    if (status < 0)
        status = policy_check_numbers(policy, command, options);
    options->start.delay = policy->delay;
    options->start.backoff = policy->backoff;
    options->start.retries = (uint32_t)policy->retries;
    options->start.nice = (int)policy->nice;
    options->start.max_output = policy->max_output;
    options->min_free = policy->min_free;
    return status;
}

bool policy_is_set(const struct policy *policy)
{
    return policy->timeout || policy->halt || policy->max_load || policy->results ||
           policy->joblog || policy->delay || policy->backoff || policy->nice || policy->retries ||
           policy->min_free || policy->max_output;
}

/* ---- files ---- */

/* Makes a directory and those above it. 0 or a negative errno. */
static int policy_make_directories(const char *path)
{
    size_t size = strlen(path);
    char part[PATH_MAX];
    struct stat st;

    if (size >= sizeof part)
        return -ENAMETOOLONG;
    memcpy(part, path, size + 1);
    for (char *p = part + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            return -errno;
        *p = '/';
    }
    if (mkdir(part, 0777) < 0 && errno != EEXIST)
        return -errno;
    return stat(part, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static int policy_make_joblog(const char *path)
{
    int fd = os_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666), r;

    if (fd < 0)
        return fd;
    r = os_write_all(fd, POLICY_JOBLOG, strlen(POLICY_JOBLOG));
    (void)os_close(fd);
    return r;
}

/* The absolute path of what has just been made; -1, or STATUS_USAGE with why not. */
static int policy_path(const char *option, const char *given, int r, char **path)
{
    char shortened[REPORT_SHORT];

    *path = r == 0 ? realpath(given, NULL) : NULL;
    if (!*path) {
        report("--%s: %s: %s", option, *given ? report_short(shortened, given) : "''",
               strerror(r < 0 ? -r : errno));
        return STATUS_USAGE;
    }
    if (text_is_utf8(*path, strlen(*path)))
        return -1;
    report("--%s: %s: the path is not UTF-8", option, report_short(shortened, given));
    return STATUS_USAGE;
}

int policy_open(struct policy *policy, struct drover_batch_options *options)
{
    const char *given[] = {policy->results, policy->joblog};
    int status = -1;

    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i] && strcmp(given[i], "-") == 0) {
            report("--%s: - is no file: the supervisor writes it, also in the background: give a "
                   "path (a file of that name is ./-)",
                   i == 0 ? "results" : "joblog");
            return STATUS_USAGE;
        }
    if (policy->results)
        status = policy_path("results", policy->results, policy_make_directories(policy->results),
                             &policy->results_path);
    if (status < 0 && policy->joblog)
        status = policy_path("joblog", policy->joblog, policy_make_joblog(policy->joblog),
                             &policy->joblog_path);
    options->results = policy->results_path;
    options->joblog = policy->joblog_path;
    return status;
}

void policy_close(struct policy *policy)
{
    free(policy->throttle_path);
    free(policy->results_path);
    free(policy->joblog_path);
}
