/*
 * rooms: the memory of a supervisor: one struct a room, bound to each other once, at the start.
 */
#ifndef DROVER_SUPERVISOR_ROOMS_H
#define DROVER_SUPERVISOR_ROOMS_H

#include "supervisor/batch/batch.h"
#include "supervisor/export/exporter.h"
#include "supervisor/life/life.h"
#include "supervisor/outage.h"
#include "supervisor/place/local/state.h"
#include "supervisor/clients/server.h"
#include "supervisor/turn.h"

struct rooms {
    struct supervisor s;
    struct store store;
    struct jobs jobs;
    struct batches batches;
    struct lifecycle life;
    struct local local;
    struct exporter exporter;
    struct server server;
    struct outage outage;
    struct turn turn;
};

/* `rooms` is all zero; also the loop is opened: 0 or an error. */
int rooms_init(struct rooms *rooms, struct error *err);

#endif
