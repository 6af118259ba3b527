#include "cim/object.h"
#include "cim/dmtf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static int object_put(struct object *object, const char *name, size_t size, char type,
                      const char *value)
{
    struct property p = {.type = (enum property_type)type};

    if (object->count == OBJECT_MOST)
        return -EINVAL;
    p.name = strndup(name, size);
    p.value = strdup(value);
    if (!p.name || !p.value) {
        free(p.name);
        free(p.value);
        return -ENOMEM;
    }
    object->properties[object->count++] = p;
    return 0;
}

int object_add(struct object *object, const char *line)
{
    const char *equals = strchr(line, '=');

    if (!equals || equals - line < 2 || !strchr("snbdl", equals[-1]))
        return -EINVAL;
    return object_put(object, line, (size_t)(equals - 1 - line), equals[-1], equals + 1);
}

int object_set(struct object *object, const char *name, const char *value)
{
    return object_put(object, name, strlen(name), PROPERTY_TEXT, value);
}

const struct property *object_get(const struct object *object, const char *name)
{
    for (size_t i = 0; i < object->count; i++)
        if (strcasecmp(object->properties[i].name, name) == 0)
            return &object->properties[i];
    return NULL;
}

void object_clear(struct object *object)
{
    for (size_t i = 0; i < object->count; i++) {
        free(object->properties[i].name);
        free(object->properties[i].value);
    }
    object->count = 0;
}

/* ---- values ---- */

static int property_print_list(struct buffer *out, const char *value)
{
    int r = buffer_add_byte(out, '{');

    for (; *value && r == 0; value++)
        r = *value == ',' ? buffer_add_text(out, ", ") : buffer_add_byte(out, *value);
    return r == 0 ? buffer_add_byte(out, '}') : r;
}

static int property_print_time(struct buffer *out, const char *value, bool dmtf)
{
    time_t seconds = (time_t)strtoll(value, NULL, 10);
    struct tm tm;
    char text[64];

    if (dmtf) {
        dmtf_format(seconds, text);
        return buffer_add_text(out, text);
    }
    if (!localtime_r(&seconds, &tm) || strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        return buffer_add_text(out, value);
    return buffer_add_text(out, text);
}

int property_print(struct buffer *out, const struct property *p, bool dmtf)
{
    if (!p)
        return 0;
    switch (p->type) {
    case PROPERTY_LIST:
        return property_print_list(out, p->value);
    case PROPERTY_TIME:
        return property_print_time(out, p->value, dmtf);
    case PROPERTY_BOOL:
        return buffer_add_text(out, strcmp(p->value, "true") == 0 ? "True" : "False");
    default:
        return buffer_add_text(out, p->value);
    }
}
