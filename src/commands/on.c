#include "commands/commands.h"
#include "commands/machines/hostkeys.h"
#include "commands/spec/policy.h"
#include "commands/machines/remote.h"
#include "commands/machines/serial.h"
#include "commands/spec/spec.h"
#include "commands/machines/sshconfig.h"
#include "commands/machines/targets.h"
#include "ui/interrupt.h"
#include "ui/report.h"
#include "ui/tool.h"
#include "view/show.h"
#include "view/table.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

#define ON_THROTTLE "32"
#define ON_LOCATION 1000 /* bytes of the list that is kept for people */

#define ON_LARGE   ((uint64_t)16 << 20) /* bytes of files that are told of when they are kept */
#define ON_FEW     8                    /* hosts for which ssh's configuration is not asked for */
#define ON_JUMPING 8                    /* connections made at once through another host */
#define ON_SAMPLE  32                   /* children whose time is looked at ... */
#define ON_COSTLY  (CLOCK_SECOND / 25)  /* ... and what is much for one */

struct on {
    /* as given */
    struct targets targets;
    struct remote remote;
    struct policy policy;
    struct serial serial;
    struct show_options show;
    struct spec spec; /* name, hook, and the command for people */
    const char *retry_on;
    bool as_job, keep_job, table;
    /* made of it */
    struct buffer location;
    struct sshconfig config;
    struct drover_batch_options options;
    struct drover *d;
};

#define MEMBER(member)  offsetof(struct on, member)
#define TARGETS(member) MEMBER(targets.member)
#define REMOTE(member)  MEMBER(remote.member)
#define POLICY(member)  MEMBER(policy.member)
#define SERIAL(member)  MEMBER(serial.member)
#define SHOW(member)    MEMBER(show.member)
#define GATHER(member)  MEMBER(show.gather.member)

static const struct option on_options[] = {
    TARGETS_OPTIONS(TARGETS),
    REMOTE_OPTIONS(REMOTE),
    SERIAL_OPTIONS(SERIAL),
    {0, OPTION_TEXT, "retry-on", MEMBER(retry_on), "connect|any",
     "what --retries is for: what surely did not run there (connect), or whatever failed"},
    POLICY_OPTIONS(POLICY),
    SHOW_OPTIONS(SHOW),
    GATHER_OPTIONS(GATHER),
    {0, OPTION_FLAG, "as-job", MEMBER(as_job), NULL, "print the batch's id and return"},
    {0, OPTION_FLAG, "table", MEMBER(table), NULL, "with --as-job: " TABLE_STARTED_HELP},
    {0, OPTION_FLAG, "keep-job", MEMBER(keep_job), NULL, "keep the batch, though it completed"},
    {0, OPTION_TEXT, "name", MEMBER(spec.name), "N", "the batch's name"},
    {0, OPTION_TEXT, "on-finish", MEMBER(spec.on_finish), "CMD", "run this once all are finished"},
    {0},
};

/* ---- what was given ---- */

/* The words behind `--`, which are taken off the others; those behind the hosts where there is no
 * `--`. */
struct on_words {
    int argc;
    char **argv;
};

static struct on_words on_split(int *argc, char **argv)
{
    struct on_words words = {0};

    for (int i = 1; i < *argc && !words.argv; i++)
        if (strcmp(argv[i], "--") == 0)
            words = (struct on_words){*argc - i - 1, argv + i + 1};
    if (words.argv)
        *argc -= words.argc + 1;
    return words;
}

/* The last word of a list. */
static const char *on_last_word(const char *list)
{
    const char *word = list;
    bool inside = false;

    for (const char *p = list; *p; p++) {
        inside = *p == '[' || (inside && *p != ']');
        if (*p == ',' && !inside)
            word = p + 1;
    }
    return word;
}

/* Skips digits, or numbers in brackets; what is behind them, or NULL where there are none. */
static const char *on_skip_number(const char *text)
{
    const char *end = *text == '[' ? strchr(text, ']') : NULL;

    if (end)
        return end + 1;
    end = text + strspn(text, "0123456789");
    return end > text ? end : NULL;
}

/* Whether both are names of one kind: web1 and web2, or web[1-3] and web4. */
static bool on_are_alike(const char *a, const char *b)
{
    bool numbers = false;

    while (*a || *b) {
        const char *behind_a = on_skip_number(a), *behind_b = on_skip_number(b);

        if (!behind_a != !behind_b || (!behind_a && *a != *b))
            return false;
        numbers = numbers || behind_a;
        a = behind_a ? behind_a : a + 1;
        b = behind_b ? behind_b : b + 1;
    }
    return numbers;
}

