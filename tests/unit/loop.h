/*
 * loop: the end of a test's libuv loop, with whatever handles the rooms have on it.
 */
#ifndef DROVER_TESTS_LOOP_H
#define DROVER_TESTS_LOOP_H

#include "test.h"

#include <uv.h>

static inline void loop_close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static inline void loop_close(uv_loop_t *loop)
{
    uv_walk(loop, loop_close_handle, NULL);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}

#endif
