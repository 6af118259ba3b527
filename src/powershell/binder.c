#include "powershell/binder.h"
#include "powershell/block.h"
#include "ui/command.h"
#include "ui/report.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BINDER_COMMON "" /* one that all cmdlets have: the id is binder.common_id */

/* What PowerShell's cmdlets have, and processes have no use for. */
static const struct binder_senseless {
    const char *name, *alias;
    const char *id; /* of the error; NULL for the common one */
} binder_senseless[] = {
    {"Amended", NULL, NULL},
    {"ApplicationName", NULL, NULL},
    {"Authentication", NULL, NULL},
    {"CertificateThumbprint", NULL, NULL},
    {"CimSession", NULL, NULL},
    {"ConfigurationName", NULL, NULL},
    {"ConnectionUri", NULL, NULL},
    {"ContainerId", NULL, NULL},
    {"Credential", NULL, NULL},
    {"DefinitionName", NULL, NULL},
    {"DefinitionPath", NULL, NULL},
    {"DirectRead", NULL, NULL},
    {"EnableAllPrivileges", NULL, NULL},
    {"EnableNetworkAccess", NULL, NULL},
    {"ErrorVariable", "ev", NULL},
    {"Filter", NULL, NULL},
    {"HideComputerName", NULL, NULL},
    {"Impersonation", NULL, NULL},
    {"InDisconnectedSession", NULL, NULL},
    {"InformationVariable", "iv", NULL},
    {"InstanceId", NULL, NULL},
    {"KeyOnly", NULL, NULL},
    {"Locale", NULL, NULL},
    {"NoNewScope", NULL, NULL},
    {"OutBuffer", "ob", NULL},
    {"OutVariable", "ov", NULL},
    {"PipelineVariable", "pv", BINDER_COMMON},
    {"PSVersion", NULL, "ParameterBindingFailed"},
    {"QueryDialect", NULL, NULL},
    {"RemoteDebug", NULL, NULL},
    {"ResourceUri", NULL, NULL},
    {"RunAs32", NULL, "RunAs32NotSupported"},
    {"RunAsAdministrator", NULL, NULL},
    {"Runspace", NULL, NULL},
    {"Session", NULL, NULL},
    {"SessionName", NULL, NULL},
    {"SessionOption", NULL, NULL},
    {"Shallow", NULL, NULL},
    {"SSHConnection", NULL, NULL},
    {"SSHTransport", NULL, NULL},
    {"StreamingHost", NULL, NULL},
    {"StrictModeVersion", NULL, NULL},
    {"Subsystem", NULL, NULL},
    {"Type", NULL, NULL},
    {"UseNewRunspace", NULL, NULL},
    {"UseSSL", NULL, NULL},
    {"VMId", NULL, NULL},
    {"VMName", NULL, NULL},
    {"WarningVariable", "wv", NULL},
    {NULL, NULL, NULL},
};

/* What scripts write with any cmdlet. */
static const struct binder_common {
    const char *name, *alias;
    enum { COMMON_ACTION, COMMON_SWITCH, COMMON_CONFIRM } kind;
} binder_common[] = {
    {"Confirm", "cf", COMMON_CONFIRM},          {"Debug", "db", COMMON_SWITCH},
    {"ErrorAction", "ea", COMMON_ACTION},       {"InformationAction", "infa", COMMON_ACTION},
    {"ProgressAction", "proga", COMMON_ACTION}, {"Verbose", "vb", COMMON_SWITCH},
    {"WarningAction", "wa", COMMON_ACTION},     {NULL, NULL, COMMON_SWITCH},
};

int binder_refuse(const struct binder *binder, const char *id, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    report("%s: %s (%s)", binder->cmdlet, text, id);
    return STATUS_USAGE;
}

const char *binder_text(const struct binder *binder, int parameter)
{
    const struct words *values = &binder->bound[parameter].values;

    return values->count ? values->list[0] : NULL;
}

