#include "info/class.h"
#include "base/text.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/spec.h"
#include "cli/table.h"
#include "cli/tool.h"
#include "info/filter.h"
#include "info/object.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define INFO_MACHINE "PSComputerName"

struct info {
    /* as given */
    struct words properties, ssh_options;
    const char *filter, *throttle, *user, *ssh_config, *name;
    bool json, as_job;
    /* made of it */
    const struct class *class;
    struct words shown; /* names of properties; copies */
    struct words cells; /* of the table over machines, a row after the other; copies */
    struct json_list array;
    bool remote;
    size_t count; /* of objects shown */
};

#define MEMBER(member) offsetof(struct info, member)

static const struct option info_options[] = {
    {'p', OPTION_LIST, "property", MEMBER(properties), "A,B", "show these properties"},
    {0, OPTION_TEXT, "filter", MEMBER(filter), "CONDITION", "only where a condition of WQL holds"},
    {0, OPTION_FLAG, "json", MEMBER(json), NULL, "an array of objects, with all properties"},
    {'j', OPTION_TEXT, "throttle", MEMBER(throttle), "N", "so many hosts at once (32)"},
    {0, OPTION_TEXT, "user", MEMBER(user), "U", "log in as that user"},
    {'F', OPTION_TEXT, "ssh-config", MEMBER(ssh_config), "FILE", "ssh's configuration"},
    {'o', OPTION_LIST, "ssh-option", MEMBER(ssh_options), "K=V", "an option of ssh"},
    {0, OPTION_FLAG, "as-job", MEMBER(as_job), NULL, "start it as a job, and print its table"},
    {0, OPTION_TEXT, "name", MEMBER(name), "N", "the job's name"},
    {0},
};

/* ---- what is shown ---- */

static void info_add_names(struct words *names, const char *list)
{
    for (size_t size; *list; list += size + (list[size] == ',')) {
        size = strcspn(list, ",");
        if (size)
            words_add_copy(names, list, size);
    }
}

static void info_show_json(struct info *info, const struct object *object)
{
    json_t *json = json_object();

    for (size_t i = 0; i < object->count && !info->properties.count; i++)
        (void)json_object_set_new(json, object->properties[i].name,
                                  property_json(&object->properties[i]));
    for (size_t i = 0; i < info->shown.count && info->properties.count; i++)
        (void)json_object_set_new(json, info->shown.list[i],
                                  property_json(object_get(object, info->shown.list[i])));
    (void)json_list_add(&info->array, json);
}

static void info_print(struct buffer *out, const struct object *object, const char *name)
{
    struct buffer value = BUFFER_INIT;
    int r = property_print(&value, object_get(object, name));

    if (r == 0 && value.size)
        r = text_add_escaped(out, value.data, value.size);
    buffer_release(&value);
    if (r < 0)
        words_no_memory();
}

/* The properties below one another. */
static void info_show_list(const struct info *info, const struct object *object)
{
    struct buffer line = BUFFER_INIT;
    size_t width = 0;

    for (size_t i = 0; i < info->shown.count; i++)
        if (strlen(info->shown.list[i]) > width)
            width = strlen(info->shown.list[i]);
    (void)putchar('\n');
    for (size_t i = 0; i < info->shown.count; i++) {
        buffer_clear(&line);
        if (buffer_printf(&line, "%-*s : ", (int)width, info->shown.list[i]) < 0)
            words_no_memory();
        info_print(&line, object, info->shown.list[i]);
        (void)printf("%.*s\n", (int)line.size, line.data);
    }
    buffer_release(&line);
}

/* A row of the table, which is printed when its widths are known. */
static void info_keep_row(struct info *info, const struct object *object)
{
    for (size_t i = 0; i < info->shown.count; i++) {
        struct buffer cell = BUFFER_INIT;

        info_print(&cell, object, info->shown.list[i]);
        words_add_copy(&info->cells, cell.data ? cell.data : "", cell.size);
        buffer_release(&cell);
    }
}

static void info_print_table(const struct info *info)
{
    size_t columns = info->shown.count;
    struct buffer line = BUFFER_INIT;

    for (size_t at = 0; at < info->cells.count; at += columns) {
        buffer_clear(&line);
        for (size_t i = 0; i < columns; i++) {
            size_t width = 0;

            for (size_t cell = i; cell < info->cells.count; cell += columns)
                if (strlen(info->cells.list[cell]) > width)
                    width = strlen(info->cells.list[cell]);
            table_cell(&line, info->cells.list[at + i], i + 1 < columns ? width + 1 : 0);
        }
        while (line.size && line.data[line.size - 1] == ' ')
            line.size--;
        (void)printf("%.*s\n", (int)line.size, line.data);
    }
    buffer_release(&line);
}

