#include "view/gauge.h"
#include "base/clock.h"

#include <inttypes.h>
#include <string.h>

#define GAUGE_NARROW 10 /* columns of a bar with its brackets */
#define GAUGE_WIDE   40
#define GAUGE_FAILED "\033[31m"
#define GAUGE_PLAIN  "\033[0m"

static int64_t gauge_done(const struct drover_progress *p)
{
    return p->completed + p->failed + p->stopped;
}

static bool gauge_is_over(const struct drover_progress *p)
{
    return !p->open && gauge_done(p) >= p->total;
}

/* The time left is that of the slowest, and not known where that of one is not. */
void gauge_sum(struct drover_progress *sum, const struct drover_progress *p)
{
    bool known = sum->left >= 0 && !sum->open && (p->left >= 0 || gauge_is_over(p));

    if (!known)
        sum->left = -1;
    else if (p->left > sum->left)
        sum->left = p->left;
    sum->total += p->total;
    sum->running += p->running;
    sum->completed += p->completed;
    sum->failed += p->failed;
    sum->stopped += p->stopped;
    sum->open |= p->open;
    sum->rate += p->rate;
}

static int gauge_add_figures(struct buffer *out, const struct drover_progress *p, bool colour)
{
    char words[CLOCK_SPAN];
    int r = buffer_printf(out, "%" PRId64 "/%" PRId64 "%s  %" PRId64 " running", gauge_done(p),
                          p->total, p->open ? "+" : "", p->running);

    if (p->failed)
        r |= buffer_printf(out, "  %s%" PRId64 " failed%s", colour ? GAUGE_FAILED : "", p->failed,
                           colour ? GAUGE_PLAIN : "");
    if (p->rate > 0) {
        clock_rate(p->rate, words);
        r |= buffer_printf(out, "  %s", words);
    }
    if (p->left >= 0 && !gauge_is_over(p)) {
        clock_span(p->left, words);
        r |= buffer_printf(out, "  ETA %s", words);
    }
    return r;
}

static int gauge_add_graph(struct buffer *out, const struct drover_progress *p, size_t room)
{
    size_t full, size = room < GAUGE_WIDE ? room : GAUGE_WIDE;
    int r;

    if (p->open || p->total <= 0 || size < GAUGE_NARROW)
        return 0;
    size -= strlen("[] ");
    full = (size_t)((double)size * (double)gauge_done(p) / (double)p->total);
    r = buffer_add_byte(out, '[');
    for (size_t i = 0; i < size; i++)
        r |= buffer_add_byte(out, i < full ? '#' : '-');
    return r | buffer_add_text(out, "] ");
}

int gauge_format(struct buffer *out, const struct drover_progress *progress, size_t width,
                 bool colour)
{
    struct buffer figures = BUFFER_INIT;
    int r = gauge_add_figures(&figures, progress, false);

    if (r == 0 && width && figures.size > width)
        r = buffer_add(out, figures.data, width);
    else if (r == 0) {
        if (width)
            r = gauge_add_graph(out, progress, width - figures.size);
        r |= gauge_add_figures(out, progress, colour && width);
    }
    buffer_release(&figures);
    return r;
}
