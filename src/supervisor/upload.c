#include "supervisor/upload.h"

#include "os/file.h"
#include "supervisor/batch.h"
#include "supervisor/life.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *upload_path(const struct supervisor *s, jobid key)
{
    char name[SPEC_INPUT_NAME], *path;

    spec_input_name(key, name);
    return asprintf(&path, "%s/input/%s", s->home.path, name) < 0 ? NULL : path;
}

int upload_open(const struct supervisor *s, jobid key)
{
    char name[SPEC_INPUT_NAME];

    spec_input_name(key, name);
    return os_openat(s->input_dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
}

int upload_begin(struct client *client, uint32_t tag, jobid key)
{
    struct upload *upload = calloc(1, sizeof *upload);

    if (!upload)
        return -ENOMEM;
    *upload = (struct upload){.tag = tag, .key = key, .next = client->uploads};
    upload->fd = upload_open(client->supervisor, key);
    if (upload->fd < 0) {
        int r = upload->fd;

        free(upload);
        return r;
    }
    client->uploads = upload;
    return 0;
}

static void upload_answer(struct client *client, const struct upload *upload)
{
    char id[JOBID_TEXT];

    jobid_format(upload->key, id);
    client_send(client, FRAME_REPLY, upload->tag, json_pack("{sssb}", "id", id, "existed", 0), NULL,
                0);
}

void upload_fail_batch(struct client *client, uint32_t tag, struct batch *batch, const char *why)
{
    batch->feeder = NULL;
    batch->gave_up = true;
    batch_trouble(batch, why);
    batch_end_input(client->supervisor, batch, INPUT_CUT);
    if (!client->closing)
        client_refuse(client, tag, "full", "batch %u: %s", jobid_top(batch->job->key), why);
}

/* Ends an upload; `why` NULL: it is whole and the job may start. */
static void upload_end(struct client *client, struct upload *upload, const char *why)
{
    struct supervisor *s = client->supervisor;
    struct job *job = jobs_get(&s->jobs, upload->key);
    struct upload **link = &client->uploads;

    if (job && why && job->batch)
        upload_fail_batch(client, upload->tag, job->batch, why);
    else if (job && why)
        life_fail(s, job, -1, why);
    else if (job) {
        job->not_before = 0;
        life_release(s, job);
    }
    if (!client->closing && !(why && job && job->batch))
        upload_answer(client, upload);
    jobs_put(job);
    supervisor_commit_soon(s);
    (void)os_close(upload->fd);
    while (*link != upload)
        link = &(*link)->next;
    *link = upload->next;
    free(upload);
}

void upload_take(struct client *client, const struct frame *frame)
{
    struct upload *upload = client->uploads;
    int r;

    while (upload && upload->tag != frame->tag)
        upload = upload->next;
    if (!upload)
        return;
    if (frame->raw_size == 0) {
        upload_end(client, upload, NULL);
        return;
    }
    r = os_write_all(upload->fd, frame->raw, frame->raw_size);
    if (r < 0) {
        char why[200];

        (void)snprintf(why, sizeof why, "its input could not be kept: %s", strerror(-r));
        upload_end(client, upload, why);
    }
}

void uploads_drop(struct client *client)
{
    while (client->uploads)
        upload_end(client, client->uploads,
                   "its input was cut off: the command that sent it has gone");
}

void upload_delete(const struct supervisor *s, jobid key)
{
    char name[SPEC_INPUT_NAME];

    spec_input_name(key, name);
    (void)unlinkat(s->input_dir, name, 0);
}
