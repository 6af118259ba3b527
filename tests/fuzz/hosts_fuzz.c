/*
 * hosts_fuzz: whatever a user may write is a list of hosts or an error in words; what it stands for
 * is folded, and the folded list stands for the same hosts and folds to itself.
 */
#include "hostlist/fold.h"
#include "hostlist/hosts.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT ((size_t)20000) /* hosts: more is no more of a test */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int truth)
{
    if (!truth)
        abort();
}

static char *folded(const struct hosts *hosts)
{
    const char **names = calloc(hosts->count + 1, sizeof *names);
    struct buffer out = BUFFER_INIT;
    char *list;

    check(names != NULL);
    for (size_t i = 0; i < hosts->count; i++)
        names[i] = hosts->list[i].name;
    check(fold_names(names, hosts->count, &out) == 0);
    free(names);
    list = buffer_steal(&out);
    check(list != NULL);
    return list;
}

/* Every host of the one is in the other. */
static void check_within(const struct hosts *one, const struct hosts *other)
{
    uint32_t number;

    for (size_t i = 0; i < one->count; i++)
        check(index_find(&other->names, one->list[i].name, strlen(one->list[i].name), &number));
}

static void check_fold(const struct hosts *hosts)
{
    struct hosts again = {0};
    char *list = folded(hosts), *twice;

    check(hosts_add(&again, list, strlen(list), NULL) == 0);
    check(again.count == hosts->count && again.duplicates == 0);
    check_within(hosts, &again);
    twice = folded(&again);
    check(strcmp(list, twice) == 0);
    hosts_release(&again);
    free(list);
    free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hosts hosts = {.limit = LIMIT};
    struct error err = {0};
    int r = hosts_add(&hosts, (const char *)data, size, &err);

    check(r == 0 ? *err.text == '\0' : *err.text != '\0' && err.code == r);
    if (r == 0 && hosts.count)
        check_fold(&hosts);
    hosts_release(&hosts);
    return 0;
}
