/*
 * ssh: a place whose children work on machines: an item is the name of one, and what is executed
 * here is a drover-session, which runs the batch's command there (docs/session.md). So an attempt
 * is one of the local runner's, with other words.
 *
 * Each attempt has a file in the batch's directory HOME/fleet/KEY in which its session says what
 * an exit status cannot: whether the command was sent, and how it ended. The directory goes with
 * the batch. Nothing outside of this folder knows a session, a verdict or a machine.
 */
#ifndef DROVER_SUPERVISOR_PLACE_SSH_SSH_H
#define DROVER_SUPERVISOR_PLACE_SSH_SSH_H

#include "supervisor/job/place.h"

extern const struct place place_ssh;

#endif