const char *binder_name(const struct binder *binder, int parameter)
{
    const char *name = binder_text(binder, parameter);

    return name && *name ? name : NULL;
}

int binder_check_filled(const struct binder *binder, int parameter)
{
    const struct bound *bound = &binder->bound[parameter];
    bool empty = bound->values.count == 0;

    for (size_t i = 0; i < bound->values.count; i++)
        empty |= !*bound->values.list[i];
    if (bound->given && empty)
        return binder_refuse(binder, "ParameterArgumentValidationError", "-%s: is empty",
                             binder->parameters[parameter].name);
    return -1;
}

/* ---- names ---- */

static bool binder_is(const char *known, const char *name, size_t size)
{
    return strlen(known) == size && strncasecmp(known, name, size) == 0;
}

static bool binder_is_alias(const struct parameter *p, const char *name, size_t size)
{
    for (const char *at = p->aliases; at && *at;) {
        size_t n = strcspn(at, ",");

        if (n == size && strncasecmp(at, name, size) == 0)
            return true;
        at += n + (at[n] == ',');
    }
    return false;
}

/* The place of the parameter of that name, alias or beginning; -1: none, -2: several. */
static int binder_find(const struct binder *b, const char *name, size_t size)
{
    int found = -1;

    for (int i = 0; b->parameters[i].name; i++) {
        const struct parameter *p = &b->parameters[i];

        if (binder_is_alias(p, name, size))
            return i;
        if (strncasecmp(p->name, name, size) != 0)
            continue;
        if (p->name[size] == '\0')
            return i;
        found = found == -1 ? i : -2;
    }
    return found;
}

static const struct binder_common *binder_find_common(const char *name, size_t size)
{
    for (const struct binder_common *p = binder_common; p->name; p++)
        if (binder_is(p->name, name, size) || binder_is(p->alias, name, size))
            return p;
    return NULL;
}

static int binder_unknown(const struct binder *b, const char *name, size_t size, int found)
{
    if (found == -2)
        return binder_refuse(b, "AmbiguousParameter", "-%.*s: may stand for several parameters",
                             (int)size, name);
    for (const struct binder_senseless *p = binder_senseless; p->name; p++) {
        const char *id = p->id && !*p->id ? b->common_id : p->id;

        if (binder_is(p->name, name, size) || (p->alias && binder_is(p->alias, name, size)))
            return binder_refuse(b, id ? id : "ParameterNotSupported",
                                 "-%s: makes no sense for processes", p->name);
    }
    return binder_refuse(b, "NamedParameterNotFound", "-%.*s: is no parameter of it", (int)size,
                         name);
}

/* ---- values ---- */

/* The words that are still to be bound. */
struct binder_words {
    char *const *at, *const *end;
};

static int binder_switch(const struct binder *b, const char *name, const char *value, bool *on)
{
    static const char *const yes[] = {"$true", "true", "1"}, *const no[] = {"$false", "false", "0"};

    for (int i = 0; i < 3; i++) {
        if (strcasecmp(value, yes[i]) == 0 || strcasecmp(value, no[i]) == 0) {
            *on = strcasecmp(value, yes[i]) == 0;
            return -1;
        }
    }
    return binder_refuse(b, "ParameterArgumentTransformationError",
                         "-%s: %s: is neither true nor false", name, value);
}

/* Adds the values of a comma list; whether another word goes on with it. An empty word is an empty
 * value. */
static bool binder_add_list(struct words *values, const char *text)
{
    size_t size;

    if (!*text)
        words_add_copy(values, text, 0);
    if (strchr(text, '\n')) { /* a table: its commas are its own */
        words_add_copy(values, text, strlen(text));
        return false;
    }
    for (; *text; text += size + (text[size] == ',')) {
        size = strcspn(text, ",");
        if (size)
            words_add_copy(values, text, size);
        if (text[size] == ',' && !text[size + 1])
            return true;
    }
    return false;
}

