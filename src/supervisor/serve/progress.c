#include "supervisor/serve/progress.h"

#include "supervisor/batch/batch.h"
#include "supervisor/job/job.h"

void progress_request(const struct request *request)
{
    const char *id = request_text(request, "job");
    struct job *job = request_job(request->s, id);
    struct drover_progress p;

    if (!job) {
        request_refuse(request, "no-such-job", "%s: no such job", id);
    } else if (!job_is_batch(job)) {
        request_refuse(request, "refused", "%s: is no batch", id);
    } else {
        batch_progress(request->s, job->key, &p);
        request_reply(request,
                      json_pack("{sIsIsIsIsIsbsfsI}", "total", (json_int_t)p.total, "running",
                                (json_int_t)p.running, "completed", (json_int_t)p.completed,
                                "failed", (json_int_t)p.failed, "stopped", (json_int_t)p.stopped,
                                "open", (int)p.open, "rate", p.rate, "left", (json_int_t)p.left));
    }
    jobs_put(job);
}
