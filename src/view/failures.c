#include "view/failures.h"
#include "base/buffer.h"
#include "base/text.h"
#include "ui/report.h"
#include "os/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FAILURES_LINES 3
#define FAILURES_BYTES 512 /* of one child's standard error */
#define FAILURES_WIDTH 200 /* of a line */

static void failure_describe(struct failure *failure, const struct drover_child *child)
{
    char shortened[REPORT_SHORT], why[64];
    const char *item = child->item ? report_short(shortened, child->item) : "";
    const char *between = child->item ? ": " : "", *reason = child->reason;

    if (child->signal)
        (void)snprintf(why, sizeof why, "signal %d", child->signal);
    else
        (void)snprintf(why, sizeof why, "exit %d", child->exit_code);
    (void)snprintf(failure->id, sizeof failure->id, "%s", child->job);
    (void)snprintf(failure->text, sizeof failure->text, "%s%s: %s", between, item,
                   reason && *reason ? reason : why);
}

void failures_add(struct failures *failures, const struct drover_child *child)
{
    struct failure failure;
    uint64_t n = failures->count++;

    if (n > FAILURES_TOLD)
        return;
    if (n == FAILURES_TOLD) {
        report("more failed: from here on they are only counted");
        return;
    }
    failure_describe(&failure, child);
    report("%s%s", failure.id, failure.text);
    if (n < FAILURES_KEPT)
        failures->first[n] = failure;
}

/* ---- what a child had to say ---- */

struct failure_words {
    uint32_t attempt;
    struct buffer text;
};

static int failure_attempt(void *data, const struct drover_job *job)
{
    struct failure_words *words = data;

    words->attempt = job->attempt;
    return 0;
}

/* Enough is enough: the rest is not asked for. */
static int failure_collect(void *data, const struct drover_output *output)
{
    struct failure_words *words = data;
    size_t room = FAILURES_BYTES - words->text.size;

    (void)buffer_add(&words->text, output->bytes, output->size < room ? output->size : room);
    return words->text.size < FAILURES_BYTES ? 0 : -1;
}

static void failure_print_line(const char *text, size_t size)
{
    struct buffer line = BUFFER_INIT;
    size_t most = size < FAILURES_WIDTH ? size : FAILURES_WIDTH;

    while (most < size && most && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    (void)buffer_add_text(&line, "    ");
    (void)text_add_escaped(&line, text, most);
    (void)buffer_add_text(&line, most < size ? "...\n" : "\n");
    (void)os_write_all(STDERR_FILENO, line.data, line.size);
    buffer_release(&line);
}

static void failure_print(const struct buffer *text)
{
    const char *at = text->data, *end = at + text->size, *next;

    for (int n = 0; n < FAILURES_LINES && at < end; n++, at = next + 1) {
        next = memchr(at, '\n', (size_t)(end - at));
        next = next ? next : end;
        failure_print_line(at, (size_t)(next - at));
    }
}

/* The first lines of the standard error of its last attempt, whoever has received them. */
static void failure_quote(struct drover *d, const char *id)
{
    struct failure_words words = {0};
    struct drover_list_options list = {.jobs = {.ids = &id, .count = 1}};
    struct drover_receive_options options = {
        .keep = true, .stream = DROVER_ERR, .output = failure_collect, .data = &words};

    if (drover_list(d, &list, failure_attempt, &words) < 0 || words.attempt == 0)
        return;
    options.attempt = words.attempt;
    (void)drover_receive(d, id, &options, NULL);
    failure_print(&words.text);
    buffer_release(&words.text);
}

void failures_summary(const struct failures *failures, struct drover *d, const char *batch,
                      uint64_t count)
{
    uint64_t shown = failures->count < FAILURES_KEPT ? failures->count : FAILURES_KEPT;

    for (uint64_t i = 0; i < shown; i++) {
        report("%s%s", failures->first[i].id, failures->first[i].text);
        failure_quote(d, failures->first[i].id);
    }
    if (count > shown)
        report("and %" PRIu64 " more: drover get --state Failed --children %s", count - shown,
               batch);
}
