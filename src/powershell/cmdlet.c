#include "powershell/cmdlet.h"
#include "ui/command.h"
#include "ui/report.h"
#include "view/table.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct cmdlet *const cmdlets[] = {
    &start_job_cmdlet,        &start_thread_job_cmdlet, &get_job_cmdlet,
    &receive_job_cmdlet,      &wait_job_cmdlet,         &stop_job_cmdlet,
    &remove_job_cmdlet,       &suspend_job_cmdlet,      &resume_job_cmdlet,
    &invoke_command_cmdlet,   &for_each_object_cmdlet,  &get_wmi_object_cmdlet,
    &get_cim_instance_cmdlet, &select_object_cmdlet,    &format_table_cmdlet,
    &format_list_cmdlet,      &get_help_cmdlet,         NULL,
};

const struct cmdlet *cmdlet_find(const char *program)
{
    const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

    for (const struct cmdlet *const *c = cmdlets; *c; c++)
        if (strcasecmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

static const char *cmdlet_value(const struct parameter *p)
{
    static const char *const values[] = {
        [PARAMETER_SWITCH] = "",   [PARAMETER_TEXT] = " TEXT",         [PARAMETER_LIST] = " A[,B]",
        [PARAMETER_NUMBER] = " N", [PARAMETER_BOOL] = " $true|$false", [PARAMETER_BLOCK] = " {...}",
    };

    return values[p->kind];
}

static int cmdlet_help(const struct cmdlet *cmdlet)
{
    (void)printf("usage: %s %s\n\n%s\n\n", cmdlet->name, cmdlet->usage, cmdlet->summary);
    for (const struct parameter *p = cmdlet->parameters; p->name; p++)
        (void)printf("  -%s%s%s%s\n", p->name, cmdlet_value(p), p->aliases ? "   also -" : "",
                     p->aliases ? p->aliases : "");
    return STATUS_FINE;
}

/* Get-Help: the help of a cmdlet, or the list of all. */
static int get_help_run(struct binder *b)
{
    const struct cmdlet *cmdlet = binder_text(b, 0) ? cmdlet_find(binder_text(b, 0)) : NULL;

    if (cmdlet)
        return cmdlet_help(cmdlet);
    if (binder_text(b, 0))
        return binder_refuse(b, "HelpNotFound", "%s: is no cmdlet here: Get-Help alone lists them",
                             binder_text(b, 0));
    for (const struct cmdlet *const *c = cmdlets; *c; c++)
        (void)printf("%-16s %s\n", (*c)->name, (*c)->summary);
    return STATUS_FINE;
}

static const struct parameter get_help_parameters[] = {
    {"Name", NULL, PARAMETER_TEXT, 1}, {"Full", NULL, PARAMETER_SWITCH, 0}, {0}};

const struct cmdlet get_help_cmdlet = {
    .name = "Get-Help",
    .usage = "[[-Name] CMDLET]",
    .summary = "The parameters of a cmdlet, or the list of cmdlets.",
    .parameters = get_help_parameters,
    .run = get_help_run,
};

int cmdlet_run(const struct cmdlet *cmdlet, int argc, char **argv)
{
    struct binder binder = {
        .cmdlet = cmdlet->name, .common_id = cmdlet->common_id, .parameters = cmdlet->parameters};
    int status;

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0))
        return cmdlet_help(cmdlet);
    table_as_powershell();
    status = binder_bind(&binder, argc, argv);
    if (status < 0 && binder.silent)
        report_silence();
    if (status < 0)
        status = cmdlet->run(&binder);
    binder_release(&binder);
    return status;
}
