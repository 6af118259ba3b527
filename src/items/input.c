#include "items/input.h"
#include "ui/report.h"

#include <unistd.h>

static int input_open_blocks(struct input *input, const struct command *command, int argc,
                             char **argv)
{
    const struct words *files = &input->items.files;

    for (int i = 0; i < argc; i++)
        if (argv[i][0] == ':' && argv[i][1] == ':' && argv[i][2] == ':')
            return report_usage(command,
                                "--pipe: blocks come from standard input or --items, "
                                "not from %s",
                                argv[i]);
    if (input->items.null || input->items.most || input->items.columns.colsep ||
        input->items.columns.header)
        return report_usage(command, "--pipe: has no items: -0, -n, --colsep and --header are for "
                                     "these (see --recend and -N)");
    if (files->count > 1)
        return report_usage(command, "--pipe: reads one file");
    return blocks_open(&input->blocks, command, files->count ? files->list[0] : NULL);
}

int input_open(struct input *input, const struct command *command, int *argc, char **argv)
{
    if (input->blocks.pipe)
        return input_open_blocks(input, command, *argc, argv);
    if (blocks_open(&input->blocks, command, NULL) >= 0)
        return STATUS_USAGE;
    return items_open(&input->items, command, argc, argv);
}

int input_add(struct input *input, struct drover_batch *batch)
{
    return input->blocks.pipe ? blocks_add(&input->blocks, batch) : items_add(&input->items, batch);
}

int input_wanted(struct input *input)
{
    struct items *items = &input->items;
    struct blocks *blocks = &input->blocks;

    if (blocks->pipe)
        return blocks->ended || blocks_pending(blocks) ? -1 : blocks->fd;
    return items->ended || items_pending(items) ? -1 : items->fd;
}

void input_read(struct input *input)
{
    if (input->blocks.pipe)
        blocks_read(&input->blocks);
    else
        items_read(&input->items);
}

bool input_is_done(struct input *input)
{
    return input->blocks.pipe ? blocks_are_done(&input->blocks) : items_are_done(&input->items);
}

int input_status(const struct input *input)
{
    return input->blocks.pipe ? input->blocks.status : input->items.status;
}

bool input_is_typed(const struct input *input)
{
    return input->blocks.pipe ? isatty(input->blocks.fd) : items_are_typed(&input->items);
}

void input_release(struct input *input)
{
    items_release(&input->items);
    blocks_release(&input->blocks);
}
