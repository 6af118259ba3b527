/*
 * ssh: a place whose children work on machines: an item is the name of one, and what is executed
 * here is a drover-session, which runs the batch's command there (docs/session.md). So an attempt
 * is one of the local runner's, with other words.
 *
 * Its session tells in a verdict what an exit status cannot: whether the command was sent, and how
 * it ended. What sessions of a batch share is in its directory HOME/fleet/KEY, which goes with it.
 * Nothing outside of this folder knows a session or a machine.
 */
#ifndef DROVER_SUPERVISOR_PLACE_SSH_SSH_H
#define DROVER_SUPERVISOR_PLACE_SSH_SSH_H

#include "supervisor/job/place.h"

extern const struct place place_ssh;

#endif
