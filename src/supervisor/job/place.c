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

void places_removed(const struct supervisor *s, jobid key)
{
    for (size_t i = 0; i < PLACES && places[i]; i++)
        if (places[i]->removed)
            places[i]->removed(s, key);
}
