/*
 * filter: the condition of a WQL query, over the properties of an object.
 *
 *     DriveType = 3 AND FreeSpace < 1000000     Name LIKE 'ssh%' OR NOT (State <> "Running")
 *
 * The property stands first, and a constant behind it: a text in single or double quotes, a number,
 * TRUE or FALSE. = <> != < > <= >= LIKE IS NULL; AND OR NOT and parentheses. Texts are compared in
 * any case. A property that there is not is NULL, and no comparison with it holds. LIKE knows %, _
 * and [a-z].
 */
#ifndef DROVER_CIM_FILTER_H
#define DROVER_CIM_FILTER_H

#include "base/error.h"
#include "cim/class.h"
#include "cim/object.h"

#include <stdbool.h>

/* Whether it is a condition over properties of the class: 0, or -EINVAL with err set. */
int filter_check(const char *condition, const struct class *class, struct error *err);

/* Whether the object meets it. 1, 0, or -EINVAL with err set; then it is so for every object. */
int filter_match(const char *condition, const struct object *object, struct error *err);

#endif
