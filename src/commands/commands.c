#include "commands/commands.h"
#include "base/text.h"
#include "ui/report.h"

#include <stddef.h>
#include <string.h>

const struct command *const commands[] = {
    &start_command, &run_command,      &get_command,    &receive_command,    &wait_command,
    &stop_command,  &suspend_command,  &resume_command, &remove_command,     &each_command,
    &retry_command, &throttle_command, &queue_command,  &events_command,     &hosts_command,
    &on_command,    &info_command,     &init_command,   &supervisor_command, &journal_command,
    NULL,
};

#define COMMANDS_MOST ((size_t)32) /* more than there are */

const struct command *commands_find(const char *name)
{
    for (const struct command *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0 || ((*c)->alias && strcmp((*c)->alias, name) == 0))
            return *c;
    return NULL;
}

int commands_unknown(const char *name)
{
    const char *names[2 * COMMANDS_MOST + 2] = {"help"}, *nearest;
    char shortened[REPORT_SHORT];
    size_t n = 1;

    for (const struct command *const *c = commands; *c && n < 2 * COMMANDS_MOST; c++) {
        names[n++] = (*c)->name;
        if ((*c)->alias)
            names[n++] = (*c)->alias;
    }
    nearest = text_nearest(name, names);
    name = report_short(shortened, name);
    if (nearest)
        report("%s: no such command: did you mean %s?", name, nearest);
    else
        report("%s: no such command: see drover help", name);
    return STATUS_USAGE;
}
