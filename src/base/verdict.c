#include "base/verdict.h"
#include "base/cause.h"
#include "os/file.h"

#include <stdio.h>
#include <string.h>

static const char *const verdict_kinds[] = {
    [VERDICT_NONE] = "",           [VERDICT_UNKNOWN] = "unknown",
    [VERDICT_NOT_RUN] = "not-run", [VERDICT_CANNOT_RUN] = "cannot-run",
    [VERDICT_RAN] = "ran",         [VERDICT_ENDED] = "ended",
};

int verdict_write(int fd, enum verdict_kind kind, enum drover_cause cause, const char *words)
{
    char text[VERDICT_SIZE];
    int n = kind <= VERDICT_UNKNOWN
                ? snprintf(text, sizeof text, "%s\n", verdict_kinds[kind])
                : snprintf(text, sizeof text, "%s %s\n%.*s\n", verdict_kinds[kind],
                           drover_cause_name(cause), VERDICT_SIZE - 100, words);

    return os_pwrite_all(fd, text, (size_t)n, 0);
}

/* Takes the next line off the text: NULL where it has no end. */
static char *verdict_line(char **text)
{
    char *line = *text, *end = strchr(line, '\n');

    if (!end)
        return NULL;
    *end = '\0';
    *text = end + 1;
    return line;
}

static enum verdict_kind verdict_kind(const char *word)
{
    for (enum verdict_kind kind = VERDICT_NOT_RUN; kind <= VERDICT_ENDED; kind++)
        if (strcmp(word, verdict_kinds[kind]) == 0)
            return kind;
    return VERDICT_UNKNOWN;
}

void verdict_read(struct verdict *verdict, const char *text, size_t size)
{
    char copy[VERDICT_SIZE], *rest = copy, *head, *words, *cause;

    *verdict = (struct verdict){.kind = size ? VERDICT_UNKNOWN : VERDICT_NONE};
    size = size < sizeof copy ? size : sizeof copy - 1;
    memcpy(copy, text, size);
    copy[size] = '\0';
    head = verdict_line(&rest);
    cause = head ? strchr(head, ' ') : NULL;
    words = cause ? verdict_line(&rest) : NULL;
    if (!words)
        return;
    *cause++ = '\0';
    verdict->kind = verdict_kind(head);
    verdict->cause = cause_find(cause);
    (void)snprintf(verdict->words, sizeof verdict->words, "%s", words);
}
