/*
 * binder: the parameters of a cmdlet, bound as PowerShell binds them.
 *
 *     -Name x   -Name:x   -na x        in any case; the beginning of a name, if it is no other's
 *     -Keep     -Keep:$false           switches
 *     -Id 1,2   -Id 1, 2               lists
 *     { words }   '{ words }'          script blocks, of one word or several
 *     x                                the first parameter by position that has no value yet;
 *                                      for a block the first that takes one
 *
 * Aliases of parameters are taken as they are, and what scripts write with every cmdlet
 * (-ErrorAction, -Confirm:$false, -Verbose ...). What PowerShell has and makes no sense for
 * processes is refused by its name.
 *
 * Calling order: a table of parameters, ended by one without a name; binder_bind; the values by
 * the parameter's place in the table; binder_release.
 */
#ifndef DROVER_POWERSHELL_BINDER_H
#define DROVER_POWERSHELL_BINDER_H

#include "ui/words.h"

#include <stdbool.h>

enum parameter_kind {
    PARAMETER_SWITCH,
    PARAMETER_TEXT,
    PARAMETER_LIST,   /* comma lists */
    PARAMETER_NUMBER, /* a whole number, which may be negative */
    PARAMETER_BOOL,   /* $true or $false */
    PARAMETER_BLOCK   /* a script block, or any text */
};

struct parameter {
    const char *name;
    const char *aliases; /* with commas between them, or NULL */
    enum parameter_kind kind;
    int position; /* from 1; 0: it has none */
};

struct bound {
    bool given;
    bool named; /* by its name, not by position */
    bool on;    /* of a switch or bool */
    long number;
    struct words values; /* copies */
};

#define BINDER_MOST 40 /* parameters of a cmdlet */

struct binder {
    const char *cmdlet;
    const char *common_id; /* of the error that refuses -ErrorAction and its like, or NULL */
    const struct parameter *parameters;
    bool silent; /* -ErrorAction SilentlyContinue */
    struct bound bound[BINDER_MOST];
};

/* Binds the words behind argv[0]. -1, or STATUS_USAGE with the mistake reported. */
int binder_bind(struct binder *binder, int argc, char *const *argv);

/* The first value of a parameter; NULL where it has none. */
const char *binder_text(const struct binder *binder, int parameter);

/* The same of a name: an empty one is none. */
const char *binder_name(const struct binder *binder, int parameter);

/* A parameter that is given has a value, and none of them is empty: -1, or STATUS_USAGE. */
int binder_check_filled(const struct binder *binder, int parameter);

/* Reports a mistake in how the cmdlet was called, with PowerShell's id of it: STATUS_USAGE. */
int binder_refuse(const struct binder *binder, const char *id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void binder_release(struct binder *binder);

#endif
