#include "hostlist/fold.h"
#include "hostlist/index.h"
#include "hostlist/number.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * The names of one form are points in a grid with an axis for each number. A box is a set of
 * numbers on each axis, and stands for all their combinations. At first each name is a box of its
 * own. Boxes that are the same on all axes but one become one box. Sets are
 * numbered, so that to be the same is to have the same number.
 */
struct fold {
    const char *form;          /* MARK stands where a number is */
    size_t axes;               /* numbers in a name */
    struct number_line *lines; /* for each axis: the numbers that come up, in order */
    struct index sets;         /* of places in a line, ascending */
    uint32_t *boxes;           /* `axes` sets each */
    size_t count;              /* of boxes */
    uint32_t *spare;           /* as large as boxes */
    uint32_t *order;           /* room for one number a box */
    uint32_t *members;         /* room for one number a name */
};

#define MARK '\n' /* in no name */

#define FOLD_ROUNDS 8                /* along all axes; the next ones would gain little */
#define FOLD_EFFORT ((size_t)200000) /* names times axes, up to which each beginning is tried */

/* What qsort_r orders boxes by: all axes but one, or the first place on each axis. */
struct fold_order {
    const struct fold *fold;
    size_t skip;
};

static int fold_compare_others(const void *a, const void *b, void *data)
{
    const struct fold_order *by = data;
    const uint32_t *one = by->fold->boxes + by->fold->axes * *(const uint32_t *)a;
    const uint32_t *two = by->fold->boxes + by->fold->axes * *(const uint32_t *)b;

    for (size_t i = 0; i < by->fold->axes; i++)
        if (i != by->skip && one[i] != two[i])
            return one[i] < two[i] ? -1 : 1;
    return 0;
}

static const uint32_t *fold_set(const struct fold *fold, uint32_t set, size_t *size)
{
    const struct index_key *key = &fold->sets.keys[set];

    *size = key->size / sizeof(uint32_t);
    return key->data;
}

static int fold_compare_first(const void *a, const void *b, void *data)
{
    const struct fold *fold = data;
    const uint32_t *one = fold->boxes + fold->axes * *(const uint32_t *)a;
    const uint32_t *two = fold->boxes + fold->axes * *(const uint32_t *)b;
    uint32_t p, q;
    size_t size;

    for (size_t i = 0; i < fold->axes; i++) {
        p = *fold_set(fold, one[i], &size);
        q = *fold_set(fold, two[i], &size);
        if (p != q)
            return p < q ? -1 : 1;
    }
    return 0;
}

static int fold_compare_places(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, two = *(const uint32_t *)b;

    return one < two ? -1 : one > two;
}

static void fold_sort(struct fold *fold, int (*compare)(const void *, const void *, void *),
                      void *data)
{
    for (size_t i = 0; i < fold->count; i++)
        fold->order[i] = (uint32_t)i;
    qsort_r(fold->order, fold->count, sizeof *fold->order, compare, data);
}

/* The number of a set of places, which are in members: in any order, perhaps twice. */
static int fold_intern(struct fold *fold, size_t size, uint32_t *set)
{
    size_t distinct = 0;

    qsort(fold->members, size, sizeof *fold->members, fold_compare_places);
    for (size_t i = 0; i < size; i++)
        if (distinct == 0 || fold->members[i] != fold->members[distinct - 1])
            fold->members[distinct++] = fold->members[i];
    return index_add_copy(&fold->sets, fold->members, distinct * sizeof *fold->members, set);
}

/* Makes one box of those at order[begin .. end - 1], in spare at `to`. */
static int fold_unite(struct fold *fold, size_t axis, size_t begin, size_t end, size_t to)
{
    uint32_t *box = fold->spare + fold->axes * to;
    const uint32_t *set;
    size_t size, total = 0;

    memcpy(box, fold->boxes + fold->axes * fold->order[begin], fold->axes * sizeof *box);
    if (end - begin == 1)
        return 0;
    for (size_t i = begin; i < end; i++) {
        set = fold_set(fold, fold->boxes[fold->axes * fold->order[i] + axis], &size);
        memcpy(fold->members + total, set, size * sizeof *set);
        total += size;
    }
    return fold_intern(fold, total, &box[axis]);
}

/* Folds along one axis. */
static int fold_axis(struct fold *fold, size_t axis)
{
    struct fold_order by = {fold, axis};
    size_t count = 0, end;
    uint32_t *boxes;
    int r = 0;

    fold_sort(fold, fold_compare_others, &by);
    for (size_t i = 0; i < fold->count && r == 0; i = end) {
        for (end = i + 1; end < fold->count; end++)
            if (fold_compare_others(&fold->order[i], &fold->order[end], &by) != 0)
                break;
        r = fold_unite(fold, axis, i, end, count++);
    }
    boxes = fold->boxes;
    fold->boxes = fold->spare;
    fold->spare = boxes;
    fold->count = count;
    return r;
}