static void info_begin(struct info *info)
{
    if (info->json)
        json_list_begin();
    if (info->json || !info->remote)
        return;
    for (size_t i = 0; i < info->shown.count; i++)
        words_add_copy(&info->cells, info->shown.list[i], strlen(info->shown.list[i]));
    for (size_t i = 0; i < info->shown.count; i++) {
        struct buffer dashes = BUFFER_INIT;

        for (size_t n = strlen(info->shown.list[i]); n; n--)
            if (buffer_add_byte(&dashes, '-') < 0)
                words_no_memory();
        words_add_copy(&info->cells, dashes.data, dashes.size);
        buffer_release(&dashes);
    }
}

static void info_end(struct info *info)
{
    if (info->json)
        json_list_end(&info->array);
    else if (info->remote)
        info_print_table(info);
    else if (info->count)
        (void)putchar('\n');
}

static void info_show(struct info *info, const struct object *object)
{
    struct error err;
    int match = info->filter ? filter_match(info->filter, object, &err) : 1;

    if (match <= 0)
        return;
    info->count++;
    if (info->json)
        info_show_json(info, object);
    else if (info->remote)
        info_keep_row(info, object);
    else
        info_show_list(info, object);
}

/* ---- what the probe says ---- */

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
        (void)object_set(object, INFO_MACHINE, line);
    if (object->count)
        info_show(info, object);
    object_clear(object);
}

static void info_read(struct info *info, FILE *file)
{
    struct object object = {0};
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    while ((n = getline(&line, &room, file)) > 0) {
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
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
    info_begin(info);
    info_read(info, probe.out);
    status = tool_close(&probe);
    info_end(info);
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

static int info_there(struct info *info, int count, char **hosts)
{
    struct words words = {0};
    char path[PATH_MAX];
    int status;

    words_add(&words, info_self(path));
    words_add(&words, "on");
    for (int i = 0; i < count; i++)
        words_add(&words, hosts[i]);
    words_add(&words, "--tag");
    words_add(&words, "--keep-order");
    info_option(&words, "--throttle", info->throttle);
    info_option(&words, "--user", info->user);
    info_option(&words, "--ssh-config", info->ssh_config);
    for (size_t i = 0; i < info->ssh_options.count; i++)
        info_option(&words, "--ssh-option", info->ssh_options.list[i]);
    words_add(&words, "--");
    words_add(&words, "sh");
    info_probe_words(info, &words);
    status = info_ask(info, &words);
    words_release(&words);
    return status;
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
    for (size_t i = 0; i < info->ssh_options.count; i++)
        info_option(&words, "--ssh-option", info->ssh_options.list[i]);
    info_option(&words, "--filter", info->filter);
    info_option(&words, "--throttle", info->throttle);
    info_option(&words, "--user", info->user);
    info_option(&words, "--ssh-config", info->ssh_config);
    if (info->json)
        words_add(&words, "--json");
    status = spec_check(&spec, self, (int)words.count, (char **)(uintptr_t)words.list);
    if (status < 0)
        status = report_open(&d);
    if (status < 0) {
        error = drover_start(d, (char *const *)(uintptr_t)spec.argv.list, &spec.start, id, NULL);
        status = error < 0 ? report_error(d, error) : STATUS_FINE;
        if (error == 0)
            table_started(d, id, true);
        drover_close(d);
    }
    words_release(&words);
    spec_release(&spec);
    return status;
}

static int info_check(struct info *info, const struct command *self, int argc, char **argv)
{
    struct object nothing = {0};
    struct buffer names = BUFFER_INIT;
    struct error err;

    if (argc == 0)
        return report_usage(self, "which class?");
    info->class = class_find(argv[0]);
    if (!info->class) {
        (void)class_list(&names);
        report("info: %s: no such class: there are %.*s", argv[0], (int)names.size, names.data);
        buffer_release(&names);
        return STATUS_REFUSED;
    }
    if (info->filter && filter_match(info->filter, &nothing, &err) < 0)
        return report_usage(self, "--filter: %s", err.text);
    info->remote = argc > 1;
    if (info->remote)
        words_add_copy(&info->shown, INFO_MACHINE, strlen(INFO_MACHINE));
    for (size_t i = 0; i < info->properties.count; i++)
        info_add_names(&info->shown, info->properties.list[i]);
    if (!info->properties.count)
        info_add_names(&info->shown, info->class->shown);
    return -1;
}

static int info_run(const struct command *self, int argc, char **argv)
{
    struct info info = {0};
    int status = options_parse(self, &argc, argv, &info);

    if (status < 0)
        status = info_check(&info, self, argc, argv);
    if (status < 0 && info.as_job)
        status = info_as_job(&info, self, argc, argv);
    if (status < 0)
        status = info.remote ? info_there(&info, argc - 1, argv + 1) : info_here(&info);
    words_release(&info.properties);
    words_release(&info.ssh_options);
    words_free_copies(&info.shown);
    words_free_copies(&info.cells);
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
        "sh and awk. A condition: DriveType = 3 AND FreeSpace < 1000000 OR Name LIKE '/home%'.",
};
