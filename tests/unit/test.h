/*
 * test: cmocka with the headers it needs in front of it. TEST_FILTER in the environment is the name
 * of the one test to be run, else all are.
 */
#ifndef DROVER_TESTS_TEST_H
#define DROVER_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

__attribute__((constructor)) static void test_filter(void)
{
    const char *name = getenv("TEST_FILTER");

    if (name)
        cmocka_set_test_filter(name);
}

#endif
