#include "supervisor/job/place.h"

#include <string.h>

#define PLACES 4

static const struct place *places[PLACES + 1]; /* NULL behind the last */

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
    for (const struct place **at = places; *at; at++)
        if (words && (*at)->takes_words)
            return *at;
    return places[0];
}

int places_open(struct supervisor *s, struct error *err)
{
    int r = 0;

    for (const struct place **at = places; *at; at++)
        if (r >= 0 && (*at)->open)
            r = (*at)->open(s, err);
    return r;
}

int places_attend(struct supervisor *s, struct error *err)
{
    int r = 0;

    for (const struct place **at = places; *at; at++)
        if (r >= 0 && (*at)->attend)
            r = (*at)->attend(s, err);
    return r;
}

int places_read(struct supervisor *s, struct error *err)
{
    int r = 0;

    for (const struct place **at = places; *at; at++)
        if (r >= 0 && (*at)->read)
            r = (*at)->read(s, err);
    return r;
}

void places_send(struct supervisor *s)
{
    for (const struct place **at = places; *at; at++)
        if ((*at)->send)
            (*at)->send(s);
}

void places_quit(struct supervisor *s)
{
    for (const struct place **at = places; *at; at++)
        if ((*at)->quit)
            (*at)->quit(s);
}

void places_close(struct supervisor *s)
{
    for (const struct place **at = places; *at; at++)
        if ((*at)->close)
            (*at)->close(s);
}

void places_reap(struct supervisor *s)
{
    for (const struct place **at = places; *at; at++)
        if ((*at)->reap)
            (*at)->reap(s);
}

void places_removed(const struct supervisor *s, jobid key)
{
    for (const struct place **at = places; *at; at++)
        if ((*at)->removed)
            (*at)->removed(s, key);
}
