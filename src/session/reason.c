#include "session/reason.h"
#include "base/cause.h"
#include "base/text.h"

#include <string.h>
#include <sys/wait.h>

#define REASON_LINES 6 /* of what a jump host's ssh said last: a banner may hold any words */

/* What OpenSSH has for an address where it speaks to a program. */
#define REASON_BY_ANOTHER "UNKNOWN port 65535"

/* Words, the telling ones first, and what they mean. */
static const struct reason_words {
    const char *words;
    enum drover_cause cause;
    enum reason_hope hope;
    bool late;   /* ssh says it also later than before the login */
    bool theirs; /* the other side's; a login banner may hold any of ssh's */
} reason_table[] = {
    {"host key is known for", DROVER_CAUSE_HOST_KEY, REASON_NEVER, false, false},
    {"has changed and you have requested strict checking", DROVER_CAUSE_HOST_KEY, REASON_NEVER,
     false, false},
    {"Host key verification failed", DROVER_CAUSE_HOST_KEY, REASON_NEVER, false, false},
    {"Permission denied (", DROVER_CAUSE_AUTH, REASON_NEVER, false, false},
    {"Too many authentication failures", DROVER_CAUSE_AUTH, REASON_NEVER, false, false},
    {"No supported authentication methods", DROVER_CAUSE_AUTH, REASON_NEVER, false, false},
    {"account is currently not available", DROVER_CAUSE_AUTH, REASON_NEVER, false, true},
    {"allows sftp connections only", DROVER_CAUSE_AUTH, REASON_NEVER, false, true},
    {"account has expired", DROVER_CAUSE_AUTH, REASON_NEVER, false, true},
    {"assword change required", DROVER_CAUSE_AUTH, REASON_NEVER, false, true},
    {"sudo: ", DROVER_CAUSE_AUTH, REASON_NEVER, true, true},
    {"administratively prohibited", DROVER_CAUSE_REFUSED, REASON_NEVER, true, false},
    {"Unable to negotiate", DROVER_CAUSE_REFUSED, REASON_NEVER, false, false},
    {"Connection refused", DROVER_CAUSE_REFUSED, REASON_LATER, false, false},
    {"No SSH version received", DROVER_CAUSE_UNREACHABLE, REASON_NEVER, false, false},
    {"banner line contains invalid", DROVER_CAUSE_UNREACHABLE, REASON_NEVER, false, false},
    {"Could not resolve hostname", DROVER_CAUSE_UNREACHABLE, REASON_LATER, false, false},
    {"Name or service not known", DROVER_CAUSE_UNREACHABLE, REASON_LATER, false, false},
    {"No route to host", DROVER_CAUSE_UNREACHABLE, REASON_LATER, false, false},
    {"Network is unreachable", DROVER_CAUSE_UNREACHABLE, REASON_LATER, false, false},
    {"timed out during banner exchange", DROVER_CAUSE_NO_ANSWER, REASON_LATER, false, false},
    {"not responding", DROVER_CAUSE_NO_ANSWER, REASON_LATER, true, false},
    {"timed out", DROVER_CAUSE_UNREACHABLE, REASON_LATER, true, false},
    {"kex_exchange_identification: ", DROVER_CAUSE_REFUSED, REASON_AGAIN, false, false},
    {"banner exchange: ", DROVER_CAUSE_REFUSED, REASON_AGAIN, false, false},
    {"Not allowed at this time", DROVER_CAUSE_REFUSED, REASON_AGAIN, false, false},
    {"Connection reset by", DROVER_CAUSE_REFUSED, REASON_AGAIN, true, false},
    {"Connection closed by", DROVER_CAUSE_REFUSED, REASON_AGAIN, true, false},
    {NULL, DROVER_CAUSE_UNREACHABLE, REASON_LATER, false, false},
};

/* Where a row's words stand in a text: the line, and its size. */
struct reason_line {
    const struct reason_words *words;
    const char *text;
    size_t size;
};

static size_t reason_trim(const char *line, size_t size)
{
    while (size && (line[size - 1] == '\r' || line[size - 1] == ' '))
        size--;
    return size;
}

static bool reason_add_line(struct buffer *out, const char *line, size_t size)
{
    return text_add_escaped(out, line, reason_trim(line, size)) == 0;
}

bool reason_add_last(struct buffer *out, const char *text)
{
    size_t size = strlen(text);
    const char *line;

    while (size && strchr("\r\n \t", text[size - 1]))
        size--;
    line = memrchr(text, '\n', size);
    line = line ? line + 1 : text;
    return size && reason_add_line(out, line, size - (size_t)(line - text));
}

