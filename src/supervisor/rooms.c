#include "supervisor/rooms.h"
#include "supervisor/job/job.h"
#include "supervisor/batch/batch.h"
#include "supervisor/life/life.h"
#include "supervisor/export/exporter.h"
#include "supervisor/place/local/local.h"
#include "supervisor/place/ssh/ssh.h"
#include "supervisor/serve/dispatch.h"
#include "supervisor/turn.h"
#include "supervisor/life/hold.h"

int rooms_init(struct rooms *rooms, struct error *err)
{
    struct supervisor *s = &rooms->s;
    int r = uv_loop_init(&s->loop);

    if (r < 0)
        return error_system(err, r, "the supervisor");

    s->home = (struct home)HOME_INIT;
    s->store = &rooms->store;
    s->jobs = &rooms->jobs;
    s->batches = &rooms->batches;
    s->life = &rooms->life;
    s->local = &rooms->local;
    s->exporter = &rooms->exporter;
    s->server = &rooms->server;
    s->outage = &rooms->outage;
    s->turn = &rooms->turn;
    s->turn->lock = -1;
    jobs_init(s->jobs, s->store);
    batches_init(s);
    life_init(s);
    hold_init(s);
    place_register(&place_local);
    place_register(&place_ssh);
    local_init(s);
    exporter_init(s);
    serve_init(s);
    outage_init(s);
    return 0;
}
