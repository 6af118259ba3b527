/*
 * test: cmocka with the headers it needs in front of it.
 */
#ifndef DROVER_TESTS_TEST_H
#define DROVER_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

#endif
