#include "cmdlet/cmdlet.h"
#include "command/command.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct cmdlet *const cmdlets[] = {
    &start_job_cmdlet,
    &get_job_cmdlet,
    &receive_job_cmdlet,
    &wait_job_cmdlet,
    &stop_job_cmdlet,
    &remove_job_cmdlet,
    &suspend_job_cmdlet,
    &resume_job_cmdlet,
    &invoke_command_cmdlet,
    &for_each_object_cmdlet,
    &get_wmi_object_cmdlet,
    &get_cim_instance_cmdlet,
    NULL,
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

int cmdlet_run(const struct cmdlet *cmdlet, int argc, char **argv)
{
    struct binder binder = {
        .cmdlet = cmdlet->name, .common_id = cmdlet->common_id, .parameters = cmdlet->parameters};
    int status;

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0))
        return cmdlet_help(cmdlet);
    status = binder_bind(&binder, argc, argv);
    if (status < 0)
        status = cmdlet->run(&binder);
    binder_release(&binder);
    return status;
}
