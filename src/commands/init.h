/*
 * init: what shells are told at their start. The texts are made of the files completion.* when
 * drover is built.
 */
#ifndef DROVER_COMMANDS_INIT_H
#define DROVER_COMMANDS_INIT_H

extern const char init_completion_bash[], init_completion_fish[];

#endif
