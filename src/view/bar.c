#include "view/bar.h"
#include "base/clock.h"
#include "ui/words.h"
#include "os/file.h"
#include "view/gauge.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_FIRST    (CLOCK_SECOND / 5)  /* what is over by then has no bar */
#define BAR_PAUSE    (CLOCK_SECOND / 10) /* between two looks, doubled while nothing changes */
#define BAR_SLOWEST  CLOCK_SECOND
#define BAR_WIDTH    80 /* where the terminal does not tell */
#define BAR_ERASE    "\r\033[J"
#define BAR_LINE_END "\033[J\r" /* a line that was wider may have been wrapped since */

/* ---- the figures ---- */

/* One that is no batch, or is gone, is asked for no more. */
static void bar_drop(struct bar *bar, size_t i)
{
    bar->count--;
    for (; i < bar->count; i++)
        bar->ids[i] = bar->ids[i + 1];
}

static int bar_ask(struct bar *bar, struct drover_progress *sum)
{
    struct drover_progress p;
    int r;

    *sum = (struct drover_progress){0};
    for (size_t i = 0; i < bar->count;) {
        r = drover_progress(bar->d, bar->ids[i], &p);
        if (r == DROVER_EINTERRUPTED)
            return r;
        if (r < 0) {
            bar_drop(bar, i);
            continue;
        }
        gauge_sum(sum, &p);
        i++;
    }
    return 0;
}

/* ---- drawing ---- */

static size_t bar_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return BAR_WIDTH;
    return size.ws_col - 1U; /* the last column is left to terminals that wrap too early */
}

/* Whether the line may be drawn: not into a line that has begun, nor from the background. */
static bool bar_may_draw(const struct bar *bar)
{
    pid_t group = bar->terminal ? tcgetpgrp(STDERR_FILENO) : -1;

    return !bar->open && (group < 0 || group == getpgrp());
}

/* Whether something new was drawn. */
static bool bar_draw(struct bar *bar, const struct drover_progress *p)
{
    struct buffer line = BUFFER_INIT, text = BUFFER_INIT;
    bool same;

    if (gauge_format(&line, p, bar->terminal ? bar_width() : 0, bar->colour) < 0)
        words_no_memory();
    same = line.size == bar->line.size && memcmp(line.data, bar->line.data, line.size) == 0;
    buffer_release(&bar->line);
    bar->line = line;
    if (same && (bar->drawn || !bar->terminal))
        return false;
    if (bar->terminal)
        (void)buffer_add_byte(&text, '\r');
    (void)buffer_add(&text, line.data, line.size);
    (void)buffer_add_text(&text, bar->terminal ? BAR_LINE_END : "\n");
    (void)os_write_all(STDERR_FILENO, text.data, text.size);
    buffer_release(&text);
    bar->drawn = bar->terminal;
    return !same;
}

void bar_begin(struct bar *bar, struct drover *d, const struct bar_options *options,
               const struct drover_jobs *jobs)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");

    *bar = (struct bar){.d = d, .pause = BAR_PAUSE, .next = clock_steady() + BAR_FIRST};
    bar->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    bar->colour = !no_colour || !*no_colour;
    if (options->off || (!options->on && !bar->terminal))
        return;
    bar->ids = calloc(jobs->count + 1, sizeof *bar->ids);
    if (!bar->ids)
        words_no_memory();
    for (size_t i = 0; i < jobs->count; i++)
        bar->ids[bar->count++] = jobs->ids[i];
    if (!bar->terminal)
        bar->next = clock_steady() + CLOCK_SECOND;
}

static int bar_look(struct bar *bar, int64_t now)
{
    struct drover_progress p;
    int r = bar_ask(bar, &p);

    if (r < 0 || bar->count == 0)
        return r;
    if (bar_may_draw(bar) && bar_draw(bar, &p))
        bar->pause = BAR_PAUSE;
    else if (bar->pause < BAR_SLOWEST)
        bar->pause *= 2;
    bar->next = now + (bar->terminal ? bar->pause : CLOCK_SECOND);
    return 0;
}

int bar_step(struct bar *bar, int *timeout_ms)
{
    int64_t now = bar->count ? clock_steady() : 0;
    int r = 0, wait;

    if (bar->count && now >= bar->next)
        r = bar_look(bar, now);
    if (bar->count == 0)
        return r;
    wait = bar->next > now ? (int)((bar->next - now) / 1000) + 1 : 1;
    if (*timeout_ms < 0 || *timeout_ms > wait)
        *timeout_ms = wait;
    return r;
}

void bar_clear(struct bar *bar)
{
    if (!bar || !bar->drawn)
        return;
    (void)os_write_all(STDERR_FILENO, BAR_ERASE, strlen(BAR_ERASE));
    bar->drawn = false;
    if (bar->pause > BAR_PAUSE) { /* it comes back soon */
        bar->pause = BAR_PAUSE;
        bar->next = clock_steady() + BAR_PAUSE;
    }
}

void bar_wrote(struct bar *bar, char last)
{
    if (bar)
        bar->open = last != '\n';
}

void bar_break(struct bar *bar)
{
    bar_clear(bar);
    if (bar->open && isatty(STDERR_FILENO))
        (void)os_write_all(STDERR_FILENO, "\n", 1);
    bar->open = false;
}

/* Without a terminal the last figures stay. */
void bar_end(struct bar *bar)
{
    struct drover_progress p;

    bar_clear(bar);
    if (bar->count && !bar->terminal && bar_ask(bar, &p) == 0 && bar->count)
        (void)bar_draw(bar, &p);
    free(bar->ids);
    buffer_release(&bar->line);
    *bar = (struct bar){.open = bar->open};
}
