/*
 * class: the classes of WMI that a Unix system answers for, and the script that asks it.
 */
#ifndef DROVER_INFO_CLASS_H
#define DROVER_INFO_CLASS_H

#include "base/buffer.h"

struct class
{
    const char *name;
    const char *shown; /* the properties that are shown by themselves, with commas between them */
};

/* By name, in any case; NULL where there is none. */
const struct class *class_find(const char *name);

/* Adds the names of all, with commas between them. */
int class_list(struct buffer *out);

/* The probe, as probe.sh has it; its $1 is the name of a class. */
extern const char info_probe[];

#endif