/* Folds along all axes, backwards from `first`, until nothing changes. */
static int fold_all(struct fold *fold, size_t first)
{
    size_t before, axis;
    int r = 0, rounds = 0;

    do {
        before = fold->count;
        for (size_t i = 0; i < fold->axes && r == 0; i++) {
            axis = (first + fold->axes - i) % fold->axes;
            if (fold->lines[axis].count > 1)
                r = fold_axis(fold, axis);
        }
    } while (r == 0 && fold->count < before && ++rounds < FOLD_ROUNDS);
    return r;
}

/* Adds a set of numbers: in brackets, if they are several. */
static int fold_add_set(const struct fold *fold, size_t axis, uint32_t set, struct buffer *out)
{
    const struct number_line *line = &fold->lines[axis];
    size_t size;
    const uint32_t *places = fold_set(fold, set, &size);
    int r;

    if (size == 1)
        return number_add(&line->numbers[*places], out);
    r = buffer_add_byte(out, '[');
    if (r == 0)
        r = number_add_set(line, places, size, out);
    return r == 0 ? buffer_add_byte(out, ']') : r;
}

static int fold_add_box(const struct fold *fold, const uint32_t *box, struct buffer *out)
{
    size_t axis = 0;
    int r = out->size ? buffer_add_byte(out, ',') : 0;

    for (const char *p = fold->form; *p && r == 0; p++) {
        if (*p != MARK) {
            r = buffer_add_byte(out, *p);
            continue;
        }
        r = fold_add_set(fold, axis, box[axis], out);
        axis++;
    }
    return r;
}

static int fold_add_boxes(struct fold *fold, struct buffer *out)
{
    int r = 0;

    fold_sort(fold, fold_compare_first, fold);
    for (size_t i = 0; i < fold->count && r == 0; i++)
        r = fold_add_box(fold, fold->boxes + fold->axes * fold->order[i], out);
    return r;
}

/* One way to fold: from that beginning. */
static int fold_try(struct fold *fold, const uint32_t *points, size_t count, size_t first,
                    struct buffer *out)
{
    int r;

    buffer_clear(out);
    fold->count = count;
    memcpy(fold->boxes, points, count * fold->axes * sizeof *points);
    r = fold_all(fold, first);
    return r == 0 ? fold_add_boxes(fold, out) : r;
}

/* The shortest of several ways, the first of which begins with the last axis. */
static int fold_best(struct fold *fold, const uint32_t *points, size_t count, struct buffer *out)
{
    size_t beginnings = count * fold->axes > FOLD_EFFORT ? 1 : fold->axes;
    struct buffer other = BUFFER_INIT, swap;
    int r = fold_try(fold, points, count, fold->axes - 1, out);

    for (size_t i = 1; i < beginnings && r == 0; i++) {
        if (fold->lines[fold->axes - 1 - i].count == 1)
            continue;
        r = fold_try(fold, points, count, fold->axes - 1 - i, &other);
        if (r < 0 || other.size >= out->size)
            continue;
        swap = *out;
        *out = other;
        other = swap;
    }
    buffer_release(&other);
    return r;
}

/* The sets of one place have the numbers of their places. */
static int fold_begin(struct fold *fold, size_t count)
{
    uint32_t most = 1, set;
    int r = 0;

    for (size_t i = 0; i < fold->axes; i++)
        if (fold->lines[i].count > most)
            most = (uint32_t)fold->lines[i].count;
    fold->boxes = calloc(count, fold->axes * sizeof *fold->boxes);
    fold->spare = calloc(count, fold->axes * sizeof *fold->spare);
    fold->order = calloc(count, sizeof *fold->order);
    fold->members = calloc(count, sizeof *fold->members);
    if (!fold->boxes || !fold->spare || !fold->order || !fold->members)
        return -ENOMEM;
    for (uint32_t i = 0; i < most && r == 0; i++)
        r = index_add_copy(&fold->sets, &i, sizeof i, &set);
    return r;
}

static void fold_release(struct fold *fold)
{
    index_release_copies(&fold->sets);
    free(fold->boxes);
    free(fold->spare);
    free(fold->order);
    free(fold->members);
}

/* The size of the digits at p that are a number to be folded, else 0. */
static size_t fold_digits(const char *p)
{
    size_t size = strspn(p, "0123456789");

    return size <= NUMBER_DIGITS ? size : 0;
}

/* Puts the form of a name into `form`, in place of what is there. What is in brackets is an IPv6
 * address, and no number. */
