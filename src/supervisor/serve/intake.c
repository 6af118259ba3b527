#include "supervisor/serve/intake.h"
#include "supervisor/serve/server.h"

/* Bytes of the frame that has begun to come, as far as its header is there. */
static size_t intake_size(const struct client *client)
{
    size_t size = frame_size(client->in.data, client->in.size);

    return size > client->in.size ? size : 0;
}

static void intake_enter(struct client *client, size_t size)
{
    struct supervisor *s = client->supervisor;

    client->large = size;
    client->since = clock_steady();
    client->waiting = false;
    s->server->intake += size;
}

/* Whoever has waited longest. */
static struct client *intake_next(const struct supervisor *s)
{
    struct client *first = NULL;

    for (struct client *c = s->server->clients; c; c = c->next)
        if (c->waiting && (!first || c->since < first->since))
            first = c;
    return first;
}

bool intake_admit(struct client *client)
{
    struct supervisor *s = client->supervisor;
    const struct client *first = intake_next(s);
    size_t size = client->large ? 0 : intake_size(client);

    if (size <= INTAKE_SMALL)
        return true;
    if ((!first || first == client) && s->server->intake + size <= INTAKE_ALL &&
        buffer_reserve(&client->in, size) == 0) {
        intake_enter(client, size);
        return true;
    }
    if (!client->waiting)
        client->since = clock_steady();
    client->waiting = true;
    if (!uv_is_active((uv_handle_t *)&s->server->intake_timer))
        (void)uv_timer_again(&s->server->intake_timer);
    return false;
}

/* Lets those go on for whom there is room. */
static void intake_admit_waiting(struct supervisor *s)
{
    struct client *next;

    while ((next = intake_next(s))) {
        client_read_on(next);
        if (next->waiting)
            break;
    }
}

void intake_leave(struct client *client)
{
    struct supervisor *s = client->supervisor;

    if (client->in.size == 0 && client->in.capacity > 2 * INTAKE_SMALL)
        buffer_release(&client->in);
    client->waiting = false;
    s->server->intake -= client->large;
    client->large = 0;
    intake_admit_waiting(s);
}

void intake_look(struct supervisor *s)
{
    int64_t now = clock_steady();
    struct client *next;

    for (struct client *c = s->server->clients; c && intake_next(s); c = next) {
        next = c->next;
        if (c->large && now - c->since > INTAKE_PATIENCE)
            client_close(c);
    }
    intake_admit_waiting(s);
    if (!intake_next(s))
        (void)uv_timer_stop(&s->server->intake_timer);
}
