#include "hostlist/lines.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LINES_LIMIT ((size_t)64 << 20)
#define LINES_READ  ((size_t)64 << 10)

/* A mark that some editors put in front of UTF-8. */
#define LINES_MARK "\xef\xbb\xbf"

static int lines_read(struct buffer *text, int fd)
{
    ssize_t n = 1;

    while (n > 0)
        n = buffer_read(text, fd, LINES_READ);
    return (int)n;
}

int lines_open(struct lines *lines, const char *file, struct error *err)
{
    bool input = strcmp(file, "-") == 0;
    int fd = input ? STDIN_FILENO : os_open(file, O_RDONLY, 0), r;

    *lines = (struct lines){.file = input ? "standard input" : file};
    buffer_init(&lines->text, LINES_LIMIT);
    r = fd < 0 ? fd : lines_read(&lines->text, fd);
    if (fd >= 0 && !input)
        (void)os_close(fd);
    if (r == -EMSGSIZE)
        return error_set(err, r, "%s: is larger than 64 MiB", lines->file);
    if (r < 0)
        return error_system(err, r, "%s", lines->file);
    if (lines->text.size >= strlen(LINES_MARK) &&
        memcmp(lines->text.data, LINES_MARK, strlen(LINES_MARK)) == 0)
        lines->at = strlen(LINES_MARK);
    return 0;
}

static bool lines_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the comment and the blanks off. */
static void lines_trim(struct lines *lines)
{
    const char *comment = memchr(lines->line, '#', lines->size);

    if (comment)
        lines->size = (size_t)(comment - lines->line);
    while (lines->size && lines_blank(*lines->line)) {
        lines->line++;
        lines->size--;
    }
    while (lines->size && lines_blank(lines->line[lines->size - 1]))
        lines->size--;
}

bool lines_next(struct lines *lines)
{
    const char *end;
    size_t left;

    while (lines->at < lines->text.size) {
        left = lines->text.size - lines->at;
        lines->line = lines->text.data + lines->at;
        end = memchr(lines->line, '\n', left);
        lines->size = end ? (size_t)(end - lines->line) : left;
        lines->at += lines->size + (end ? 1 : 0);
        lines->number++;
        lines_trim(lines);
        if (lines->size)
            return true;
    }
    return false;
}

void lines_blame(const struct lines *lines, size_t number, struct error *err)
{
    struct error inner;

    if (!err)
        return;
    inner = *err;
    (void)error_set(err, inner.code, "%s:%zu: %s", lines->file, number, inner.text);
}

void lines_release(struct lines *lines)
{
    buffer_release(&lines->text);
}