static int fold_form(const char *name, struct buffer *form)
{
    bool inside = false;
    size_t digits;
    int r = 0;

    buffer_clear(form);
    while (*name && r == 0) {
        inside = (inside || *name == '[') && *name != ']';
        digits = inside ? 0 : fold_digits(name);
        r = buffer_add_byte(form, digits ? MARK : *name);
        name += digits ? digits : 1;
        while (!inside && !digits && *name >= '0' && *name <= '9' && name[-1] >= '0' &&
               name[-1] <= '9' && r == 0)
            r = buffer_add_byte(form, *name++);
    }
    return r;
}

/* The numbers of a name, one for each MARK of its form. */
static void fold_numbers(const char *name, const char *form, struct number *numbers)
{
    size_t digits;

    for (; *form; form++) {
        if (*form != MARK) {
            name++;
            continue;
        }
        digits = fold_digits(name);
        *numbers++ = number_of(name, digits);
        name += digits;
    }
}

/* Adds the folded list of names of one form, which are `members` of names. */
static int fold_one(const char *form, const char *const *names, const uint32_t *members,
                    size_t count, struct buffer *out)
{
    struct fold fold = {.form = form};
    struct number *numbers = NULL;
    uint32_t *points = NULL;
    int r = 0;

    for (const char *p = form; *p; p++)
        fold.axes += *p == MARK;
    if (fold.axes == 0)
        return buffer_add_text(out, form);
    numbers = calloc(count, fold.axes * sizeof *numbers);
    points = calloc(count, fold.axes * sizeof *points);
    fold.lines = calloc(fold.axes, sizeof *fold.lines);
    if (!numbers || !points || !fold.lines)
        r = -ENOMEM;
    for (size_t i = 0; i < count && r == 0; i++)
        fold_numbers(names[members[i]], form, numbers + fold.axes * i);
    for (size_t i = 0; i < fold.axes && r == 0; i++)
        r = number_line_make(&fold.lines[i], numbers + i, count, fold.axes, points + i);
    if (r == 0)
        r = fold_begin(&fold, count);
    if (r == 0)
        r = fold_best(&fold, points, count, out);
    for (size_t i = 0; i < fold.axes && fold.lines; i++)
        number_line_release(&fold.lines[i]);
    fold_release(&fold);
    free(fold.lines);
    free(points);
    free(numbers);
    return r;
}

/* Names by form: those of form f are order[start[f] .. start[f + 1] - 1]. */
struct fold_forms {
    struct index forms; /* the keys are ours */
    uint32_t *of;       /* for each name: its form */
    uint32_t *order;
    size_t *start;
};

static int fold_forms_find(struct fold_forms *forms, const char *const *names, size_t count)
{
    struct buffer form = BUFFER_INIT;
    int r = 0;

    forms->of = calloc(count, sizeof *forms->of);
    forms->order = calloc(count, sizeof *forms->order);
    if (!forms->of || !forms->order)
        r = -ENOMEM;
    for (size_t i = 0; i < count && r == 0; i++) {
        r = fold_form(names[i], &form);
        if (r == 0)
            r = index_add_copy(&forms->forms, form.data, form.size, &forms->of[i]);
    }
    buffer_release(&form);
    return r;
}

static int fold_forms_sort(struct fold_forms *forms, size_t count)
{
    size_t *at;

    forms->start = calloc(forms->forms.count + 1, sizeof *forms->start);
    at = calloc(forms->forms.count + 1, sizeof *at);
    if (forms->start && at) {
        for (size_t i = 0; i < count; i++)
            forms->start[forms->of[i] + 1]++;
        for (size_t f = 0; f < forms->forms.count; f++)
            at[f + 1] = forms->start[f + 1] += forms->start[f];
        for (size_t i = 0; i < count; i++)
            forms->order[at[forms->of[i]]++] = (uint32_t)i;
    }
    free(at);
    return forms->start && at ? 0 : -ENOMEM;
}

static void fold_forms_release(struct fold_forms *forms)
{
    index_release_copies(&forms->forms);
    free(forms->of);
    free(forms->order);
    free(forms->start);
}

int fold_names(const char *const *names, size_t count, struct buffer *out)
{
    struct fold_forms forms = {0};
    struct buffer part = BUFFER_INIT;
    size_t start;
    int r = count ? fold_forms_find(&forms, names, count) : 0;

    if (r == 0)
        r = fold_forms_sort(&forms, count);
    for (size_t f = 0; f < forms.forms.count && r == 0; f++) {
        start = forms.start[f];
        buffer_clear(&part);
        r = fold_one(forms.forms.keys[f].data, names, forms.order + start,
                     forms.start[f + 1] - start, &part);
        if (r == 0 && f)
            r = buffer_add_byte(out, ',');
        if (r == 0)
            r = buffer_add(out, part.data, part.size);
    }
    buffer_release(&part);
    fold_forms_release(&forms);
    return r;
}
