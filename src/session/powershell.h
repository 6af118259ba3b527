/*
 * powershell: the line for a machine whose shell is PowerShell (5.1 and later). Where files come
 * along it is a script of its own, `powershell -EncodedCommand ...`, which takes them off standard
 * input, each beside its place first, and then runs the command or the script that was sent. The
 * line of --powershell is sent in this way too, since nothing is known of the shell there.
 */
#ifndef DROVER_SESSION_POWERSHELL_H
#define DROVER_SESSION_POWERSHELL_H

#include "base/buffer.h"
#include "session/options.h"

/* Adds the line. 0, -EINVAL for words that cannot be written for it, or an error of buffer's. */
int powershell_line(struct buffer *out, const struct options *options, const char *nonce);

/* The script, as it is before it is encoded. */
int powershell_script(struct buffer *out, const struct options *options, const char *nonce);

#endif
