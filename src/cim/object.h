/*
 * object: what the probe tells of one thing, as the properties of a class: names, typed values.
 *
 * Calling order: zeroed, object_add for each line of the probe, objects are complete where it says
 * so; object_clear before the next, object_release.
 */
#ifndef DROVER_CIM_OBJECT_H
#define DROVER_CIM_OBJECT_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

enum property_type {
    PROPERTY_TEXT = 's',
    PROPERTY_NUMBER = 'n',
    PROPERTY_BOOL = 'b',
    PROPERTY_TIME = 'd', /* seconds since 1970 */
    PROPERTY_LIST = 'l'  /* texts with commas between them */
};

struct property {
    enum property_type type;
    char *name, *value;
};

#define OBJECT_MOST 96

struct object {
    struct property properties[OBJECT_MOST];
    size_t count;
};

/* Takes a line without its end. 0, or -EINVAL for one that is none, or -ENOMEM. */
int object_add(struct object *object, const char *line);

/* A property of one's own. */
int object_set(struct object *object, const char *name, const char *value);

/* By name, in any case; NULL where there is none. */
const struct property *object_get(const struct object *object, const char *name);

/* Adds the value as people read it: {a, b} for lists, local time, or, with `dmtf`, time as WMI
 * writes it. NULL adds nothing. */
int property_print(struct buffer *out, const struct property *property, bool dmtf);

void object_clear(struct object *object);

#endif
