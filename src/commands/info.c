#include "commands/commands.h"
#include "commands/spec/spec.h"
#include "ui/options.h"
#include "ui/report.h"
#include "ui/tool.h"
#include "cim/class.h"
#include "cim/filter.h"
#include "cim/query.h"
#include "view/objects.h"
#include "view/table.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct info {
    /* as given */
    struct words properties, ssh_options;
    const char *filter, *query_text, *throttle, *timeout, *user, *ssh_config, *name;
    bool json, dmtf, as_job, list;
    /* made of it */
    struct query query;
    const struct class *class;
    struct objects objects;
    bool remote;
    bool wrong; /* the condition cannot be asked of such properties */
};

#define MEMBER(member) offsetof(struct info, member)

static const struct option info_options[] = {
    {'p', OPTION_LIST, "property", MEMBER(properties), "A,B", "show these properties; * is all"},
    {0, OPTION_TEXT, "filter", MEMBER(filter), "CONDITION", "only where a condition of WQL holds"},
    {0, OPTION_TEXT, "query", MEMBER(query_text), "WQL", "SELECT A, B FROM CLASS WHERE CONDITION"},
    {0, OPTION_FLAG, "list", MEMBER(list), NULL, "the classes there are"},
    {0, OPTION_FLAG, "json", MEMBER(json), NULL, "an array of objects, with all properties"},
    {0, OPTION_FLAG, "dmtf", MEMBER(dmtf), NULL, "times as WMI writes them"},
    {'j', OPTION_TEXT, "throttle", MEMBER(throttle), "N", "so many hosts at once (32)"},
    {'t', OPTION_TEXT, "timeout", MEMBER(timeout), "DUR", "what a host may take to answer"},
    {0, OPTION_TEXT, "user", MEMBER(user), "U", "log in as that user"},
    {'F', OPTION_TEXT, "ssh-config", MEMBER(ssh_config), "FILE", "ssh's configuration"},
    {'o', OPTION_LIST, "ssh-option", MEMBER(ssh_options), "K=V", "an option of ssh"},
    {0, OPTION_FLAG, "as-job", MEMBER(as_job), NULL, "start it as a job, and print its table"},
    {0, OPTION_TEXT, "name", MEMBER(name), "N", "the job's name"},
    {0},
};

/* ---- what the probe says ---- */

static void info_show(struct info *info, const struct object *object)
{
    struct error err;
    int match = info->filter ? filter_match(info->filter, object, &err) : 1;

    if (match < 0 && !info->wrong)
        report("info: --filter: %s", err.text);
    info->wrong |= match < 0;
    if (match > 0)
        objects_add(&info->objects, object);
}

/* Takes a line; behind a tab, where it comes from a machine. */
static void info_take(struct info *info, struct object *object, char *line)
{
    char *tab = info->remote ? strchr(line, '\t') : NULL;
    const char *text = tab ? tab + 1 : line;

    if (tab)
        *tab = '\0';
    if (*text) {
        (void)object_add(object, text);
        return;
    }
    if (object->count && tab)
        (void)object_set(object, CLASS_MACHINE, line);
    if (object->count)
        info_show(info, object);
    object_clear(object);
}

static void info_read(struct info *info, FILE *file)
{
    struct object object = {0};
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, file) > 0) {
        line[strcspn(line, "\r\n")] = '\0'; /* of a Windows machine too */
        info_take(info, &object, line);
    }
    object_clear(&object);
    free(line);
}

