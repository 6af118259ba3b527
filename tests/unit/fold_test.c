#include "hostlist/fold.h"
#include "hostlist/hosts.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 3000 /* of random sets */

/* The names of hosts, folded: to be freed. */
static char *folded(const struct hosts *hosts)
{
    const char **names = calloc(hosts->count + 1, sizeof *names);
    struct buffer out = BUFFER_INIT;
    char *text;

    for (size_t i = 0; i < hosts->count; i++)
        names[i] = hosts->list[i].name;
    assert_int_equal(fold_names(names, hosts->count, &out), 0);
    free(names);
    text = buffer_steal(&out);
    assert_non_null(text);
    return text;
}

static void expand(struct hosts *hosts, const char *list)
{
    struct error err = {0};
    int r = hosts_add(hosts, list, strlen(list), &err);

    if (r < 0)
        fail_msg("%s: %s", list, err.text);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct host *)a)->name, ((const struct host *)b)->name);
}

/* Whether they are the same hosts; both are sorted by it. */
static void same_hosts(struct hosts *a, struct hosts *b, const char *list)
{
    if (a->count != b->count || b->duplicates)
        fail_msg("%s: %zu hosts, %zu of them again, wanted %zu", list, b->count, b->duplicates,
                 a->count);
    if (a->count == 0)
        return;
    qsort(a->list, a->count, sizeof *a->list, compare_names);
    qsort(b->list, b->count, sizeof *b->list, compare_names);
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->list[i].name, b->list[i].name) != 0)
            fail_msg("%s: %s, wanted %s", list, b->list[i].name, a->list[i].name);
}

/* fold(expand(x)) expands to the same hosts, and folds to itself. */
static void survives(struct hosts *hosts)
{
    struct hosts again = {0};
    char *list = folded(hosts), *twice;

    if (hosts->count) {
        expand(&again, list);
        twice = folded(&again);
        assert_string_equal(twice, list);
        free(twice);
    }
    same_hosts(hosts, &again, list);
    hosts_release(&again);
    free(list);
}

static void lists_become_short(void **state)
{
    static const struct {
        const char *list, *want;
    } pairs[] = {
        {"web01", "web01"},
        {"web01,web02,web03", "web[01-03]"},
        {"web03,web01,web02", "web[01-03]"},
        {"web1,web2", "web[1-2]"},
        {"b,a", "b,a"},
        {"n[8-12]", "n[8-12]"},
        {"n[098-102]", "n[098-102]"},
        {"web[001-100,200]", "web[001-100,200]"},
        {"r[1-3]n[01-04].dc[1,2]", "r[1-3]n[01-04].dc[1-2]"},
        {"r[1-3]n[1-4]!r3n4", "r[1-2]n[1-4],r3n[1-3]"},
        {"r1n[1-9],r2n5", "r1n[1-9],r2n5"},
        {"10.0.[0-3].[1-250]", "10.0.[0-3].[1-250]"},
        {"x1y1,x1y2,x2y1,x2y2,z", "x[1-2]y[1-2],z"},
        {"a1,b1,a2,b2", "a[1-2],b[1-2]"},
        {"n[0-20/2]", "n[0-20/2]"},
        {"n[1,3,5]", "n[1,3,5]"},
        {"n[1,3,5-9]", "n[1,3,5-9]"},
        {"n[100,102,104]", "n[100-104/2]"},
        {"u1@h:[22-23]", "u1@h:[22-23]"},
        {"[::1]:22,[::1]:23,[::2]:22", "[::1]:[22-23],[::2]:22"},
        {"[fe80::1%eth0],[fe80::1%eth1]", "[fe80::1%eth0],[fe80::1%eth1]"},
        {"1,2,3", "[1-3]"},
        {"a1234567890123456789,a1234567890123456790", "a1234567890123456789,a1234567890123456790"},
        {"a999999999999999998,a999999999999999999", "a[999999999999999998-999999999999999999]"},
    };
    struct hosts hosts = {0};
    char *list;

    (void)state;
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        expand(&hosts, pairs[i].list);
        list = folded(&hosts);
        assert_string_equal(list, pairs[i].want);
        survives(&hosts);
        hosts_release(&hosts);
        free(list);
    }
}

