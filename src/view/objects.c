#include "view/objects.h"
#include "base/clock.h"
#include "base/text.h"
#include "view/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- JSON ---- */

static json_t *objects_json_list(const char *value)
{
    json_t *list = json_array();

    for (size_t size; *value; value += size + (value[size] == ',')) {
        char *part;

        size = strcspn(value, ",");
        part = strndup(value, size);
        if (!part)
            words_no_memory();
        (void)json_array_append_new(list, json_utf8(part));
        free(part);
    }
    return list;
}

static json_t *objects_json(const struct property *p)
{
    char time[CLOCK_TEXT];

    if (!p)
        return json_null();
    switch (p->type) {
    case PROPERTY_NUMBER:
        return json_integer(strtoll(p->value, NULL, 10));
    case PROPERTY_BOOL:
        return json_boolean(strcmp(p->value, "true") == 0);
    case PROPERTY_TIME:
        clock_format(strtoll(p->value, NULL, 10) * CLOCK_SECOND, time);
        return json_utf8(time);
    case PROPERTY_LIST:
        return objects_json_list(p->value);
    default:
        return json_utf8(p->value);
    }
}

static void objects_add_json(struct objects *o, const struct object *object)
{
    json_t *json = json_object();

    for (size_t i = 0; i < o->shown.count; i++)
        (void)json_object_set_new(json, o->shown.list[i],
                                  objects_json(object_get(object, o->shown.list[i])));
    for (size_t i = 0; i < object->count && o->all; i++)
        (void)json_object_set_new(json, object->properties[i].name,
                                  objects_json(&object->properties[i]));
    (void)json_list_add(&o->array, json);
}

/* ---- lists ---- */

static void objects_print_value(const struct objects *o, struct buffer *out,
                                const struct object *object, const char *name)
{
    struct buffer value = BUFFER_INIT;
    int r = property_print(&value, object_get(object, name), o->dmtf);

    if (r == 0 && value.size)
        r = text_add_escaped(out, value.data, value.size);
    buffer_release(&value);
    if (r < 0)
        words_no_memory();
}

static void objects_print_list(const struct objects *o, const struct object *object,
                               const struct words *names)
{
    struct buffer line = BUFFER_INIT;
    size_t width = 0;

    for (size_t i = 0; i < names->count; i++)
        if (strlen(names->list[i]) > width)
            width = strlen(names->list[i]);
    (void)putchar('\n');
    for (size_t i = 0; i < names->count; i++) {
        buffer_clear(&line);
        if (buffer_printf(&line, "%-*s : ", (int)width, names->list[i]) < 0)
            words_no_memory();
        objects_print_value(o, &line, object, names->list[i]);
        (void)printf("%.*s\n", (int)line.size, line.data);
    }
    buffer_release(&line);
}

static bool objects_shows(const struct objects *o, const char *name)
{
    for (size_t i = 0; i < o->shown.count; i++)
        if (strcasecmp(o->shown.list[i], name) == 0)
            return true;
    return false;
}

static void objects_add_list(const struct objects *o, const struct object *object)
{
    struct words names = {0};

    for (size_t i = 0; i < o->shown.count; i++)
        words_add(&names, o->shown.list[i]);
    for (size_t i = 0; i < object->count && o->all; i++)
        if (!objects_shows(o, object->properties[i].name))
            words_add(&names, object->properties[i].name);
    objects_print_list(o, object, &names);
    words_release(&names);
}

/* ---- the table ---- */

static void objects_add_row(struct objects *o, const struct object *object)
{
    struct buffer cell = BUFFER_INIT;

    for (size_t i = 0; i < o->shown.count; i++) {
        buffer_clear(&cell);
        objects_print_value(o, &cell, object, o->shown.list[i]);
        words_add_copy(&o->cells, cell.data ? cell.data : "", cell.size);
    }
    buffer_release(&cell);
}

static void objects_add_heading(struct objects *o)
{
    struct buffer dashes = BUFFER_INIT;

    words_add_copies(&o->cells, &o->shown);
    for (size_t i = 0; i < o->shown.count; i++) {
        buffer_clear(&dashes);
        for (size_t n = strlen(o->shown.list[i]); n; n--)
            if (buffer_add_byte(&dashes, '-') < 0)
                words_no_memory();
        words_add_copy(&o->cells, dashes.data, dashes.size);
    }
    buffer_release(&dashes);
}

static size_t objects_width(const struct objects *o, size_t column)
{
    size_t width = 0;

    for (size_t cell = column; cell < o->cells.count; cell += o->shown.count)
        if (strlen(o->cells.list[cell]) > width)
            width = strlen(o->cells.list[cell]);
    return width;
}

static void objects_print_table(const struct objects *o)
{
    size_t columns = o->shown.count, *widths = calloc(columns, sizeof *widths);
    struct buffer line = BUFFER_INIT;

    if (!widths)
        words_no_memory();
    for (size_t i = 0; i + 1 < columns; i++)
        widths[i] = objects_width(o, i) + 1;
    for (size_t at = 0; at < o->cells.count; at += columns) {
        buffer_clear(&line);
        for (size_t i = 0; i < columns; i++)
            table_cell(&line, o->cells.list[at + i], widths[i]);
        while (line.size && line.data[line.size - 1] == ' ')
            line.size--;
        (void)printf("%.*s\n", (int)line.size, line.data);
    }
    buffer_release(&line);
    free(widths);
}

/* ---- all of them ---- */

void objects_begin(struct objects *o)
{
    if (o->json)
        json_list_begin();
    else if (o->table)
        objects_add_heading(o);
}

void objects_add(struct objects *o, const struct object *object)
{
    o->count++;
    if (o->json)
        objects_add_json(o, object);
    else if (o->table)
        objects_add_row(o, object);
    else
        objects_add_list(o, object);
}

void objects_end(struct objects *o)
{
    if (o->json)
        json_list_end(&o->array);
    else if (o->table)
        objects_print_table(o);
    else if (o->count)
        (void)putchar('\n');
}

void objects_release(struct objects *o)
{
    words_free_copies(&o->shown);
    words_free_copies(&o->cells);
}
