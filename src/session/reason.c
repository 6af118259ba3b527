#include "session/reason.h"
#include "base/text.h"

#include <string.h>
#include <sys/wait.h>

/* Words, the telling ones first, and what they mean. */
static const struct reason_words {
    const char *words, *kind;
    bool again, late; /* another try may help; ssh says it also later than before the login */
    bool theirs;      /* the other side's; a login banner may hold any of ssh's */
} reason_table[] = {
    {"host key is known for", "host key", false, false, false},
    {"has changed and you have requested strict checking", "host key", false, false, false},
    {"Host key verification failed", "host key", false, false, false},
    {"Permission denied (", "auth", false, false, false},
    {"Too many authentication failures", "auth", false, false, false},
    {"No supported authentication methods", "auth", false, false, false},
    {"account is currently not available", "auth", false, false, true},
    {"sudo: ", "auth", false, true, true},
    {"Unable to negotiate", "refused", false, false, false},
    {"Connection refused", "refused", false, false, false},
    {"No SSH version received", "unreachable", false, false, false},
    {"banner line contains invalid", "unreachable", false, false, false},
    {"Could not resolve hostname", "unreachable", false, false, false},
    {"No route to host", "unreachable", false, false, false},
    {"Network is unreachable", "unreachable", false, false, false},
    {"timed out during banner exchange", "timeout", false, false, false},
    {"not responding", "timeout", false, true, false},
    {"timed out", "unreachable", false, true, false},
    {"kex_exchange_identification: ", "refused", true, false, false},
    {"banner exchange: ", "refused", true, false, false},
    {"Not allowed at this time", "refused", true, false, false},
    {"Connection reset by", "refused", true, true, false},
    {"Connection closed by", "refused", true, true, false},
};

static bool reason_add_line(struct buffer *out, const char *line, size_t size)
{
    while (size && (line[size - 1] == '\r' || line[size - 1] == ' '))
        size--;
    return text_add_escaped(out, line, size) == 0;
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

/* Adds the line of the text that holds the words; false where none does. */
static bool reason_add_words(struct buffer *out, const char *text, const struct reason_words *words)
{
    const char *found = strstr(text, words->words), *line;

    if (!found)
        return false;
    line = memrchr(text, '\n', (size_t)(found - text));
    line = line ? line + 1 : text;
    (void)buffer_printf(out, "%s: ", words->kind);
    return reason_add_line(out, line, strcspn(line, "\n"));
}

bool reason_is_early(const struct reason *reason)
{
    const size_t count = sizeof reason_table / sizeof *reason_table;

    for (size_t i = 0; i < count; i++)
        if (!reason_table[i].late && !reason_table[i].theirs &&
            strstr(reason->log, reason_table[i].words))
            return true;
    return false;
}

bool reason_add(struct buffer *out, const struct reason *reason)
{
    const size_t count = sizeof reason_table / sizeof *reason_table;
    bool answered = WIFEXITED(reason->status) && WEXITSTATUS(reason->status) != 255;

    for (const struct reason_words *words = reason_table; words < reason_table + count; words++)
        if (reason_add_words(out, words->theirs ? reason->noise : reason->log, words))
            return words->again;
    (void)buffer_add_text(out, answered ? REASON_NO_SHELL : "unreachable: ");
    if (!reason_add_last(out, reason->log) && !reason_add_last(out, reason->noise))
        (void)buffer_add_text(out, "ssh ended before the command was sent");
    return false;
}
