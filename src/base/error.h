/*
 * error: what went wrong, in words, on its way to the person who can mend it.
 *
 * Calls that can fail in ways a user must understand take a `struct error *err` as their
 * last argument and return 0 or a negative errno. On failure, and only then, err holds
 *
 *     what: why
 *
 * which a program prints after its own name. `code` is the negative errno that was
 * returned. A NULL err is allowed where the caller only wants the number. Nothing is
 * allocated; text longer than the array is cut.
 */
#ifndef DROVER_BASE_ERROR_H
#define DROVER_BASE_ERROR_H

struct error {
    int code;
    char text[1000];
};

/* Sets err to a formatted text and returns code, so that it can be returned directly. */
int error_set(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, with ": " and the system's words for -code behind the text. */
int error_system(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
