#include "supervisor/job/place.h"

#include <string.h>

#define PLACES 4

static const struct place *places[PLACES];

void place_register(const struct place *place)
{
    for (size_t i = 0; i < PLACES; i++)
        if (!places[i] || strcmp(places[i]->name, place->name) == 0) {
            places[i] = place;
            return;
        }
}

const struct place *place_for(const char *words)
{
    for (size_t i = 0; words && i < PLACES && places[i]; i++)
        if (places[i]->takes_words)
            return places[i];
    return places[0];
}

int places_open(struct supervisor *s, struct error *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < PLACES && places[i]; i++)
        r = places[i]->open ? places[i]->open(s, err) : 0;
    return r;
}

int places_attend(struct supervisor *s, struct error *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < PLACES && places[i]; i++)
        r = places[i]->attend ? places[i]->attend(s, err) : 0;
    return r;
}

int places_read(struct supervisor *s, struct error *err)
{
    int r = 0;

    for (size_t i = 0; r >= 0 && i < PLACES && places[i]; i++)
        r = places[i]->read ? places[i]->read(s, err) : 0;
    return r;
}

void places_send(struct supervisor *s)
{
    for (size_t i = 0; i < PLACES && places[i]; i++)
        if (places[i]->send)
            places[i]->send(s);
}

void places_quit(struct supervisor *s)
{
    for (size_t i = 0; i < PLACES && places[i]; i++)
        if (places[i]->quit)
            places[i]->quit(s);
}

void places_close(struct supervisor *s)
{
    for (size_t i = 0; i < PLACES && places[i]; i++)
        if (places[i]->close)
            places[i]->close(s);
}

void places_reap(struct supervisor *s)
{
    for (size_t i = 0; i < PLACES && places[i]; i++)
        if (places[i]->reap)
            places[i]->reap(s);
}

void places_removed(const struct supervisor *s, jobid key)
{
    for (size_t i = 0; i < PLACES && places[i]; i++)
        if (places[i]->removed)
            places[i]->removed(s, key);
}
