#include "supervisor/clients/upload.h"

#include "base/alloc.h"
#include "os/file.h"
#include "supervisor/job/stdin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UPLOAD_PREFIX "upload." /* of files that have not come whole */
#define UPLOAD_NAME   32

struct upload {
    struct request request;
    json_t *json; /* what is in it, the upload's own */
    char *raw;
    char name[UPLOAD_NAME];
    int fd;
    uint64_t size;
    struct stdin_sum sum;
    struct upload *next;
};

static void upload_refuse(const struct request *request, int error)
{
    request_refuse(request, error == -ENOSPC || error == -EDQUOT ? "full" : "internal",
                   "the input cannot be kept in %s/input: %s", request->s->home.path,
                   strerror(-error));
}

/* Frees it; what was not kept by then is deleted. */
static void upload_end(struct client *client, struct upload *upload)
{
    struct supervisor *s = client->supervisor;
    struct upload **link = &client->uploads;

    while (*link != upload)
        link = &(*link)->next;
    *link = upload->next;
    if (upload->fd >= 0)
        (void)os_close(upload->fd);
    (void)unlinkat(s->input_dir, upload->name, 0);
    json_decref(upload->json);
    free(upload->raw);
    free(upload);
}

/* A copy of the request; NULL for no memory. */
static struct upload *upload_new(const struct request *request)
{
    struct upload *upload = alloc_get_zeroed(1, sizeof *upload);
    char *raw = alloc_get(request->raw_size + 1);
    json_t *json = json_deep_copy(request->json);

    if (!upload || !raw || !json) {
        free(upload);
        free(raw);
        json_decref(json);
        return NULL;
    }
    memcpy(raw, request->raw, request->raw_size);
    *upload = (struct upload){.request = *request, .json = json, .raw = raw};
    upload->request.json = json;
    upload->request.raw = raw;
    return upload;
}

void upload_begin(const struct request *request)
{
    struct supervisor *s = request->s;
    struct upload *upload = upload_new(request);

    if (!upload) {
        upload_refuse(request, -ENOMEM);
        return;
    }
    upload->next = request->client->uploads;
    request->client->uploads = upload;
    (void)snprintf(upload->name, sizeof upload->name, UPLOAD_PREFIX "%llu",
                   (unsigned long long)++s->server->uploads);
    upload->fd =
        os_openat(s->input_dir, upload->name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
    if (upload->fd < 0) {
        upload_refuse(request, upload->fd);
        upload_end(request->client, upload);
    }
}

static struct upload *upload_on(const struct client *client, uint32_t tag)
{
    struct upload *upload = client->uploads;

    while (upload && upload->request.tag != tag)
        upload = upload->next;
    return upload;
}

int upload_keep(const struct request *request, jobid key)
{
    const struct upload *upload = upload_on(request->client, request->tag);

    return stdin_keep(request->s, key, request->input, upload->size, &upload->sum);
}

bool upload_has(const struct client *client, uint32_t tag)
{
    return upload_on(client, tag) != NULL;
}

void upload_cancel(struct client *client, uint32_t tag, const char *why)
{
    struct upload *upload = upload_on(client, tag);

    request_refuse(&upload->request, "usage", "%s: %s", upload->request.op->name, why);
    upload_end(client, upload);
}

/* Zeros become a hole. */
static int upload_write(struct upload *upload, const char *piece, size_t size)
{
    bool hole = !piece[0] && memcmp(piece, piece + 1, size - 1) == 0;
    int r = hole ? 0 : os_pwrite_all(upload->fd, piece, size, upload->size);

    stdin_sum_add(&upload->sum, piece, size);
    upload->size += size;
    return r;
}

void upload_take(struct client *client, const struct frame *frame)
{
    struct upload *upload = upload_on(client, frame->tag);
    int r;

    if (!upload) {
        request_stray(client, frame, "INPUT");
        return;
    }
    if (frame->raw_size == 0 && os_truncate(upload->fd, upload->size) < 0) {
        upload_refuse(&upload->request, -errno);
        upload_end(client, upload);
        return;
    }
    if (frame->raw_size == 0) {
        upload->request.input = upload->name;
        upload->request.serve(&upload->request);
        upload_end(client, upload);
        return;
    }
    r = upload_write(upload, frame->raw, frame->raw_size);
    if (r < 0) {
        upload_refuse(&upload->request, r);
        upload_end(client, upload);
    }
}

static void uploads_drop(struct client *client)
{
    while (client->uploads)
        upload_end(client, client->uploads);
}

void uploads_init(struct supervisor *s)
{
    static const struct client_observer observer = {.gone = uploads_drop};

    server_observe(s, &observer);
}

static void uploads_delete(const struct supervisor *s)
{
    int fd = os_openat(s->input_dir, ".", O_RDONLY | O_DIRECTORY, 0);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;

    if (!dir && fd >= 0)
        (void)os_close(fd);
    while (dir && (entry = readdir(dir)))
        if (strncmp(entry->d_name, UPLOAD_PREFIX, strlen(UPLOAD_PREFIX)) == 0)
            (void)unlinkat(s->input_dir, entry->d_name, 0);
    if (dir)
        (void)closedir(dir);
}

void uploads_clean(const struct supervisor *s)
{
    uploads_delete(s);
    stdins_clean(s);
}
