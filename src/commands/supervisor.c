#include "base/clock.h"
#include "commands/commands.h"
#include "commands/inspect/inside.h"
#include "commands/inspect/log.h"
#include "ui/options.h"
#include "ui/report.h"
#include "view/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct supervision {
    bool status, restart, stop, log, dump, force, json, follow;
    const char *trace;
    uint64_t lines;
};

#define MEMBER(member) offsetof(struct supervision, member)

static const struct option supervisor_options[] = {
    {0, OPTION_FLAG, "status", MEMBER(status), NULL, "print what it is doing (as without options)"},
    {0, OPTION_FLAG, "restart", MEMBER(restart), NULL,
     "replace it by that of this drover, while jobs run on"},
    {0, OPTION_FLAG, "stop", MEMBER(stop), NULL, "end it, if nothing runs"},
    {0, OPTION_FLAG, "dump", MEMBER(dump), NULL, "print what it holds: what waits, and why"},
    {0, OPTION_TEXT, "trace", MEMBER(trace), "JOB", "print the way of a job, with its times"},
    {0, OPTION_FLAG, "log", MEMBER(log), NULL, "print what it has noted, running or not"},
    {'n', OPTION_NUMBER, "lines", MEMBER(lines), "N", "with --log: the last N lines (else all)"},
    {'f', OPTION_FLAG, "follow", MEMBER(follow), NULL, "with --log: and what comes"},
    {0, OPTION_FLAG, "force", MEMBER(force), NULL, "with --stop: stop what runs first"},
    {0, OPTION_FLAG, "json", MEMBER(json), NULL, "with --status, --dump and --trace: as an object"},
    {0},
};

static json_t *supervisor_count(uint64_t count)
{
    return count == UINT64_MAX ? json_null() : json_integer((json_int_t)count);
}

static void supervisor_json(const struct drover_status *s, int64_t uptime)
{
    (void)json_print(json_pack(
        "{sIsosssoso sfso sososo sIsI so}", "pid", (json_int_t)s->pid, "runner_pid",
        s->runner_pid ? json_integer(s->runner_pid) : json_null(), "version", s->version,
        "runner_version", json_utf8(*s->runner_version ? s->runner_version : NULL), "started_at",
        json_time(s->started_at), "uptime_s", (double)uptime / 1e6, "home", json_utf8(s->home),
        "jobs", supervisor_count(s->jobs), "running", supervisor_count(s->running), "waiting",
        supervisor_count(s->waiting), "clients", (json_int_t)s->clients, "max_rss_kib",
        (json_int_t)s->max_rss_kib, "warning", json_utf8(*s->warning ? s->warning : NULL)));
    (void)fputs("\n", stdout);
}

static void supervisor_text(const struct drover_status *s, int64_t uptime)
{
    int64_t seconds = uptime / CLOCK_SECOND;

    (void)printf("supervisor  pid %" PRId64 ", version %s, up %" PRId64 ":%02d:%02d\n", s->pid,
                 s->version, seconds / 3600, (int)(seconds / 60 % 60), (int)(seconds % 60));
    if (s->runner_pid)
        (void)printf("runner      pid %" PRId64 ", version %s\n", s->runner_pid, s->runner_version);
    else
        (void)printf("runner      none\n");
    (void)printf("home        %s\n", s->home);
    if (s->jobs == UINT64_MAX)
        (void)printf("jobs        cannot be told now\n");
    else
        (void)printf("jobs        %" PRIu64 ", %" PRIu64 " running, %" PRIu64 " waiting\n", s->jobs,
                     s->running, s->waiting);
    (void)printf("clients     %" PRIu64 "\n", s->clients);
    (void)printf("memory      %" PRId64 " KiB at most\n", s->max_rss_kib);
    if (*s->warning)
        (void)printf("warning     %s\n", s->warning);
}

static int supervisor_show(struct drover *d, bool json)
{
    struct drover_status status;
    int error = drover_status(d, &status);
    int64_t uptime;

    if (error < 0)
        return report_error(d, error);
    uptime = clock_wall() - status.started_at;
    if (json)
        supervisor_json(&status, uptime);
    else
        supervisor_text(&status, uptime);
    return STATUS_FINE;
}

static int supervisor_check(const struct supervision *s, const struct command *self, int argc)
{
    if (argc)
        return report_usage(self, "takes no arguments");
    if (s->status + s->restart + s->stop + s->log + s->dump + (s->trace != NULL) > 1)
        return report_usage(
            self, "--status, --restart, --stop, --dump, --trace and --log exclude each other");
    if (s->force && !s->stop)
        return report_usage(self, "--force: is for --stop");
    if (s->json && (s->restart || s->stop || s->log))
        return report_usage(self, "--json: is for --status, --dump and --trace");
    if (!s->log && (s->follow || s->lines != UINT64_MAX))
        return report_usage(self, "--lines and --follow: are for --log");
    return -1;
}

static int supervisor_log(const struct supervision *s)
{
    struct home home;
    struct error err;
    int status;

    if (home_open(&home, &err) < 0) {
        report("%s", err.text);
        return STATUS_UNAVAILABLE;
    }
    status = log_show(&home, s->lines, s->follow);
    home_release(&home);
    return status;
}

static int supervisor_run(const struct command *self, int argc, char **argv)
{
    struct supervision s = {.lines = UINT64_MAX};
    struct drover *d;
    struct drover_options options;
    int status = options_parse(self, &argc, argv, &s), error;

    if (status < 0)
        status = supervisor_check(&s, self, argc);
    if (status < 0 && s.log)
        status = supervisor_log(&s);
    options = (struct drover_options){.no_start = !s.restart && !s.trace};
    if (status >= 0)
        return status;
    error = drover_open(&d, &options);
    if (error == DROVER_ENONE && s.stop)
        error = 0; /* one may be just beginning */
    status = report_opened(&d, error);
    if (status >= 0)
        return status;
    if (s.dump || s.trace)
        status = s.dump ? inside_dump(d, s.json) : inside_trace(d, s.trace, s.json);
    else if (s.restart)
        error = drover_restart(d);
    else if (s.stop)
        error = drover_shutdown(d, s.force);
    if (error < 0)
        status = report_error(d, error);
    else if (status < 0)
        status = s.restart || s.stop ? STATUS_FINE : supervisor_show(d, s.json);
    drover_close(d);
    return status;
}

const struct command supervisor_command = {
    .name = "supervisor",
    .usage = "[--status | --dump | --trace JOB] [--json], --restart, --stop [--force] or --log [-n "
             "N] [-f]",
    .summary = "Looks after the background process of this home.",
    .options = supervisor_options,
    .run = supervisor_run,
    .notes =
        "It starts by itself when a command needs it, and goes when it has nothing to do.\n"
        "After an upgrade the first command replaces it by itself, while jobs run on; so does\n"
        "--restart, whatever was running. An older drover never replaces a newer one.\n"
        "Where no job runs --restart starts it from this shell, whose limits jobs then may have.\n"
        "Where none runs --status says so (status 4), and --stop has nothing to do.\n"
        "--dump says of each job that waits which gate holds it, and what queues, batches, "
        "clients\n"
        "and timers are at; in an outage, too. --trace tells what the database, the journal and "
        "the\n"
        "log still know of one job: of one that goes wrong set `log = debug` before.\n"
        "The log is in the home, at most 1 MiB of it (files log and log.1): what was mended, "
        "tried\n"
        "again, refused or lost, and never what a job printed. `log = debug` in the home's file\n"
        "config keeps every step; kill -USR1 PID does so for a while.",
};
