#include "session/powershell.h"
#include "base/shell_quote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Drover-Put takes SIZE bytes off standard input and gives the path where they are. */
static const char powershell_put[] =
    "$ErrorActionPreference = 'Stop'\n"
    "$in = [Console]::OpenStandardInput()\n"
    "function Drover-Put([long]$size, [string]$name, [string]$to) {\n"
    "  if ($to -match '[\\\\/]$' -or (Test-Path -LiteralPath $to -PathType Container)) {\n"
    "    $to = Join-Path $to $name\n"
    "  }\n"
    "  $to = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($to)\n"
    "  $dir = Split-Path -Parent $to\n"
    "  [void][IO.Directory]::CreateDirectory($dir)\n"
    "  $temp = Join-Path $dir $aside\n"
    "  $out = [IO.File]::Create($temp)\n"
    "  try {\n"
    "    $bytes = New-Object byte[] 65536\n"
    "    while ($size -gt 0) {\n"
    "      $n = $in.Read($bytes, 0, [int][Math]::Min($size, [long]$bytes.Length))\n"
    "      if ($n -le 0) { throw \"put: $to did not arrive\" }\n"
    "      $out.Write($bytes, 0, $n)\n"
    "      $size -= $n\n"
    "    }\n"
    "    $out.Close()\n"
    "    Move-Item -Force -LiteralPath $temp -Destination $to\n"
    "  } catch {\n"
    "    $out.Close()\n"
    "    Remove-Item -Force -LiteralPath $temp -ErrorAction SilentlyContinue\n"
    "    throw\n"
    "  }\n"
    "  $to\n"
    "}\n";

/* `size` bytes as a string of PowerShell. */
static int powershell_add_string(struct buffer *out, const char *text, size_t size)
{
    struct buffer word = BUFFER_INIT;
    char *copy = strndup(text, size);
    const char *words[] = {copy, NULL};
    int r = copy ? shell_quote_powershell(&word, words) : -ENOMEM;

    free(copy);
    if (r == 0) /* without the operator that calls it */
        r = buffer_add(out, word.data + 2, word.size - 2);
    buffer_release(&word);
    return r;
}

/* The next field of a value, which a slash ends; the last has all that is left. */
static const char *powershell_field(const char **value, bool last, size_t *size)
{
    const char *field = *value;

    *size = last ? strlen(field) : strcspn(field, "/");
    *value += *size + !last;
    return field;
}

/* SIZE/MODE/SUM/NAME/TO. */
static int powershell_add_put(struct buffer *out, const char *value)
{
    const char *fields[5];
    size_t sizes[5];
    int r;

    for (int i = 0; i < 5; i++)
        fields[i] = powershell_field(&value, i == 4, &sizes[i]);
    r = buffer_printf(out, "[void](Drover-Put %.*s ", (int)sizes[0], fields[0]);
    if (r == 0)
        r = powershell_add_string(out, fields[3], sizes[3]);
    if (r == 0)
        r = buffer_add_byte(out, ' ');
    if (r == 0)
        r = powershell_add_string(out, fields[4], sizes[4]);
    return r == 0 ? buffer_add_text(out, ")\n") : r;
}

/* SIZE/SUM/NAME: into a directory of its own. */
static int powershell_add_script(struct buffer *out, const char *value, const char *nonce)
{
    const char *fields[3];
    size_t sizes[3];
    int r;

    for (int i = 0; i < 3; i++)
        fields[i] = powershell_field(&value, i == 2, &sizes[i]);
    r = buffer_printf(out,
                      "$folder = Join-Path ([IO.Path]::GetTempPath()) 'drover-%s'\n"
                      "$script = Drover-Put %.*s ",
                      nonce, (int)sizes[0], fields[0]);
    if (r == 0)
        r = powershell_add_string(out, fields[2], sizes[2]);
    return r == 0 ? buffer_add_text(out, " ($folder + '\\')\n") : r;
}

/* A script's parameter stays one: `-Name` is not quoted. */
static bool powershell_is_parameter(const char *word)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    return word[0] == '-' && word[1] && word[1 + strspn(word + 1, letters)] == '\0';
}

static int powershell_add_command(struct buffer *out, const struct options *o)
{
    int r = 0;

    if (o->shell_line)
        return buffer_add_text(out, o->words[0]);
    if (!o->script)
        return shell_quote_powershell(out, o->words);
    r = buffer_add_text(out, "& $script");
    for (const char *const *word = o->words; *word && r == 0; word++) {
        r = buffer_add_byte(out, ' ');
        if (r == 0)
            r = powershell_is_parameter(*word) ? buffer_add_text(out, *word)
                                               : powershell_add_string(out, *word, strlen(*word));
    }
    return r;
}

int powershell_script(struct buffer *out, const struct options *o, const char *nonce)
{
    int r = buffer_printf(out, "$aside = '.drover-%s'\n%s", nonce, powershell_put);

    if (r == 0 && o->script)
        r = powershell_add_script(out, o->script, nonce);
    for (size_t i = 0; i < o->puts.count && r == 0; i += 2)
        r = powershell_add_put(out, o->puts.texts[i + 1]);
    if (r == 0)
        r = buffer_add_text(out, "$ErrorActionPreference = 'Continue'\n"
                                 "$global:LASTEXITCODE = 0\n"
                                 "try {\n");
    if (r == 0)
        r = powershell_add_command(out, o);
    return r == 0 ? buffer_add_text(out, "\n} finally {\n"
                                         "  if ($folder) {\n"
                                         "    Remove-Item -Recurse -Force -LiteralPath $folder\n"
                                         "  }\n"
                                         "}\n"
                                         "exit $LASTEXITCODE\n")
                  : r;
}

/* A line that cmd reads as well. */
static int powershell_add_encoded(struct buffer *out, const char *script)
{
    int r = buffer_add_text(out, "powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass "
                                 "-EncodedCommand ");

    return r == 0 ? shell_quote_encoded(out, script) : r;
}

int powershell_line(struct buffer *out, const struct options *o, const char *nonce)
{
    struct buffer script = BUFFER_INIT;
    int r;

    if (o->powershell)
        return powershell_add_encoded(out, o->powershell);
    if (!o->script && !o->puts.count)
        return powershell_add_command(out, o);
    r = powershell_script(&script, o, nonce);
    if (r == 0)
        r = buffer_add_byte(&script, '\0');
    if (r == 0)
        r = powershell_add_encoded(out, script.data);
    buffer_release(&script);
    return r;
}
