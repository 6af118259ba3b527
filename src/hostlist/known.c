#include "hostlist/known.h"
#include "base/vector.h"
#include "hostlist/index.h"

#include <errno.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <stdlib.h>
#include <string.h>

#define KNOWN_BASE64 ((size_t)28) /* letters of a salt or hash */

/* A host as its line names it, and what has been found for it. */
struct known_host {
    char name[HOST_MAX + 2];
    size_t size;
    bool found;
};

/* ---- reading ---- */

/* How much of the line is its list of names, 0 where it is for all hosts. */
static size_t known_names(const char *text, size_t size)
{
    size_t names = 0;

    if (*text == '@')
        return 0;
    for (; names < size && text[names] != ' ' && text[names] != '\t'; names++)
        if (strchr("*?!", text[names]))
            return 0;
    return names;
}

static int known_add(struct known *known, const struct lines *file)
{
    if (VECTOR_RESERVE(known->lines, known->count, known->room) < 0)
        return -ENOMEM;
    known->lines[known->count++] =
        (struct known_line){file->line, file->size, known_names(file->line, file->size)};
    return 0;
}

int known_read(struct known *known, const char *path, struct error *err)
{
    struct lines *file = &known->files[known->file_count];
    int r;

    if (known->file_count == KNOWN_FILES)
        return error_set(err, -EMFILE, "%s: more than %d files of known hosts", path, KNOWN_FILES);
    r = lines_open(file, path, err);
    if (r < 0) {
        lines_release(file);
        return r == -ENOENT ? 0 : r;
    }
    known->file_count++;
    while (r == 0 && lines_next(file))
        r = known_add(known, file);
    return r == 0 ? 0 : error_system(err, r, "%s", path);
}

void known_release(struct known *known)
{
    for (size_t i = 0; i < known->file_count; i++)
        lines_release(&known->files[i]);
    free(known->lines);
    *known = (struct known){0};
}

/* ---- names ---- */

/* As ssh looks it up: in small letters, and with its port where that is not 22. */
static void known_name(struct known_host *known, const struct host *host)
{
    bool plain = !host->port || strcmp(host->port, "22") == 0;
    struct buffer name = BUFFER_INIT;

    known->size = 0;
    if (buffer_printf(&name, plain ? "%s" : "[%s]:%s", host->address, host->port) == 0 &&
        name.size <= sizeof known->name) {
        for (size_t i = 0; i < name.size; i++)
            known->name[i] = name.data[i] >= 'A' && name.data[i] <= 'Z'
                                 ? (char)(name.data[i] + ('a' - 'A'))
                                 : name.data[i];
        known->size = name.size;
    }
    buffer_release(&name);
}

/* Decodes `size` letters to a SHA-1's bytes. */
static bool known_decode(const char *text, size_t size, uint8_t digest[SHA1_DIGEST_SIZE])
{
    uint8_t bytes[BASE64_DECODE_LENGTH(KNOWN_BASE64)];
    struct base64_decode_ctx context;
    size_t n = sizeof bytes;

    base64_decode_init(&context);
    if (size != KNOWN_BASE64 || !base64_decode_update(&context, &n, bytes, size, text) ||
        n != SHA1_DIGEST_SIZE)
        return false;
    memcpy(digest, bytes, SHA1_DIGEST_SIZE);
    return true;
}

/* ---- which lines ---- */

/* `|1|SALT|HASH`. False where it is no such name. */
static bool known_is_hashed(const struct known_line *line, struct hmac_sha1_ctx *context,
                            uint8_t hash[SHA1_DIGEST_SIZE])
{
    const char *salt = line->text + 3, *bar;
    uint8_t key[SHA1_DIGEST_SIZE];

    if (line->names < 4 || strncmp(line->text, "|1|", 3) != 0)
        return false;
    bar = memchr(salt, '|', line->names - 3);
    if (!bar || !known_decode(salt, (size_t)(bar - salt), key) ||
        !known_decode(bar + 1, line->names - (size_t)(bar + 1 - line->text), hash))
        return false;
    hmac_sha1_set_key(context, sizeof key, key);
    return true;
}

static int known_give(const struct known_line *line, struct buffer *out)
{
    int r = buffer_add(out, line->text, line->size);

    return r == 0 ? buffer_add_byte(out, '\n') : r;
}

static int known_give_hashed(const struct known_line *line, struct hmac_sha1_ctx *context,
                             const uint8_t hash[SHA1_DIGEST_SIZE], struct known_host *hosts,
                             size_t count, struct buffer *out)
{
    uint8_t digest[SHA1_DIGEST_SIZE];
    int r = 0;

    for (size_t i = 0; i < count && r == 0; i++) {
        hmac_sha1_update(context, hosts[i].size, (const uint8_t *)hosts[i].name);
        hmac_sha1_digest(context, sizeof digest, digest); /* and is ready for the next */
        if (memcmp(digest, hash, sizeof digest) == 0) {
            hosts[i].found = true;
            r = known_give(line, &out[i]);
        }
    }
    return r;
}

static int known_give_plain(const struct known_line *line, const struct index *names,
                            const uint32_t *first, struct known_host *hosts, struct buffer *out)
{
    const char *at = line->text, *end = at + line->names;
    uint32_t number;
    int r = 0;

    for (size_t size; at < end && r == 0; at += size + 1) {
        const char *comma = memchr(at, ',', (size_t)(end - at));

        size = comma ? (size_t)(comma - at) : (size_t)(end - at);
        if (!index_find(names, at, size, &number))
            continue;
        hosts[first[number]].found = true;
        r = known_give(line, &out[first[number]]);
    }
    return r;
}

static int known_give_all(const struct known *known, struct known_host *hosts, size_t count,
                          struct buffer *out)
{
    int r = 0;

    for (size_t i = 0; i < known->count && r == 0; i++)
        for (size_t h = 0; h < count && r == 0 && !known->lines[i].names; h++)
            if (hosts[h].found)
                r = known_give(&known->lines[i], &out[h]);
    return r;
}

/* Numbers the names; two hosts with the same one (by two users) get none of its lines but the
 * first: the other is left to the whole files. */
static int known_index(struct index *names, uint32_t *first, struct known_host *hosts,
                       const struct host *list, size_t count)
{
    uint32_t number;
    int r = 0;

    for (size_t i = 0; i < count && r >= 0; i++) {
        known_name(&hosts[i], &list[i]);
        r = index_add(names, hosts[i].name, hosts[i].size, &number);
        if (r == 1)
            first[number] = (uint32_t)i;
    }
    return r < 0 ? r : 0;
}

int known_select(const struct known *known, const struct host *hosts, size_t count,
                 struct buffer *out)
{
    struct known_host *list = calloc(count + 1, sizeof *list);
    uint32_t *first = calloc(count + 1, sizeof *first);
    struct index names = {0};
    struct hmac_sha1_ctx context;
    uint8_t hash[SHA1_DIGEST_SIZE];
    int r = list && first ? known_index(&names, first, list, hosts, count) : -ENOMEM;

    for (size_t i = 0; i < known->count && r == 0; i++) {
        const struct known_line *line = &known->lines[i];

        if (known_is_hashed(line, &context, hash))
            r = known_give_hashed(line, &context, hash, list, count, out);
        else if (line->names)
            r = known_give_plain(line, &names, first, list, out);
    }
    if (r == 0)
        r = known_give_all(known, list, count, out);
    index_release(&names);
    free(first);
    free(list);
    return r < 0 ? -ENOMEM : 0;
}
