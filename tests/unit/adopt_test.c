/* How jobs whose process nobody has told of are looked for. */
#include "supervisor_fixture.h"
#include "test.h"

#include "base/clock.h"
#include "supervisor/place/local/adopt.h"
#include "supervisor/life/life.h"
#include "supervisor/job/job.h"
#include "supervisor/life/attempt.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS 6

/* One that might become any job's: it is young and shows no environment. */
static pid_t begin_bare(void)
{
    char name[] = "sleep", seconds[] = "60";
    char *argv[] = {name, seconds, NULL}, *env[] = {NULL};
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)execve("/bin/sleep", argv, env);
        _exit(127);
    }
    return pid;
}

/* Nobody is served meanwhile. */
static void all_together_wait_as_long_as_one(void **state)
{
    struct supervisor *s = *state;
    struct job *jobs[JOBS];
    pid_t bare = begin_bare();
    int64_t began;

    for (int i = 0; i < JOBS; i++)
        jobs[i] = fixture_add(s, fixture_spec());
    fixture_commit(s);
    assert_int_equal(fixture_schedule(s), JOBS);
    for (int i = 0; i < JOBS; i++)
        attempt_intent(s, jobs[i], 1, 0, clock_wall());
    began = clock_steady();
    adopt_begin(s);
    for (int i = 0; i < JOBS; i++)
        adopt_try(s, jobs[i]);
    (void)kill(bare, SIGKILL);
    (void)waitpid(bare, NULL, 0);
    assert_true(clock_steady() - began < 8 * CLOCK_SECOND); /* each of its own: 12 s */
    for (int i = 0; i < JOBS; i++)
        assert_true(job_is_finished(jobs[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_together_wait_as_long_as_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