static int binder_add_number(const struct binder *b, const struct parameter *p, struct bound *bound,
                             const char *text)
{
    char *end;

    errno = 0;
    bound->number = strtol(text, &end, 10);
    if (errno || end == text || *end || bound->number > INT_MAX || bound->number < INT_MIN)
        return binder_refuse(b, "ParameterArgumentTransformationError",
                             "-%s: %s: is no whole number", p->name, text);
    words_add_copy(&bound->values, text, strlen(text));
    return -1;
}

static int binder_add_block(const struct binder *b, const struct parameter *p, struct words *values,
                            const char *text, struct binder_words *rest)
{
    int r = block_take(values, text, &rest->at, rest->end);

    if (r == -E2BIG)
        return binder_refuse(b, "UnexpectedToken", "-%s: there is more behind the } of its {",
                             p->name);
    if (r < 0)
        return binder_refuse(
            b, "MissingEndCurlyBrace",
            "-%s: its { is not closed: where the shell has taken a ; | or & of it for "
            "its own, put the block into quotes: '{ ... }'",
            p->name);
    return -1;
}

/* Gives a parameter its value, which begins with `text`; more words may belong to it. */
static int binder_set(struct binder *b, int place, const char *text, struct binder_words *rest)
{
    const struct parameter *p = &b->parameters[place];
    struct bound *bound = &b->bound[place];

    bound->given = true;
    switch (p->kind) {
    case PARAMETER_SWITCH:
    case PARAMETER_BOOL:
        return binder_switch(b, p->name, text, &bound->on);
    case PARAMETER_NUMBER:
        return binder_add_number(b, p, bound, text);
    case PARAMETER_LIST:
        if (strcmp(text, "Id") == 0 && rest->at < rest->end && strcmp(*rest->at, "Name") == 0)
            return binder_refuse(
                b, "ParameterArgumentTransformationError",
                "-%s: the shell has split a table into words: put its variable into "
                "quotes: \"$job\"",
                p->name);
        while ((binder_add_list(&bound->values, text) && rest->at < rest->end) ||
               (rest->at < rest->end && **rest->at == ','))
            text = *rest->at++;
        return -1;
    case PARAMETER_BLOCK:
        return binder_add_block(b, p, &bound->values, text, rest);
    default:
        words_add_copy(&bound->values, text, strlen(text));
        return -1;
    }
}

/* -ErrorAction and its like: what is silenced are messages; exit statuses stay as they are. */
static int binder_action(struct binder *b, const struct binder_common *p, const char *action)
{
    static const char *const known[] = {"Continue", "Stop", "SilentlyContinue", "Ignore"};
    size_t i = 0;

    if (b->common_id)
        return binder_refuse(b, b->common_id, "-%s: is not for it", p->name);
    while (i < 4 && strcasecmp(known[i], action) != 0)
        i++;
    if (i == 4)
        return binder_refuse(b, "ParameterArgumentTransformationError",
                             "-%s: %s: is none of Continue, Stop, SilentlyContinue, Ignore",
                             p->name, action);
    if (i >= 2 && strcmp(p->name, "ErrorAction") == 0)
        b->silent = true;
    return -1;
}

/* A common parameter; value: behind its colon, or NULL. The shell makes nothing of $false. */
static int binder_set_common(struct binder *b, const struct binder_common *p, const char *value,
                             struct binder_words *rest)
{
    bool on = true;
    int status;

    if (p->kind == COMMON_ACTION) {
        if (value && *value)
            return binder_action(b, p, value);
        if (rest->at == rest->end)
            return binder_refuse(b, "MissingArgument", "-%s: its value is missing", p->name);
        return binder_action(b, p, *rest->at++);
    }
    status = value && *value ? binder_switch(b, p->name, value, &on) : -1;
    if (status < 0 && p->kind == COMMON_CONFIRM && on && !(value && !*value))
        return binder_refuse(b, "ParameterNotSupported",
                             "-Confirm: nothing asks here: write -Confirm:false, or leave it out");
    return status;
}

