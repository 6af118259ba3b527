#include "commands/machines/serial.h"
#include "base/parse.h"
#include "ui/report.h"

#include <stdlib.h>
#include <string.h>

/* `12` or `30%` of `count`, rounded down. 0 or -1. */
static int serial_number(const char *text, size_t count, uint64_t *number)
{
    uint64_t percent;

    if (parse_number(text, number) == 0)
        return *number <= UINT32_MAX ? 0 : -1;
    if (parse_percent(text, &percent) < 0 || percent > 100)
        return -1;
    *number = count * percent / 100;
    return 0;
}

static int serial_add_wave(struct serial *serial, const char *text, size_t size, size_t count)
{
    char *word = strndup(text, size);
    uint64_t number = 0;
    int r = word ? serial_number(word, count, &number) : -1;

    if (word && strcmp(word, "0") == 0)
        r = -1;
    if (number == 0)
        number = 1; /* a small share of few */
    if (r == 0 && buffer_printf(&serial->waves, serial->waves.size ? ",%llu" : "%llu",
                                (unsigned long long)number) < 0)
        words_no_memory();
    free(word);
    return r;
}

static int serial_check_waves(struct serial *serial, const struct command *command, size_t count)
{
    const char *text = serial->sizes;

    for (size_t size; text; text = text[size] ? text + size + 1 : NULL) {
        size = strcspn(text, ",");
        if (serial_add_wave(serial, text, size, count) < 0)
            return report_usage(command,
                                "--serial: %s: is no list of numbers and shares above 0, "
                                "such as 1,10%%,100%%",
                                serial->sizes);
    }
    if (serial->sizes && buffer_add_byte(&serial->waves, '\0') < 0)
        words_no_memory();
    return -1;
}

static int serial_check_failures(const struct serial *serial, const struct command *command,
                                 size_t count, struct drover_halt *halt)
{
    uint64_t most;

    if (!serial->max_fail)
        return -1;
    if (halt->when)
        return report_usage(command, "--max-fail and --halt exclude each other");
    if (serial_number(serial->max_fail, count, &most) < 0 || most == UINT32_MAX)
        return report_usage(command, "--max-fail: %s: is neither a number nor a share such as 10%%",
                            serial->max_fail);
    *halt = (struct drover_halt){
        .when = DROVER_HALT_SOON, .on = DROVER_HALT_FAIL, .count = (uint32_t)most + 1};
    return -1;
}

int serial_check(struct serial *serial, const struct command *command, size_t count,
                 struct drover_batch_options *options)
{
    int status = serial_check_waves(serial, command, count);

    if (status < 0 && serial->pause && !serial->sizes)
        status = report_usage(command, "--pause: is for --serial");
    if (status < 0)
        status = serial_check_failures(serial, command, count, &options->halt);
    options->serial = serial->waves.data;
    options->pause = serial->pause;
    return status;
}

void serial_release(struct serial *serial)
{
    buffer_release(&serial->waves);
}
