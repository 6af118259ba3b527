#include "powershell/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void line_begin(struct line *line, const struct command *command)
{
    line->command = command;
    line_add(line, command->name);
}

void line_add(struct line *line, const char *word)
{
    words_add_copy(&line->words, word, strlen(word));
}

void line_add_all(struct line *line, const struct words *words)
{
    words_add_copies(&line->words, words);
}

void line_add_option(struct line *line, const char *option, const char *value)
{
    if (!value)
        return;
    line_add(line, option);
    line_add(line, value);
}

void line_add_flag(struct line *line, const char *option, bool given)
{
    if (given)
        line_add(line, option);
}

/* A command moves the words about in its argv: it gets a list of its own. */
int line_run(const struct line *line)
{
    size_t count = line->words.count;
    char **argv = calloc(count + 1, sizeof *argv);
    int status;

    if (!argv)
        words_no_memory();
    memcpy(argv, line->words.list, count * sizeof *argv);
    status = line->command->run(line->command, (int)count, argv);
    (void)fflush(stdout); /* others write past it */
    free(argv);
    return status;
}

void line_release(struct line *line)
{
    words_free_copies(&line->words);
}

int line_run_with(const struct command *command, const struct words *words)
{
    struct line line = {0};
    int status;

    line_begin(&line, command);
    line_add_all(&line, words);
    status = line_run(&line);
    line_release(&line);
    return status;
}