static void padding_is_never_mixed_up(void **state)
{
    static const struct {
        const char *list, *want;
    } pairs[] = {
        {"c09,c010", "c[09,010]"},
        {"c10,c09", "c[09-10]"},
        {"listserv01,listserv3", "listserv[3,01]"},
        {"a1,a01,a001", "a[1,01,001]"},
        {"n[9-10],n09", "n[9,09-10]"},
        {"n[098-099],n[99-100]", "n[99,098-100]"},
        {"n[0-1],n[00-01]", "n[0-1,00-01]"},
        {"n[1-9],n[01-09]", "n[1-9,01-09]"},
        {"n[1-9]c[1-9],n[1-9]c[01-09]", "n[1-9]c[1-9,01-09]"},
        {"name[007-009],name[01-04],name10", "name[01-04,10,007-009]"},
        {"n[1-4]c[01-09]", "n[1-4]c[01-09]"},
        {"r14c[11-13],r02c[03-04]", "r02c[03-04],r14c[11-13]"},
    };
    struct hosts hosts = {0};
    char *list;

    (void)state;
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        expand(&hosts, pairs[i].list);
        list = folded(&hosts);
        assert_string_equal(list, pairs[i].want);
        survives(&hosts);
        hosts_release(&hosts);
        free(list);
    }
}

static void nothing_folds_to_nothing(void **state)
{
    struct buffer out = BUFFER_INIT;

    (void)state;
    assert_int_equal(fold_names(NULL, 0, &out), 0);
    assert_int_equal(out.size, 0);
    buffer_release(&out);
}

static unsigned below(unsigned *seed, unsigned n)
{
    return (unsigned)rand_r(seed) % n;
}

/* A name with a few numbers of random width and padding, so that they collide often. */
static void add_random_name(struct hosts *hosts, unsigned *seed, const char *form, unsigned range)
{
    char name[HOST_MAX];
    size_t size = 0;

    for (; *form; form++)
        if (*form == '#')
            size += (size_t)snprintf(name + size, sizeof name - size, "%0*u", (int)below(seed, 4),
                                     below(seed, range) + 1);
        else
            name[size++] = *form;
    name[size] = '\0';
    expand(hosts, name);
}

static void random_sets_survive(void **state)
{
    static const char *const forms[] = {"n#",      "r#n#",    "x#c#s#b#", "#",   "a",
                                        "#.#.0.#", "u#@h#:#", "h#:2",     "a#b", "b"};
    unsigned seed = 20260401;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned range = below(&seed, 12) + 1, count = below(&seed, 60);
        size_t mix = below(&seed, LENGTH(forms)) + 1;
        struct hosts hosts = {0};

        for (unsigned i = 0; i < count; i++)
            add_random_name(&hosts, &seed, forms[below(&seed, (unsigned)mix)], range);
        survives(&hosts);
        hosts_release(&hosts);
    }
}

/* Full grids come back as one box, whatever the order of their names. */
static void random_grids_are_found(void **state)
{
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 200; round++) {
        char list[128];
        struct hosts hosts = {0};
        char *again;

        (void)snprintf(list, sizeof list, "r[%u-%u]n[0%u-%u].c[%u-%u]", below(&seed, 5),
                       5 + below(&seed, 9), below(&seed, 9), 10 + below(&seed, 9), below(&seed, 3),
                       3 + below(&seed, 5));
        expand(&hosts, list);
        for (size_t i = hosts.count; i-- > 1;) {
            size_t j = below(&seed, (unsigned)i + 1);
            struct host swap = hosts.list[i];

            hosts.list[i] = hosts.list[j];
            hosts.list[j] = swap;
        }
        again = folded(&hosts);
        assert_string_equal(again, list);
        free(again);
        hosts_release(&hosts);
    }
}

/* Many hosts that have little to do with one another: what a quadratic fold would never end. */
static void scattered_hosts_are_folded(void **state)
{
    struct hosts hosts = {0};
    unsigned seed = 99;

    (void)state;
    for (int i = 0; i < 30000; i++)
        add_random_name(&hosts, &seed, "x#c#s#b#", 9000);
    hosts.duplicates = 0;
    survives(&hosts);
    hosts_release(&hosts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_become_short),       cmocka_unit_test(padding_is_never_mixed_up),
        cmocka_unit_test(nothing_folds_to_nothing), cmocka_unit_test(random_sets_survive),
        cmocka_unit_test(random_grids_are_found),   cmocka_unit_test(scattered_hosts_are_folded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
