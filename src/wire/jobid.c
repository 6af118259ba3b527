#include "wire/jobid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

const char *jobid_format(jobid id, char text[JOBID_TEXT])
{
    if (jobid_child(id))
        (void)snprintf(text, JOBID_TEXT, "%" PRIu32 ".%" PRIu32, jobid_top(id), jobid_child(id));
    else
        (void)snprintf(text, JOBID_TEXT, "%" PRIu32, jobid_top(id));
    return text;
}

/* A number from 1 to `most`, without sign or leading zero; moves *text behind it. */
static int jobid_number(const char **text, uint32_t most, uint32_t *number)
{
    uint64_t n = 0;

    if (**text < '1' || **text > '9')
        return -EINVAL;
    for (; **text >= '0' && **text <= '9'; ++*text) {
        n = n * 10 + (uint64_t)(**text - '0');
        if (n > most)
            return -EINVAL;
    }
    *number = (uint32_t)n;
    return 0;
}

int jobid_parse_range(const char *text, jobid *first, jobid *last)
{
    uint32_t top, child = 0, end;

    if (jobid_number(&text, JOBID_MAX, &top) < 0)
        return -EINVAL;
    if (*text == '.') {
        text++;
        if (jobid_number(&text, UINT32_MAX, &child) < 0)
            return -EINVAL;
    }
    end = child ? child : top;
    if (*text == '-') {
        text++;
        if (jobid_number(&text, child ? UINT32_MAX : JOBID_MAX, &end) < 0 ||
            end < (child ? child : top))
            return -EINVAL;
    }
    if (*text)
        return -EINVAL;
    *first = jobid_make(top, child);
    *last = child ? jobid_make(top, end) : jobid_make(end, 0);
    return 0;
}

int jobid_parse(const char *text, jobid *id)
{
    jobid first, last;

    if (jobid_parse_range(text, &first, &last) < 0 || first != last)
        return -EINVAL;
    *id = first;
    return 0;
}
