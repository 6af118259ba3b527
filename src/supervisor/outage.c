#include "supervisor/outage.h"

#include "base/clock.h"
#include "base/log.h"
#include "supervisor/load.h"
#include "supervisor/clients/server.h"

#include <errno.h>
#include <poll.h>

#define OUTAGE_PATIENCE 2000 /* milliseconds for which requests wait */
#define OUTAGE_STEADY   5000 /* after so long another outage is a new one */
#define OUTAGE_PAUSE    10   /* before the second try, doubled up to ... */
#define OUTAGE_LONGEST  500

/* None before the first try. */
static unsigned outage_pause(unsigned tries)
{
    unsigned pause = tries && tries < 7 ? OUTAGE_PAUSE << (tries - 1) : OUTAGE_LONGEST;

    if (tries == 0)
        return 0;
    return pause < OUTAGE_LONGEST ? pause : OUTAGE_LONGEST;
}

/* What is short for all, or a moment's: not what only a person can mend. */
static bool outage_may_pass(int code)
{
    switch (-code) {
    case EAGAIN:
    case EBUSY:
    case EIO:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EPIPE:
    case ESTALE:
        return true;
    default:
        return false;
    }
}

static int outage_try(struct supervisor *s, struct error *err)
{
    int r = load_all(s, err);

    s->outage->loaded = r == 0;
    return r;
}

int outage_load(struct supervisor *s, struct error *err)
{
    int64_t end = clock_steady() + INT64_C(1000) * OUTAGE_PATIENCE;
    int r = outage_try(s, err);

    /* what fails may itself have waited for long */
    for (unsigned tries = 1; outage_may_pass(r) && (tries < 3 || clock_steady() < end); tries++) {
        log_warning("turn", "cannot load, tries again: %s", err->text);
        (void)poll(NULL, 0, (int)outage_pause(tries));
        r = outage_try(s, err);
    }
    return r;
}

static void outage_retry(uv_timer_t *timer);

void outage_init(struct supervisor *s)
{
    supervisor_timer(s, &s->outage->timer, outage_retry);
}

void outage_begin(struct supervisor *s)
{
    uint64_t now = uv_now(&s->loop);

    if (!s->outage->since || now - s->outage->over > OUTAGE_STEADY) {
        s->outage->since = now;
        s->outage->tries = 0;
    }
    log_error("turn", "outage begins: %s", s->broken.text);
    server_drop_clients(s);
    load_forget(s);
    s->outage->loaded = false;
    (void)uv_timer_start(&s->outage->timer, outage_retry, outage_pause(s->outage->tries++), 0);
}

static void outage_retry(uv_timer_t *timer)
{
    struct supervisor *s = timer->data;
    struct error err;

    if (outage_try(s, &err) < 0) {
        log_debug("turn", "outage: try %u: %s", s->outage->tries, err.text);
        s->broken = err;
        (void)uv_timer_start(timer, outage_retry, outage_pause(s->outage->tries++), 0);
    } else {
        s->broken.code = 0;
        uv_update_time(&s->loop);
        s->outage->over = uv_now(&s->loop);
        log_warning("turn", "outage is over after %llu ms, at try %u",
                    (unsigned long long)(s->outage->over - s->outage->since), s->outage->tries);
    }
    s->server->outage_told =
        s->broken.code && uv_now(&s->loop) - s->outage->since >= OUTAGE_PATIENCE;
    if (!s->broken.code || s->server->outage_told)
        server_resume(s);
    s->server->outage_told = false;
}
