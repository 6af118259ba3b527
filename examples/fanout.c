/*
 * fanout CMD [ARG...] -- ITEM...: runs a command for each item, four at once, as a batch of
 * background jobs, and prints what each one said as soon as it has finished.
 *
 *     cc fanout.c $(pkg-config --cflags --libs libdrover) -o fanout
 *     ./fanout wc -c -- *.c
 */
#include <drover.h>

#include <stdio.h>
#include <string.h>

static int print_output(void *data, const struct drover_output *output)
{
    FILE *to = output->stream == DROVER_ERR ? stderr : stdout;

    (void)data;
    if (fwrite(output->bytes, 1, output->size, to) != output->size || fflush(to) != 0)
        return -1; /* not printed: it stays unread */
    return 0;
}

static int print_failed_child(void *data, const struct drover_child *child)
{
    (void)data;
    if (child->state != DROVER_COMPLETED)
        fprintf(stderr, "fanout: %s: %s\n", child->item ? child->item : child->job, child->reason);
    return 0;
}

/* Makes the batch, gives it all items, and receives until it is finished. */
static int fan_out(struct drover *d, char **command, char **items, struct drover_result *result)
{
    struct drover_batch_options options = {.start = {.name = "fanout"}, .throttle = 4};
    struct drover_receive_options receive = {
        .wait = true, .output = print_output, .child = print_failed_child};
    struct drover_batch *batch;
    char id[DROVER_ID];
    int error = drover_batch_create(d, command, &options, &batch);

    if (error < 0)
        return error;
    snprintf(id, sizeof id, "%s", drover_batch_id(batch));
    for (; *items && error == 0; items++)
        error = drover_batch_add(batch, *items, strlen(*items));
    if (error == 0)
        error = drover_batch_end(batch);
    drover_batch_free(batch);
    if (error == 0)
        error = drover_receive(d, id, &receive, result);
    if (error == 0)
        error = drover_remove(d, &(struct drover_jobs){(const char *[]){id}, 1, NULL, NULL}, false);
    return error;
}

int main(int argc, char **argv)
{
    struct drover_result result = {0};
    struct drover *d;
    int dashes = 1, error;

    while (dashes < argc && strcmp(argv[dashes], "--") != 0)
        dashes++;
    if (dashes < 2 || dashes >= argc) {
        fprintf(stderr, "usage: fanout CMD [ARG...] -- ITEM...\n");
        return 2;
    }
    argv[dashes] = NULL;
    error = drover_open(&d, NULL);
    if (error == 0)
        error = fan_out(d, argv + 1, argv + dashes + 1, &result);
    if (error < 0)
        fprintf(stderr, "fanout: %s\n", drover_error_text(d));
    drover_close(d);
    return error < 0 ? drover_error_status(error) : result.state != DROVER_COMPLETED;
}
