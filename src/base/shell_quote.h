/*
 * shell_quote: words for the shell of another machine, so that they arrive just as they are.
 *
 * ssh sends one string, which the shell of the user there takes apart. Each call adds a line that
 * this shell makes the same words of, the first being the command; or returns -EINVAL for words
 * that cannot be written for it (an argv that is empty too), or an error of buffer's. `out` is then
 * of no use.
 *
 * sh (POSIX.1, Shell Command Language, 2.2): a word of letters, digits and `%+,-./:@_` stays as it
 * is, others stand between single quotes, in which nothing is special but `'`. Quotes and
 * backslashes are written outside of them as `\'` and `\\`, since fish reads a backslash in single
 * quotes. A command that is a keyword is quoted. csh is not served.
 *
 * PowerShell (about_Quoting_Rules): `& 'command' 'word' ...`: `&` calls what a string names, and in
 * single quotes only a quote is special, which is doubled; the typographic quotes U+2018 to U+201B
 * count as quotes. How PowerShell hands a word with `"` to a native program is its own affair:
 * before 7.3 it drops them. shell_quote_encoded gives what `powershell -EncodedCommand` takes: a
 * script, as base64 of UTF-16LE.
 *
 * cmd: the program splits its own line, by the rules of CommandLineToArgvW and the C runtime: words
 * are separated by blanks and tabs outside of `"`; 2n backslashes before a `"` are n backslashes
 * and the quote is special, 2n + 1 are n backslashes and a `"`; other backslashes are themselves.
 * Before it, cmd reads the line: each of its own characters `()%!^"<>&|` gets a `^` in front, the
 * quotes as well, so that it never thinks itself in quotes and `%NAME^%` is the name of no
 * variable. The command is only put in quotes, as cmd must find its end: `"`, `%` and `!` cannot be
 * in it. No word can hold a line's end. A batch file splits its words by other rules, and they are
 * read twice: for those this is not enough.
 */
#ifndef DROVER_BASE_SHELL_QUOTE_H
#define DROVER_BASE_SHELL_QUOTE_H

#include "base/buffer.h"

int shell_quote_sh(struct buffer *out, const char *const *argv);
int shell_quote_powershell(struct buffer *out, const char *const *argv);
int shell_quote_cmd(struct buffer *out, const char *const *argv);

/* -EINVAL where the script is no UTF-8. */
int shell_quote_encoded(struct buffer *out, const char *script);

#endif
