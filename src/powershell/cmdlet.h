/*
 * cmdlet: what PowerShell's users know, by its name: a link of that name to drover, in any case.
 *
 * Each binds its parameters (binder.h), finds its jobs (job_set.h), and runs the command of drover
 * that does it (line.h): nothing is done here a second time.
 */
#ifndef DROVER_POWERSHELL_CMDLET_H
#define DROVER_POWERSHELL_CMDLET_H

#include "powershell/binder.h"

struct cmdlet {
    const char *name;
    const char *usage; /* what follows the name */
    const char *summary;
    const struct parameter *parameters;
    const char *common_id;             /* as the binder has it */
    int (*run)(struct binder *binder); /* its exit status */
};

/* By the path that the program was called by; NULL where its name is no cmdlet's. */
const struct cmdlet *cmdlet_find(const char *program);

/* The exit status. */
int cmdlet_run(const struct cmdlet *cmdlet, int argc, char **argv);

extern const struct cmdlet start_job_cmdlet, start_thread_job_cmdlet, get_job_cmdlet,
    receive_job_cmdlet, wait_job_cmdlet, stop_job_cmdlet, remove_job_cmdlet, suspend_job_cmdlet,
    resume_job_cmdlet, invoke_command_cmdlet, for_each_object_cmdlet, get_wmi_object_cmdlet,
    get_cim_instance_cmdlet, select_object_cmdlet, format_table_cmdlet, format_list_cmdlet,
    get_help_cmdlet;

#endif
