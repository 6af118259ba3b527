/*
 * template: the words of a command in which replacement strings stand for an item, as GNU
 * parallel defines them.
 *
 *     {}   the item               {#}   its number, from 1
 *     {.}  without extension      {%}   the slot it runs in
 *     {/}  its last part          {N}   its Nth field; {-N} counts from the last
 *     {//} the directory          {N.}  {N/} {N//} {N/.} and with -N: the same of that field
 *     {/.} its last part, without extension
 *
 * Anything else in braces is left as it is, and so is what an item holds. An item has one or
 * more fields, separated by zero bytes; {} {.} {/} {//} and {/.} are made of every field, with
 * a space between them. A field that there is not is empty. Calls that add return 0, or -ENOMEM
 * or -EMSGSIZE from the buffer.
 */
#ifndef DROVER_BASE_TEMPLATE_H
#define DROVER_BASE_TEMPLATE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct template_values {
    const char *item; /* NULL: it has no fields at all */
    size_t size;
    uint32_t number; /* {#} */
    uint32_t slot;   /* {%}; 0: not known, it stays as it is */
};

struct template
{
    const char *argv; /* words that each end in NUL */
    size_t size;
    bool script; /* the third word is a shell script */
};

/* Adds the text with its replacement strings replaced, each field quoted for a shell with
 * `quote`. *replaced is set where there was one. */
int template_expand(struct buffer *out, const char *text, const struct template_values *values,
                    bool quote, bool *replaced);

/* The place of the first replacement string for an item, or a field of one, that stands where no
 * quoting makes it data, in words ("in backquotes"); NULL: there is none. In a script that is not
 * for a POSIX shell that is everywhere. */
const char *template_misplaced(const char *script, bool posix);

/* Adds the item's fields with a space between them: what people see of it. */
int template_add_item(struct buffer *out, const struct template_values *values);

/*
 * Adds the words to execute, each with its NUL; *argc of them. Without values they are the
 * template's own. A word that is nothing but {} (or {.} {/} {//} {/.}) becomes a word for each
 * field; where no replacement string is in any word, the fields are appended, a word each. In a
 * script what is replaced is quoted for the shell, also within quotes of the script's own.
 */
int template_words(struct buffer *words, const struct template *template,
                   const struct template_values *values, size_t *argc);

/* Adds the command as one line for people: words quoted for a shell, or the script. */
int template_command(struct buffer *line, const struct template *template,
                     const struct template_values *values);

#endif