/* The shell takes $true for a variable of its own. */
static const char *binder_hint(const struct parameter *p)
{
    bool truth = p->kind == PARAMETER_SWITCH || p->kind == PARAMETER_BOOL;

    return truth ? ": write true or false, for the shell takes $true for a variable" : "";
}

/* A second dash, as other commands want it, is passed over. */
static int binder_named(struct binder *b, const char *word, struct binder_words *rest)
{
    const char *name = word + strspn(word, "-"), *colon = strchr(name, ':');
    size_t size = colon ? (size_t)(colon - name) : strlen(name);
    int place = binder_find(b, name, size);
    const struct parameter *p = place < 0 ? NULL : &b->parameters[place];
    const struct binder_common *common = p ? NULL : binder_find_common(name, size);

    if (common)
        return binder_set_common(b, common, colon ? colon + 1 : NULL, rest);
    if (!p)
        return binder_unknown(b, name, size, place);
    if (b->bound[place].given)
        return binder_refuse(b, "ParameterAlreadyBound", "-%s: is given twice", p->name);
    b->bound[place].named = true;
    if (p->kind == PARAMETER_SWITCH && !colon)
        return binder_set(b, place, "$true", rest);
    if (colon && colon[1])
        return binder_set(b, place, colon + 1, rest);
    if (rest->at == rest->end)
        return binder_refuse(b, "MissingArgument", "-%s: its value is missing%s", p->name,
                             binder_hint(p));
    return binder_set(b, place, *rest->at++, rest);
}

static bool binder_has_block(const struct binder *b)
{
    for (int i = 0; b->parameters[i].name; i++)
        if (b->parameters[i].kind == PARAMETER_BLOCK && b->bound[i].given)
            return true;
    return false;
}

/* A block takes what only a block can be, and the first one any text. */
static bool binder_takes(const struct binder *b, const struct parameter *p, const char *word)
{
    if (p->kind == PARAMETER_BLOCK)
        return *word == '{' || !binder_has_block(b);
    return *word != '{';
}

/* What the shell has split is the most likely mistake. */
static int binder_refuse_word(const struct binder *b, const char *word)
{
    char shortened[REPORT_SHORT];
    const char *hint = "";

    if (binder_has_block(b))
        hint = ": a script block of several words stands in { } or in quotes";
    return binder_refuse(b, "PositionalParameterNotFound",
                         "%s: there is no parameter at this place%s", report_short(shortened, word),
                         hint);
}

static int binder_positional(struct binder *b, const char *word, struct binder_words *rest)
{
    int best = -1;

    for (int i = 0; b->parameters[i].name; i++) {
        const struct parameter *p = &b->parameters[i];

        if (p->position && !b->bound[i].given && binder_takes(b, p, word) &&
            (best < 0 || p->position < b->parameters[best].position))
            best = i;
    }
    return best < 0 ? binder_refuse_word(b, word) : binder_set(b, best, word, rest);
}

static bool binder_is_name(const char *word)
{
    size_t dashes = strspn(word, "-");
    char letter = (char)(word[dashes] | 0x20);

    return dashes && dashes <= 2 && letter >= 'a' && letter <= 'z';
}

int binder_bind(struct binder *b, int argc, char *const *argv)
{
    struct binder_words rest = {argv + 1, argv + argc};
    int status = -1;

    while (rest.at < rest.end && status < 0) {
        const char *word = *rest.at++;

        status =
            binder_is_name(word) ? binder_named(b, word, &rest) : binder_positional(b, word, &rest);
    }
    return status;
}

void binder_release(struct binder *b)
{
    for (int i = 0; b->parameters[i].name; i++)
        words_free_copies(&b->bound[i].values);
}
