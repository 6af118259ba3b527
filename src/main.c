/*
 * drover: background jobs. This is the way in, and the map of the house:
 *
 *     include/drover.h   the public C API (libdrover); the command uses nothing else of it
 *     src/main.c         picks the command by argv[0] (drover-start) or argv[1]
 *     src/commands/      the command line: a file a command, each with a const struct command
 *         commands       the table of all
 *         spec/          the options and the command line that start, run and each share, and how a
 *                        batch is to be run (policy)
 *         machines/      the machines that on works on (targets); remote and payload: what it does
 *                        there; serial: in waves; sshconfig, hostkeys: what ssh is like
 *         inspect/       what supervisor and journal show of the inside: dump and trace (inside),
 *                        log, records of a journal (record)
 *     src/powershell/    PowerShell's names; a file a cmdlet
 *         binder         binds the parameters; block: script blocks
 *         jobs           finds the jobs that are meant
 *         line           the command of drover that is run; script: its last words
 *         select_object  tables on standard input (grid), cut and laid out
 *     src/view/          how jobs and output are shown
 *         sink           output on its way out, confirmed when it is out
 *         show           a batch as each, on and retry show it
 *         bar            how far batches have come, at the bottom of a terminal; in words (gauge)
 *         failures       what of a batch failed, and what it said; summary: machines, by cause
 *         gather         equal outputs, shown once
 *         detach         leaving a job in the background: Ctrl-Z, a lost terminal
 *         table, json, field    jobs as people and as programs read them; objects: of WMI
 *     src/items/         what each is fed with: input of items, of their sources (source), split
 *                        into columns (columns), or of blocks of standard input (blocks)
 *     src/ui/            what every command is made of
 *         options        options from a table; help of a command from the same table
 *         select         JOB arguments: ids, ranges, names, patterns, `-`; words: lists of strings
 *         own            the job that this command is a part of
 *         report         errors, one line each, and exit statuses
 *         interrupt      signals: Ctrl-C, Ctrl-Z, a lost terminal
 *         tool           a program whose output is read
 *     src/cim/           the classes of WMI: probes, objects, queries, conditions
 *     src/hostlist/      lists of hosts: pattern, host, hosts, group; back again: fold; words for
 *                        other shells: quote
 *     src/session/       a program of its own: one command on one machine, by ssh
 *     src/client/        libdrover: connection, calls under way on it, one file a noun
 *     src/wire/          frames and job rows, used by client and supervisor
 *     src/supervisor/    the process that knows the jobs: ids, queues, batches, store, clients
 *     src/runner/        the process that starts and watches them and writes the journal
 *     src/journal/       the format of what the runner writes
 *     src/link/          the messages between supervisor and runner
 *     src/base/, src/os/ what any C program needs; system calls, wrapped once
 *
 * A command is a process of a millisecond: it asks the supervisor, prints, and holds nothing.
 */
#include "commands/commands.h"
#include "commands/help.h"
#include "powershell/cmdlet.h"
#include "ui/report.h"
#include "os/file.h"
#include "version.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Descriptors 0 to 2 that are closed are taken by /dev/null, the wrong way round: nothing else
 * lands there, and to read or write them is still an error. */
static void main_fill_standard(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)os_open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY, 0);
}

/* Called by a link of the name drover-COMMAND. */
static const struct command *main_by_link(const char *program)
{
    const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

    return strncmp(name, "drover-", 7) == 0 ? commands_find(name + 7) : NULL;
}

static int main_pick(int argc, char **argv)
{
    const struct command *command = argc ? main_by_link(argv[0]) : NULL;
    const struct cmdlet *cmdlet = argc ? cmdlet_find(argv[0]) : NULL;

    if (cmdlet)
        return cmdlet_run(cmdlet, argc, argv);
    if (command)
        return command->run(command, argc, argv);
    if (argc < 2) {
        help_overview(stderr);
        return STATUS_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        (void)printf("drover %s\n", DROVER_VERSION);
        return STATUS_FINE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0)
        return help_run(argc - 2, argv + 2);
    command = commands_find(argv[1]);
    return command ? command->run(command, argc - 1, argv + 1) : commands_unknown(argv[1]);
}

int main(int argc, char **argv)
{
    int status, written;

    main_fill_standard();
    (void)signal(SIGPIPE, SIG_IGN);
    status = main_pick(argc, argv);
    written = report_output();
    return status == STATUS_FINE ? written : status;
}
