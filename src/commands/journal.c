#include "base/clock.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/inspect/record.h"
#include "os/file.h"
#include "ui/options.h"
#include "ui/report.h"
#include "view/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct journal {
    /* as given */
    bool json, output;
    /* made of it */
    struct json_list array;
    struct scan scan;
    const char *file;
    uint64_t job; /* of a spill file, as its name tells; 0: it does not */
    uint32_t attempt;
    bool damaged;
};

#define MEMBER(member) offsetof(struct journal, member)

static const struct option journal_options[] = {
    {0, OPTION_FLAG, "output", MEMBER(output), NULL, "what jobs printed, too"},
    {0, OPTION_FLAG, "json", MEMBER(json), NULL, "an array of objects, one a line"},
    {0},
};

static void journal_read_name(struct journal *j)
{
    const char *base = strrchr(j->file, '/');
    char *end;

    base = base ? base + 1 : j->file;
    j->job = strtoull(base, &end, 16);
    if (*end == '.')
        j->attempt = (uint32_t)strtoul(end + 1, &end, 10);
    if (!j->attempt || *end)
        j->job = j->attempt = 0;
}

/* What is shown of a record: new. */
static json_t *journal_object(const struct journal *j, const struct scan_piece *piece)
{
    const struct record *record = &piece->record;
    const char *kind = j->scan.spill ? "OUTPUT" : record_type_name(record->type);
    bool cut = piece->kind == SCAN_CUT;
    uint64_t job = j->scan.spill ? j->job : record->job;
    uint32_t attempt = j->scan.spill ? j->attempt : record->attempt;
    char id[RECORD_ID], number[RECORD_ID];

    record_id(job, id);
    (void)snprintf(number, sizeof number, "%d", record->type);
    return json_pack(
        "{sosIsssososo}", "time", json_time(j->scan.spill ? piece->output.wall : record->wall),
        "offset", (json_int_t)piece->offset, "kind",
        cut    ? "CUT"
        : kind ? kind
               : number,
        "job", job ? json_string(id) : json_null(), "attempt",
        attempt ? json_integer(attempt) : json_null(), "fields",
        cut ? json_pack("{sI}", "size", (json_int_t)piece->size) : record_fields(piece, j->output));
}

static const char *journal_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "-";
}

static void journal_line(json_t *object)
{
    struct buffer line = BUFFER_INIT;

    if (buffer_printf(&line, "%-27s %8" PRId64 " %-15s %-8s %2" PRId64 "  ",
                      journal_text(object, "time"),
                      (int64_t)json_integer_value(json_object_get(object, "offset")),
                      journal_text(object, "kind"), journal_text(object, "job"),
                      (int64_t)json_integer_value(json_object_get(object, "attempt"))) < 0 ||
        record_add_fields(&line, json_object_get(object, "fields")) < 0)
        words_no_memory();
    while (line.size && line.data[line.size - 1] == ' ')
        line.size--;
    (void)fwrite(line.data, 1, line.size, stdout);
    (void)putchar('\n');
    buffer_release(&line);
    json_decref(object);
}

static void journal_piece(struct journal *j, const struct scan_piece *piece)
{
    json_t *object;

    if (piece->kind == SCAN_BAD || piece->kind == SCAN_TORN) {
        report("%s: %" PRIu64 " bytes at byte %" PRIu64 ": %s", j->file, piece->size, piece->offset,
               piece->kind == SCAN_BAD
                   ? "damaged: they are no record, and what stood there is lost"
                   : "torn: they are no whole record, and behind them is nothing");
        j->damaged = true;
        return;
    }
    if (piece->kind == SCAN_RECORD && !piece->output_good && piece->record.type == RECORD_OUTPUT) {
        report("%s: the output in the record at byte %" PRIu64 ": damaged", j->file, piece->offset);
        j->damaged = true;
    }
    object = journal_object(j, piece);
    if (j->json)
        (void)json_list_add(&j->array, object);
    else
        journal_line(object);
}

static int journal_failed(const struct journal *j, int error)
{
    report("%s: %s", j->file,
           error == -EBADMSG ? "is no segment of the journal (its header is none) and no spill file"
                             : strerror(-error));
    return error == -EBADMSG ? STATUS_JOB_FAILED : STATUS_UNAVAILABLE;
}

static int journal_file(struct journal *j, const char *file)
{
    struct scan_piece piece;
    int fd = os_open_regular(AT_FDCWD, file, 0), r;

    j->file = file;
    journal_read_name(j);
    j->scan = (struct scan)SCAN_INIT;
    r = fd < 0 ? fd : scan_open(&j->scan, fd);
    while (r >= 0 && (r = scan_next(&j->scan, &piece)) > 0)
        journal_piece(j, &piece);
    scan_release(&j->scan);
    return r < 0 ? journal_failed(j, r) : STATUS_FINE;
}

static int journal_run(const struct command *self, int argc, char **argv)
{
    struct journal j = {0};
    int status = options_parse(self, &argc, argv, &j), r;

    if (status < 0 && argc == 0)
        status = report_usage(self, "takes the names of files");
    if (status >= 0)
        return status;
    status = STATUS_FINE;
    if (j.json)
        json_list_begin();
    for (int i = 0; i < argc; i++) {
        r = journal_file(&j, argv[i]);
        status = r > status ? r : status;
    }
    if (j.json)
        json_list_end(&j.array);
    if (j.damaged && status == STATUS_FINE)
        status = STATUS_JOB_FAILED;
    r = report_output();
    return status == STATUS_FINE ? r : status;
}

const struct command journal_command = {
    .name = "journal",
    .usage = "[--output] [--json] FILE...",
    .summary = "Prints what is in files of the journal, and checks them.",
    .options = journal_options,
    .run = journal_run,
    .notes =
        "FILE is a segment (in HOME/journal, or one that was put aside in HOME/damaged) or a "
        "spill\n"
        "file (in HOME/spill). A line for each record: when, at which byte, what, of which job\n"
        "and attempt, and what it says. No supervisor is needed, and nothing is changed.\n"
        "Exit status 1: something in it is damaged, or torn at its end; it is told where. A file\n"
        "that is just being written may look torn for a moment.\n"
        "docs/journal.md in the source has what each record means.",
};
