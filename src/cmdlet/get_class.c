/* Get-WmiObject and Get-CimInstance: drover info. */
#include "cli/command.h"
#include "cmdlet/cmdlet.h"
#include "cmdlet/line.h"

#include <stddef.h>

enum { CLASS, PROPERTY, COMPUTERS, FILTER, THROTTLE, AS_JOB, JSON };

#define GET_CLASS_PARAMETERS                                                                       \
    [PROPERTY] = {"Property", NULL, PARAMETER_LIST, 2},                                            \
    [COMPUTERS] = {"ComputerName", "Cn", PARAMETER_LIST, 0},                                       \
    [FILTER] = {"Filter", NULL, PARAMETER_TEXT, 0},                                                \
    [THROTTLE] = {"ThrottleLimit", NULL, PARAMETER_NUMBER, 0},                                     \
    [AS_JOB] = {"AsJob", NULL, PARAMETER_SWITCH, 0}, [JSON] = {"Json", NULL, PARAMETER_SWITCH, 0}

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

static int get_class_run(struct binder *b)
{
    struct line line = {0};
    int status;

    if (!b->bound[CLASS].given)
        return binder_refuse(b, "MissingMandatoryParameter", "which class?");
    line_begin(&line, &info_command);
    for (size_t i = 0; i < b->bound[PROPERTY].values.count; i++)
        line_add_option(&line, "--property", b->bound[PROPERTY].values.list[i]);
    line_add_option(&line, "--filter", binder_text(b, FILTER));
    if (b->bound[THROTTLE].number > 0)
        line_add_option(&line, "--throttle", binder_text(b, THROTTLE));
    line_add_flag(&line, "--as-job", b->bound[AS_JOB].on);
    line_add_flag(&line, "--json", b->bound[JSON].on);
    line_add(&line, "--");
    line_add(&line, binder_text(b, CLASS));
    line_add_all(&line, &b->bound[COMPUTERS].values);
    status = line_run(&line);
    line_release(&line);
    return status;
}

const struct cmdlet get_wmi_object_cmdlet = {
    .name = "Get-WmiObject",
    .usage = "[-Class] CLASS [[-Property] A,B] [-Filter F] [-ComputerName A,B] [-AsJob]",
    .summary = "Answers for a class of WMI, here or on machines.",
    .parameters = get_wmi_object_parameters,
    .run = get_class_run,
};

const struct cmdlet get_cim_instance_cmdlet = {
    .name = "Get-CimInstance",
    .usage = "[-ClassName] CLASS [[-Property] A,B] [-Filter F] [-ComputerName A,B] [-AsJob]",
    .summary = "Answers for a class of WMI, here or on machines.",
    .parameters = get_cim_instance_parameters,
    .run = get_class_run,
};
