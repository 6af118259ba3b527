/*
 * class: the classes of WMI that a Unix system answers for, and the scripts that ask a machine.
 */
#ifndef DROVER_CIM_CLASS_H
#define DROVER_CIM_CLASS_H

#include "base/buffer.h"

#include <stdbool.h>

struct class
{
    const char *name;
    const char *shown; /* the properties that are shown by themselves, with commas between them */
    const char *properties; /* all that WMI documents, with a blank before and behind each */
};

/* The property that has the machine's name, where others are asked. */
#define CLASS_MACHINE "PSComputerName"

/* By name, in any case; NULL where there is none. */
const struct class *class_find(const char *name);

/* Whether it has a property of that name, in any case, though perhaps no value of it. */
bool class_has(const struct class *class, const char *property);

/* Adds the names of all, with `between` between them. */
int class_list(struct buffer *out, const char *between);

/* The probe, as probe.sh has it; its $1 is the name of a class. */
extern const char info_probe[];

/* The same for PowerShell, which has the name in $class. */
extern const char info_probe_powershell[];

#endif
