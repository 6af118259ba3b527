/*
 * autostart: the way to a supervisor that answers, made where there is none.
 */
#ifndef DROVER_CLIENT_AUTOSTART_H
#define DROVER_CLIENT_AUTOSTART_H

#include "client/connection.h"

/* A descriptor connected to the home's supervisor, or a negative enum drover_error. */
int autostart_connect(struct drover *d);

#endif
