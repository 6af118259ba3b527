/*
 * throttle_file: a file whose content is the throttle of a batch, read again whenever it changes.
 *
 * It is looked at once a second, by its path, so that an editor may replace it. What is no
 * throttle in it, or a file that is gone, changes nothing.
 */
#ifndef DROVER_SUPERVISOR_BATCH_THROTTLE_FILE_H
#define DROVER_SUPERVISOR_BATCH_THROTTLE_FILE_H

#include <stdint.h>
#include <uv.h>

struct throttle_file;

/* Calls `changed` with what is in the file, before this returns and from then on. The path stays
 * the caller's, and there. NULL where it cannot. */
struct throttle_file *throttle_file_watch(uv_loop_t *loop, const char *path,
                                          void (*changed)(void *data, int64_t throttle),
                                          void *data);

/* Ends it; NULL is allowed. */
void throttle_file_unwatch(struct throttle_file *file);

#endif
