/*
 * spec: what was asked for when a job or batch was submitted. It never changes, except for the
 * throttle of a batch, which is not in it. Children share the spec of their batch; its words
 * are then a template.
 *
 * Ownership: a spec is counted: spec_ref, spec_unref. All strings are its own.
 */
#ifndef DROVER_SUPERVISOR_JOB_SPEC_H
#define DROVER_SUPERVISOR_JOB_SPEC_H

#include "base/buffer.h"
#include "base/template.h"
#include "supervisor/job/place.h"
#include "supervisor/store/store.h"
#include "wire/jobid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A row of the table, a field a column: what was asked for, each by an option of its own. */
struct spec {
    unsigned refs;
    jobid key;
    bool batch;
    char *name;
    char *argv; /* words that each end in NUL */
    size_t argv_size;
    bool script;         /* -c: the third word is a shell script */
    int64_t environment; /* id in the table of environments */
    char *cwd;
    char *queue;                     /* name, or NULL: starts at once */
    char *input;                     /* path, or NULL; one that ends in a slash: of a directory
                                        with a file for each child */
    int64_t timeout, grace, backoff; /* microseconds */
    int64_t retries;
    int64_t nice;
    int64_t max_output; /* bytes; 0: all */
    bool leave;         /* processes that it leaves are left alone */
    char *unique;
    char *on_finish;
    char *submit_key;
    const struct place *place; /* where it runs */
    char *place_words; /* words for that, each ends in NUL; the first is a program. NULL: none */
    size_t place_words_size;
    char *place_directory; /* path of what the place keeps of it, or NULL */
    char *location;        /* of the batch, for people; NULL: this machine */
};

#define SPEC_GRACE   (10 * INT64_C(1000000))
#define SPEC_BACKOFF INT64_C(1000000)

struct spec *spec_new(void);
struct spec *spec_ref(struct spec *spec);
void spec_unref(struct spec *spec);

/* Sets where it runs, as its words for a place say, which are taken over; NULL: none. */
void spec_set_place(struct spec *spec, char *words, size_t size);

/* What is executed on this machine. */
const char *spec_program(const struct spec *spec);

/* The words to execute, each with its NUL, and *argc of them; values are NULL for a job that is
 * no child: see base/template.h. Where items are names of places nothing is replaced. */
int spec_expand(const struct spec *spec, const struct template_values *values, struct buffer *words,
                size_t *argc);

/* Adds the path of a job's input; nothing where it has none. */
int spec_input(const struct spec *spec, jobid key, struct buffer *path);

/* Whether the command has {%}, so that each child needs a slot with a number. */
bool spec_tells_slot(const struct spec *spec);

/* What the job is called: the name it was given, or Job and its id; a child's has its number
 * behind it. */
int spec_job_name(const struct spec *spec, jobid key, struct buffer *name);

/* The command as one line for people: words quoted for a shell, or the script. */
int spec_command(const struct spec *spec, const struct template_values *values,
                 struct buffer *line);

/* Writes it, reads it, deletes it with an environment that nothing else uses. */
void spec_store(struct store *store, const struct spec *spec);
struct spec *spec_load(struct store *store, jobid key);
void spec_delete(struct store *store, jobid key);

/* The unfinished job with that --unique key, and the job that was submitted under that key: 0
 * where there is none. */
jobid spec_find_unique(struct store *store, const char *unique);
jobid spec_find_submitted(struct store *store, const char *submit_key);

#endif
