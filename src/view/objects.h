/*
 * objects: objects with properties as people read them: lists of `Name : value`, a table, or JSON.
 *
 * Calling order: the members that are `as given` set, objects_begin, objects_add for each object,
 * objects_end; objects_release in any case.
 */
#ifndef DROVER_VIEW_OBJECTS_H
#define DROVER_VIEW_OBJECTS_H

#include "ui/words.h"
#include "cim/object.h"
#include "view/json.h"

#include <stdbool.h>

struct objects {
    /* as given */
    bool json;
    bool table;         /* not lists: the properties of `shown` */
    bool all;           /* every property that an object has, behind those of `shown` */
    bool dmtf;          /* times as WMI writes them */
    struct words shown; /* names of properties; copies */
    /* made of it */
    struct words cells; /* of the table, a row after the other; copies */
    struct json_list array;
    size_t count;
};

void objects_begin(struct objects *objects);
void objects_add(struct objects *objects, const struct object *object);

/* The table is printed here, since its widths are known now. */
void objects_end(struct objects *objects);

void objects_release(struct objects *objects);

#endif