/* A list that the shell has expanded, or hosts without commas: the second would be the command. */
static int on_check_first_word(const struct command *self, const char *list, const char *word)
{
    if (!on_are_alike(on_last_word(list), word) || tool_is_there(word))
        return -1;
    return report_usage(self,
                        "%s is a host, as %s is, and no command: quote the list (a shell expands "
                        "brackets where files have such names), and put -- before the command",
                        word, list);
}

static int on_check_retry(struct on *on, const struct command *self)
{
    const char *text = on->retry_on ? on->retry_on : "connect";

    on->options.retry_any = strcmp(text, "any") == 0;
    if (!on->options.retry_any && strcmp(text, "connect") != 0)
        return report_usage(self, "--retry-on: %s is neither connect nor any", text);
    return -1;
}

/* The command as people are shown it: the script and its arguments, the line, or the words. */
static int on_check_command(struct on *on, const struct command *self, struct on_words words)
{
    struct words shown = {0};
    int status;

    on->spec.script = on->remote.line;
    if (on->remote.script)
        words_add(&shown, on->remote.script);
    for (int i = 0; i < words.argc; i++)
        words_add(&shown, words.argv[i]);
    if (shown.count == 0 && !on->remote.line)
        words_add(&shown, "true"); /* files alone */
    status = spec_check(&on->spec, self, (int)shown.count, (char **)(uintptr_t)shown.list);
    words_release(&shown);
    return status;
}

static int on_check_policy(struct on *on, const struct command *self)
{
    int status;

    if (!on->policy.throttle)
        on->policy.throttle = ON_THROTTLE;
    status = policy_check(&on->policy, self, &on->options);
    on->remote.timeout = on->options.start.timeout;
    on->options.start.timeout = 0;
    return status;
}

static int on_check(struct on *on, const struct command *self, struct on_words words)
{
    int status = remote_check(&on->remote, self, words.argc);

    if (status < 0)
        status = show_check(&on->show, self);
    if (status < 0)
        status = on_check_retry(on, self);
    if (status < 0)
        status = on_check_command(on, self, words);
    on->options.start = on->spec.start;
    return status < 0 ? on_check_policy(on, self) : status;
}

/* The hosts, and what depends on their number. */
static int on_find(struct on *on, const struct command *self, int count, char **lists)
{
    int status = targets_find(&on->targets, self->name, (size_t)count, lists);

    if (status < 0 && on->targets.hosts.count == 0) {
        report("on: no host is left to work on");
        status = STATUS_USAGE;
    }
    if (status < 0)
        status = serial_check(&on->serial, self, on->targets.hosts.count, &on->options);
    if (status < 0)
        targets_fold(&on->targets, &on->location);
    if (status < 0 && on->targets.hosts.count > ON_FEW)
        sshconfig_read(&on->config, &on->remote, on->targets.hosts.list[0].address);
    if (on->config.jumps && !on->remote.connect_throttle)
        on->remote.connect_throttle = ON_JUMPING;
    return status;
}

/* ---- the batch ---- */

static int on_add_hosts(struct on *on, struct drover_batch *batch)
{
    const struct hosts *hosts = &on->targets.hosts;
    int r = 0;

    for (size_t i = 0; i < hosts->count && r == 0; i++)
        r = drover_batch_add(batch, hosts->list[i].name, strlen(hosts->list[i].name));
    if (r == 0)
        r = drover_batch_end(batch);
    return r == DROVER_EREFUSED ? 0 : r; /* it has halted, or was stopped, meanwhile */
}

/* Makes the batch with all its hosts. -1, or an exit status. */
static int on_create(struct on *on, char id[DROVER_ID])
{
    struct buffer *location = &on->location;
    struct drover_batch *batch;
    int r;

    if (location->size > ON_LOCATION)
        location->size = ON_LOCATION;
    if (buffer_add_text(location, location->size == ON_LOCATION ? "..." : "") < 0 ||
        buffer_add_byte(location, '\0') < 0)
        words_no_memory();
    on->options.location = location->data;
    on->options.session = (char *const *)(uintptr_t)on->remote.session.list;
    on->options.start.send_input = on->remote.payload.fd >= 0;
    on->options.start.input_fd = on->remote.payload.fd;
    payload_rewind(&on->remote.payload);
    r = drover_batch_create(on->d, (char *const *)(uintptr_t)on->spec.argv.list, &on->options,
                            &batch);
    if (r < 0)
        return report_error(on->d, r);
    report_lacks(on->d);
    (void)snprintf(id, DROVER_ID, "%s", drover_batch_id(batch));
    r = on_add_hosts(on, batch);
    drover_batch_free(batch);
    if (r < 0)
        report("batch %s: not all hosts were taken: see drover get %s", id, id);
    return r < 0 ? report_error(on->d, r) : -1;
}

struct on_cost {
    int64_t time; /* of the processor, microseconds */
    int children;
};

