/* Get-WmiObject and Get-CimInstance: drover info. */
#include "commands/commands.h"
#include "powershell/cmdlet.h"
#include "powershell/line.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

enum {
    CLASS,
    PROPERTY,
    COMPUTERS,
    FILTER,
    QUERY,
    NAMESPACE,
    LIST,
    THROTTLE,
    TIMEOUT,
    AS_JOB,
    JSON
};

/* clang-format off */
#define GET_CLASS_PARAMETERS                                                                       \
    [PROPERTY] = {"Property", NULL, PARAMETER_LIST, 2},                                            \
    [COMPUTERS] = {"ComputerName", "Cn", PARAMETER_LIST, 0},                                       \
    [FILTER] = {"Filter", NULL, PARAMETER_TEXT, 0},                                                \
    [QUERY] = {"Query", NULL, PARAMETER_TEXT, 0},                                                  \
    [NAMESPACE] = {"Namespace", "NS", PARAMETER_TEXT, 0},                                          \
    [LIST] = {"List", NULL, PARAMETER_SWITCH, 0},                                                  \
    [THROTTLE] = {"ThrottleLimit", NULL, PARAMETER_NUMBER, 0},                                     \
    [TIMEOUT] = {"OperationTimeoutSec", "OT", PARAMETER_NUMBER, 0},                                \
    [AS_JOB] = {"AsJob", NULL, PARAMETER_SWITCH, 0},                                               \
    [JSON] = {"Json", NULL, PARAMETER_SWITCH, 0}
/* clang-format on */

static const struct parameter get_wmi_object_parameters[] = {
    [CLASS] = {"Class", "ClassName", PARAMETER_TEXT, 1},
    GET_CLASS_PARAMETERS,
    {0},
};

static const struct parameter get_cim_instance_parameters[] = {
    [CLASS] = {"ClassName", "Class", PARAMETER_TEXT, 1},
    GET_CLASS_PARAMETERS,
    {0},
};

static int get_class_check(const struct binder *b)
{
    const char *namespace = binder_text(b, NAMESPACE);

    if (namespace && strcasecmp(namespace, "root/cimv2") != 0 &&
        strcasecmp(namespace, "root\\cimv2") != 0)
        return binder_refuse(b, "InvalidNamespace", "-Namespace: %s: there is root/cimv2 alone",
                             namespace);
    if (b->bound[QUERY].given &&
        (b->bound[CLASS].given || b->bound[FILTER].given || b->bound[PROPERTY].given))
        return binder_refuse(b, "AmbiguousParameterSet",
                             "-Query: has its own class, properties and condition");
    if (b->bound[TIMEOUT].number < 0)
        return binder_refuse(b, "ParameterArgumentValidationError",
                             "-OperationTimeoutSec: is below 0");
    if (!b->bound[CLASS].given && !b->bound[QUERY].given && !b->bound[LIST].on)
        return binder_refuse(b, "MissingMandatoryParameter", "which class?");
    return binder_check_filled(b, COMPUTERS);
}

/* The names that WMI has for this machine. */
static bool get_class_is_here(const struct words *computers)
{
    for (size_t i = 0; i < computers->count; i++)
        if (strcmp(computers->list[i], ".") != 0 &&
            strcasecmp(computers->list[i], "localhost") != 0)
            return false;
    return true;
}

static int get_class(const struct binder *b, bool dmtf)
{
    struct line line = {0};
    int status = get_class_check(b);

    if (status >= 0)
        return status;
    line_begin(&line, &info_command);
    for (size_t i = 0; i < b->bound[PROPERTY].values.count; i++)
        line_add_option(&line, "--property", b->bound[PROPERTY].values.list[i]);
    line_add_option(&line, "--filter", binder_text(b, FILTER));
    line_add_option(&line, "--query", binder_text(b, QUERY));
    if (b->bound[THROTTLE].number > 0)
        line_add_option(&line, "--throttle", binder_text(b, THROTTLE));
    if (b->bound[TIMEOUT].number > 0)
        line_add_option(&line, "--timeout", binder_text(b, TIMEOUT));
    line_add_flag(&line, "--list", b->bound[LIST].on);
    line_add_flag(&line, "--dmtf", dmtf);
    line_add_flag(&line, "--as-job", b->bound[AS_JOB].on);
    line_add_flag(&line, "--json", b->bound[JSON].on);
    line_add(&line, "--");
    if (b->bound[CLASS].given)
        line_add(&line, binder_text(b, CLASS));
    if (!get_class_is_here(&b->bound[COMPUTERS].values))
        line_add_all(&line, &b->bound[COMPUTERS].values);
    status = line_run(&line);
    line_release(&line);
    return status;
}

static int get_wmi_object_run(struct binder *b)
{
    return get_class(b, true);
}

static int get_cim_instance_run(struct binder *b)
{
    return get_class(b, false);
}

const struct cmdlet get_wmi_object_cmdlet = {
    .name = "Get-WmiObject",
    .usage = "[-Class] CLASS [[-Property] A,B] [-Filter F] [-ComputerName A,B] [-AsJob]",
    .summary = "Answers for a class of WMI, here or on machines.",
    .parameters = get_wmi_object_parameters,
    .run = get_wmi_object_run,
};

const struct cmdlet get_cim_instance_cmdlet = {
    .name = "Get-CimInstance",
    .usage = "[-ClassName] CLASS [[-Property] A,B] [-Filter F] [-ComputerName A,B] [-AsJob]",
    .summary = "Answers for a class of WMI, here or on machines.",
    .parameters = get_cim_instance_parameters,
    .run = get_cim_instance_run,
};