static bool reason_look(struct reason_line *line, const char *text,
                        const struct reason_words *words)
{
    const char *found = strstr(text, words->words), *begin;

    if (!found)
        return false;
    begin = memrchr(text, '\n', (size_t)(found - text));
    begin = begin ? begin + 1 : text;
    *line = (struct reason_line){words, begin, strcspn(begin, "\n")};
    return true;
}

/* The most telling of ssh's words, and of the host's own; the last row, and no words, where none
 * are. */
static bool reason_find(struct reason_line *line, const struct reason *reason)
{
    const struct reason_words *w;

    for (w = reason_table; w->words; w++)
        if (w->theirs ? reason_look(line, reason->noise, w) || reason_look(line, reason->output, w)
                      : reason_look(line, reason->log, w))
            return true;
    *line = (struct reason_line){w, "", 0};
    return false;
}

/* The same of what the ssh of a jump host said. */
static bool reason_find_of_jump(struct reason_line *line, const char *noise)
{
    const char *from = noise + strlen(noise);

    for (int lines = 0; from > noise && lines <= REASON_LINES; from--)
        lines += from[-1] == '\n';
    for (const struct reason_words *w = reason_table; w->words; w++)
        if (!w->theirs && reason_look(line, from, w))
            return true;
    return false;
}

bool reason_is_by_another(const struct reason *reason)
{
    return strstr(reason->log, REASON_BY_ANOTHER) != NULL;
}

bool reason_is_early(const struct reason *reason)
{
    for (const struct reason_words *w = reason_table; w->words; w++)
        if (!w->late && !w->theirs && strstr(reason->log, w->words))
            return true;
    return false;
}

static void reason_add_found(struct buffer *out, const char *before, const char *by,
                             const struct reason_line *line)
{
    (void)buffer_printf(out, "%s: %s%s: ", cause_words(line->words->cause), before, by);
    (void)reason_add_line(out, line->text, line->size);
}

/* The host was reached by way of another, and was not spoken to. Where that one was told to say
 * nothing it may have been refused as well, and is not asked again at once. */
static struct reason_meaning reason_add_by_another(struct buffer *out, const struct reason *reason,
                                                   struct reason_line line)
{
    static const char passed[] = "connect failed";

    if (reason_find_of_jump(&line, reason->noise)) {
        bool from = memmem(line.text, line.size, passed, strlen(passed)) != NULL;
        bool again = line.words->hope == REASON_AGAIN;

        reason_add_found(out, from ? "from " : "", reason->by, &line);
        return (struct reason_meaning){.cause = line.words->cause,
                                       .hope = again && reason->quiet ? REASON_LATER
                                                                      : line.words->hope};
    }
    if (reason->quiet && *reason->noise) {
        (void)buffer_printf(out, "unreachable: %s: ", reason->by);
        (void)reason_add_last(out, reason->noise);
        return (struct reason_meaning){.cause = DROVER_CAUSE_UNREACHABLE, .hope = REASON_LATER};
    }
    reason_add_found(out, "by way of ", reason->by, &line);
    return (struct reason_meaning){.cause = line.words->cause,
                                   .hope = reason->quiet ? REASON_LATER : line.words->hope};
}

struct reason_meaning reason_add(struct buffer *out, const struct reason *reason)
{
    bool answered = WIFEXITED(reason->status) && WEXITSTATUS(reason->status) != 255, found;
    struct reason_line line;

    found = reason_find(&line, reason);
    if (reason->by && reason_is_by_another(reason) && line.words->hope != REASON_NEVER)
        return reason_add_by_another(out, reason, line);
    if (found) {
        (void)buffer_printf(out, "%s: ", cause_words(line.words->cause));
        (void)reason_add_line(out, line.text, line.size);
        return (struct reason_meaning){.cause = line.words->cause, .hope = line.words->hope};
    }
    (void)buffer_add_text(out, answered ? "refused: its shell did not run the command: "
                                        : "unreachable: ");
    if (!reason_add_last(out, reason->log) && !reason_add_last(out, reason->noise) &&
        !reason_add_last(out, reason->output))
        (void)buffer_add_text(out, "ssh ended before the command was sent");
    return (struct reason_meaning){.cause =
                                       answered ? DROVER_CAUSE_REFUSED : DROVER_CAUSE_UNREACHABLE,
                                   .hope = REASON_LATER,
                                   .no_shell = answered};
}