static int info_ask(struct info *info, const struct words *words)
{
    struct tool probe;
    int r = tool_open(&probe, words->list, false), status;

    if (r < 0) {
        report("info: %s: %s", words->list[0], strerror(-r));
        return STATUS_UNAVAILABLE;
    }
    objects_begin(&info->objects);
    info_read(info, probe.out);
    status = tool_close(&probe);
    objects_end(&info->objects);
    if (info->wrong)
        return STATUS_USAGE;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- where it is asked ---- */

/* The program itself, for what another command of it does. */
static const char *info_self(char path[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);

    path[n > 0 ? n : 0] = '\0';
    return n > 0 ? path : "drover";
}

static void info_probe_words(const struct info *info, struct words *words)
{
    words_add(words, "-c");
    words_add(words, info_probe);
    words_add(words, "sh");
    words_add(words, info->class->name);
}

static void info_option(struct words *words, const char *option, const char *value)
{
    if (!value)
        return;
    words_add(words, option);
    words_add(words, value);
}

static int info_here(struct info *info)
{
    struct words words = {0};
    int status;

    words_add(&words, "/bin/sh");
    info_probe_words(info, &words);
    status = info_ask(info, &words);
    words_release(&words);
    return status;
}

/* What the same command is given elsewhere. */
static void info_connection(const struct info *info, struct words *words)
{
    info_option(words, "--throttle", info->throttle);
    info_option(words, "--timeout", info->timeout);
    info_option(words, "--connect-timeout", info->timeout);
    info_option(words, "--user", info->user);
    info_option(words, "--ssh-config", info->ssh_config);
    for (size_t i = 0; i < info->ssh_options.count; i++)
        info_option(words, "--ssh-option", info->ssh_options.list[i]);
}

static int info_there(struct info *info, int count, char **hosts)
{
    struct buffer powershell = BUFFER_INIT;
    struct words words = {0};
    char path[PATH_MAX];
    int status;

    if (buffer_printf(&powershell, "$class = '%s'\n%s%c", info->class->name, info_probe_powershell,
                      0) < 0)
        words_no_memory();
    words_add(&words, info_self(path));
    words_add(&words, "on");
    for (int i = 0; i < count; i++)
        words_add(&words, hosts[i]);
    words_add(&words, "--tag");
    words_add(&words, "--keep-order");
    info_connection(info, &words);
    info_option(&words, "--powershell", powershell.data);
    words_add(&words, "--");
    words_add(&words, "sh");
    info_probe_words(info, &words);
    status = info_ask(info, &words);
    words_release(&words);
    buffer_release(&powershell);
    return status;
}

static void info_flag(struct words *words, const char *option, bool given)
{
    if (given)
        words_add(words, option);
}

/* The same command as a job, without --as-job and the name. */
static int info_as_job(const struct info *info, const struct command *self, int argc, char **argv)
{
    struct spec spec = {.name = info->name};
    struct words words = {0};
    char id[DROVER_ID], path[PATH_MAX];
    struct drover *d;
    int status, error;

    words_add(&words, info_self(path));
    words_add(&words, "info");
    for (int i = 0; i < argc; i++)
        words_add(&words, argv[i]);
    for (size_t i = 0; i < info->properties.count; i++)
        info_option(&words, "--property", info->properties.list[i]);
    info_option(&words, "--query", info->query_text);
    info_option(&words, "--filter", info->query_text ? NULL : info->filter);
    info_flag(&words, "--json", info->json);
    info_flag(&words, "--dmtf", info->dmtf);
    info_connection(info, &words);
    status = spec_check(&spec, self, (int)words.count, (char **)(uintptr_t)words.list);
    if (status < 0)
        status = report_open(&d);
    if (status < 0) {
        error = drover_start(d, (char *const *)(uintptr_t)spec.argv.list, &spec.start, id, NULL);
        status = error < 0 ? report_error(d, error) : STATUS_FINE;
        if (error == 0)
            status = table_started(d, id, true);
        drover_close(d);
    }
    words_release(&words);
    spec_release(&spec);
    return status;
}

/* ---- what is asked ---- */

static int info_list(void)
{
    struct buffer names = BUFFER_INIT;

    if (class_list(&names, "\n") < 0)
        words_no_memory();
    (void)printf("%.*s\n", (int)names.size, names.data);
    buffer_release(&names);
    return STATUS_FINE;
}

/* The class and the condition; what a query says stands in the place of both. */
static int info_check_class(struct info *info, const struct command *self, const char *name)
{
    struct buffer names = BUFFER_INIT;
    struct error err;

    if (info->query_text) {
        if (info->filter || info->properties.count)
            return report_usage(self, "--query has its own properties and condition");
        if (query_parse(&info->query, info->query_text, &err) < 0)
            return report_usage(self, "--query: %s", err.text);
        name = info->query.class;
        info->filter = info->query.condition;
    }
    if (!name)
        return report_usage(self, "which class?");
    info->class = class_find(name);
    if (info->class)
        return -1;
    (void)class_list(&names, ", ");
    report("info: %s: no such class: there are %.*s", name, (int)names.size, names.data);
    buffer_release(&names);
    return STATUS_REFUSED;
}

static void info_add_names(struct objects *objects, const char *list)
{
    for (size_t size; *list; list += size + (list[size] == ',')) {
        size = strcspn(list, ",");
        if (size == 1 && *list == '*')
            objects->all = true;
        else if (size)
            words_add_copy(&objects->shown, list, size);
    }
}

/* What is to be shown of each object, and how. */
static void info_choose(struct info *info)
{
    struct objects *objects = &info->objects;
    bool chosen = info->properties.count || info->query_text;

    objects->json = info->json;
    objects->dmtf = info->dmtf;
    objects->all = info->json && !chosen;
    if (info->remote)
        words_add_copy(&objects->shown, CLASS_MACHINE, strlen(CLASS_MACHINE));
    for (size_t i = 0; i < info->properties.count; i++)
        info_add_names(objects, info->properties.list[i]);
    if (info->query_text)
        info_add_names(objects, info->query.properties);
    if (!chosen && !info->json)
        info_add_names(objects, info->class->shown);
    objects->table = info->remote && !objects->all;
}

/* The names in a list are properties of the class, or `*`. */
static int info_check_names(const struct info *info, const struct command *self, const char *list)
{
    struct objects names = {0};
    int status = -1;

    info_add_names(&names, list);
    for (size_t i = 0; i < names.shown.count && status < 0; i++)
        if (!class_has(info->class, names.shown.list[i]))
            status = report_usage(self, "%s: %s has no such property", names.shown.list[i],
                                  info->class->name);
    objects_release(&names);
    return status;
}

/* Whether the question makes sense. -1, or an exit status. */
static int info_check(struct info *info, const struct command *self, int argc, char **argv)
{
    struct error err;
    int status = info_check_class(info, self, argc ? argv[0] : NULL);

    for (size_t i = 0; i < info->properties.count && status < 0; i++)
        status = info_check_names(info, self, info->properties.list[i]);
    if (status < 0 && info->query_text)
        status = info_check_names(info, self, info->query.properties);
    if (status < 0 && info->filter && filter_check(info->filter, info->class, &err) < 0)
        status = report_usage(self, "--filter: %s", err.text);
    return status;
}

static int info_answer(struct info *info, const struct command *self, int argc, char **argv)
{
    int first = info->query_text ? 0 : 1; /* host */

    if (info->as_job)
        return info_as_job(info, self, argc, argv);
    info->remote = argc > first;
    info_choose(info);
    return info->remote ? info_there(info, argc - first, argv + first) : info_here(info);
}

static int info_run(const struct command *self, int argc, char **argv)
{
    struct info info = {0};
    int status = options_parse(self, &argc, argv, &info);

    if (status < 0 && info.list)
        status = info_list();
    if (status < 0)
        status = info_check(&info, self, argc, argv);
    if (status < 0)
        status = info_answer(&info, self, argc, argv);
    words_release(&info.properties);
    words_release(&info.ssh_options);
    query_release(&info.query);
    objects_release(&info.objects);
    return status;
}

const struct command info_command = {
    .name = "info",
    .usage = "[options] CLASS [HOSTS...]",
    .summary = "Answers for a class of WMI, such as Win32_OperatingSystem, here or over ssh.",
    .options = info_options,
    .run = info_run,
    .notes =
        "Classes: Win32_OperatingSystem, Win32_ComputerSystem, Win32_Processor, "
        "Win32_LogicalDisk,\n"
        "Win32_Process, Win32_Service, Win32_NetworkAdapterConfiguration, with their properties\n"
        "and units. HOSTS is a list as drover on takes it: nothing needs to be installed there "
        "but\n"
        "sh and awk; Windows machines are asked by their PowerShell. A condition: DriveType = 3 "
        "AND FreeSpace < 1000000 OR Name LIKE '/home%'.",
};