static int on_add_cost(void *data, const struct drover_job *job)
{
    struct on_cost *cost = data;

    if (job->type == DROVER_CHILD) {
        cost->time += job->user_us + job->sys_us;
        cost->children++;
    }
    return cost->children < ON_SAMPLE ? 0 : -1;
}

/* Names the line that would make connections cheaper, where they were costly. */
static void on_tell_cost(const struct on *on, const char *id)
{
    const char *line = sshconfig_cheaper(&on->config);
    struct drover_list_options list = {
        .jobs = {.ids = &id, .count = 1}, .states = 1U << DROVER_COMPLETED, .children = true};
    struct on_cost cost = {0};

    if (line)
        (void)drover_list(on->d, &list, on_add_cost, &cost);
    if (cost.children && cost.time / cost.children > ON_COSTLY)
        report("on: each host took %lld ms of this machine's processor, most of it by ssh's key "
               "exchange %s: in ssh's configuration this costs less: %s",
               (long long)(cost.time / cost.children / 1000), on->config.exchange, line);
}

static int on_show(const struct on *on, const char *id)
{
    struct drover_jobs jobs = {.ids = &id, .count = 1};
    int status = show_batch(on->d, id, &on->show, false, true);

    if (status == STATUS_FINE || status == STATUS_JOB_FAILED)
        on_tell_cost(on, id);
    if (!on->keep_job && status == STATUS_FINE)
        (void)drover_remove(on->d, &jobs, true);
    else if (payload_size(&on->remote.payload) >= ON_LARGE)
        report("on: batch %s keeps its files, %llu MiB, until drover remove %s", id,
               (unsigned long long)(payload_size(&on->remote.payload) >> 20), id);
    return status;
}

static int on_batch(struct on *on)
{
    char id[DROVER_ID];
    int status = report_open(&on->d);

    if (status >= 0)
        return status;
    interrupt_install(on->d);
    status = on_create(on, id);
    if (status < 0 && on->as_job) {
        status = table_started(on->d, id, on->table);
    } else if (status < 0) {
        status = on_show(on, id);
    }
    drover_close(on->d);
    return status;
}

static int on_run(const struct command *self, int argc, char **argv)
{
    struct on on = {.remote = REMOTE_INIT, .location = BUFFER_INIT};
    struct on_words words = on_split(&argc, argv);
    int status = options_parse(self, &argc, argv, &on), lists = argc;

    if (status < 0 && argc == 0 && on.targets.files.count == 0)
        status = report_usage(self, "which hosts?");
    if (status < 0 && !words.argv && argc > 1 && !on.remote.line && !on.remote.script) {
        lists = on.targets.files.count ? 0 : 1;
        words = (struct on_words){argc - lists, argv + lists};
        if (lists)
            status = on_check_first_word(self, argv[0], words.argv[0]);
    }
    if (status < 0)
        status = on_check(&on, self, words);
    if (status < 0)
        status = on_find(&on, self, lists, argv);
    if (status < 0)
        status = remote_pack(&on.remote);
    if (status < 0 && !on.remote.accept_new) /* else ssh is to add to its own files */
        status =
            hostkeys_add(&on.remote.payload, &on.config, &on.targets.hosts, &on.remote.host_keys);
    if (status < 0)
        status = remote_prepare(&on.remote, words.argc, words.argv);
    if (status < 0)
        status = policy_open(&on.policy, &on.options);
    if (status < 0)
        status = on_batch(&on);
    targets_release(&on.targets);
    remote_release(&on.remote);
    serial_release(&on.serial);
    policy_close(&on.policy);
    spec_release(&on.spec);
    buffer_release(&on.location);
    sshconfig_release(&on.config);
    return status;
}

const struct command on_command = {
    .name = "on",
    .usage = "HOSTS [options] -- CMD [ARG...]",
    .summary = "Runs a command on many machines over ssh, several at once, and shows their output.",
    .options = on_options,
    .run = on_run,
    .notes =
        "HOSTS is a list as drover hosts takes it: web[001-100],@db. Each host is a child of a\n"
        "batch, as with each. The command's words arrive as they are given; with -c a shell there\n"
        "reads the line. ssh's configuration, keys, agent and known hosts are the user's; it is\n"
        "never asked for a password. Nothing needs to be installed there but sh.\n"
        "All steps of a host use one connection: --put, then the command or script, then --get.\n"
        "A host fails with one of refused, unreachable, auth, host key, timeout, exit N, signal "
        "N.\n"
        "drover retry BATCH runs again what failed, but for hosts that may have run the command\n"
        "without its end being seen (--rerun-unknown).\n"
        "Exit status: 1 if a host failed. Ctrl-C, Ctrl-Z, a lost terminal: as with each. Where "
        "the\n"
        "reader of the output goes away, the batch goes on in the background.",
};
