/*
 * help: `drover help`, and what drover is in general.
 */
#ifndef DROVER_COMMANDS_HELP_H
#define DROVER_COMMANDS_HELP_H

#include <stdio.h>

void help_overview(FILE *out);

/* `drover help [COMMAND]`: the exit status. */
int help_run(int argc, char **argv);

#endif
