#include "room.h"
#include "loop.h"
#include "test.h"

#include "supervisor/job/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int room_open(void **state)
{
    static const struct place nowhere = {.name = "nowhere"};
    struct room *room = calloc(1, sizeof *room);
    struct error err;

    assert_non_null(room);
    (void)strcpy(room->path, "/tmp/drover-unit-XXXXXX");
    assert_non_null(mkdtemp(room->path));
    assert_int_equal(setenv("DROVER_HOME", room->path, 1), 0);
    assert_int_equal(uv_loop_init(&room->s.loop), 0);
    room->s.store = &room->store;
    room->s.jobs = &room->jobs;
    room->s.batches = &room->batches;
    room->s.home = (struct home)HOME_INIT;
    place_register(&nowhere);
    jobs_init(&room->jobs, &room->store);
    batches_init(&room->s);
    assert_int_equal(home_open(&room->s.home, &err), 0);
    assert_int_equal(store_open(&room->store, &room->s.home, false, &err), 0);
    *state = room;
    return 0;
}

int room_close(void **state)
{
    struct room *room = *state;
    char command[64];

    (void)snprintf(command, sizeof command, "rm -rf '%s'", room->path);
    batches_release(&room->s);
    loop_close(&room->s.loop);
    jobs_release(&room->jobs);
    store_close(&room->store);
    home_release(&room->s.home);
    free(room);
    return system(command) == 0 ? 0 : -1;
}

void room_commit(struct room *room)
{
    store_flush(&room->store);
    assert_int_equal(store_commit(&room->store), 0);
    batches_committed(&room->s);
}

struct spec *room_spec(uint32_t id)
{
    static const char words[] = "echo\0{%}";
    struct spec *spec = spec_new();

    assert_non_null(spec);
    spec->key = jobid_make(id, 0);
    spec->argv = malloc(sizeof words);
    assert_non_null(spec->argv);
    memcpy(spec->argv, words, sizeof words);
    spec->argv_size = sizeof words;
    spec->cwd = strdup("/");
    return spec;
}
