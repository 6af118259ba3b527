#include "session/session.h"
#include "base/clock.h"
#include "os/file.h"
#include "session/reason.h"
#include "session/verdict.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define SESSION_LOST 255                  /* exit status where the command's is not known */
#define SESSION_POLL (CLOCK_SECOND / 100) /* between looks for a slot */
#define SESSION_MARGIN                                                                             \
    (CLOCK_SECOND / 4) /* so that ssh's own time-out, which says more, is first */
#define SESSION_LINGER  (CLOCK_SECOND / 2) /* for what ssh has still to do */
#define SESSION_PATIENT (2 * CLOCK_SECOND) /* for the end of a command that was killed */
#define SESSION_TRIES   6
#define SESSION_TRYING  (60 * CLOCK_SECOND)
#define SESSION_BACKOFF (CLOCK_SECOND / 4)

static int session_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The random number that makes this session's markers its own. */
static int session_nonce(struct session *s)
{
    unsigned char bytes[(sizeof s->nonce - 1) / 2];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return -EIO;
    srandom((unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2]);
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(s->nonce + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

int session_init(struct session *s, const struct options *options, struct error *err)
{
    const char *nonce = options->nonce ? options->nonce : s->nonce;
    int r;

    s->options = options;
    s->exit_status = -1;
    s->slot.fd = s->out.fd = s->err.fd = s->feed.fd = -1;
    s->ssh.log = s->ssh.log_writer = -1;
    s->signals = session_signals();
    if (s->signals < 0)
        return error_system(err, -errno, "signals");
    r = session_nonce(s);
    if (r < 0)
        return error_system(err, r, "random numbers");
    (void)snprintf(s->prefix, sizeof s->prefix, "drover-%s-", nonce);
    stream_init(&s->out, s->prefix, STDOUT_FILENO);
    stream_init(&s->err, s->prefix, STDERR_FILENO);
    r = feed_init(&s->feed, options, err);
    if (r == 0)
        r = ssh_init(&s->ssh, err);
    if (r == 0)
        r = slot_init(&s->slot, options->slots, options->slot_count, err);
    return r == 0 ? request_init(&s->request, options, nonce, s->ssh.log_writer, err) : r;
}

void session_release(struct session *s)
{
    ssh_kill(&s->ssh);
    request_release(&s->request);
}

static void session_close(struct session *s)
{
    feed_close(&s->feed);
    stream_close(&s->out);
    stream_close(&s->err);
    slot_give(&s->slot);
}

/* The command surely did not run. */
static int session_fail(const struct session *s, const char *reason)
{
    struct error err;

    if (verdict_write(s->options->verdict, "not-run", reason, &err) < 0)
        (void)fprintf(stderr, "drover: %s\n", err.text);
    return SESSION_LOST;
}

/* A remote shell that is no POSIX shell runs the command as soon as it can. */
static void session_unwrapped(struct session *s)
{
    struct error err;

    s->out.state = s->err.state = STREAM_OPEN;
    (void)verdict_write(s->options->verdict, "unknown", "", &err);
    feed_close(&s->feed);
}

static int session_connect(struct session *s, int64_t now)
{
    struct ssh_pipes pipes;
    struct error err;
    int r;

    if (slot_take(&s->slot) < 0) {
        s->at = now + SESSION_POLL / 2 + random() % SESSION_POLL;
        return 0;
    }
    r = ssh_start(&s->ssh, s->request.argv, &pipes, &err);
    if (r < 0) {
        (void)fprintf(stderr, "drover: %s\n", err.text);
        return r;
    }
    feed_open(&s->feed, pipes.in);
    stream_open(&s->out, pipes.out);
    stream_open(&s->err, pipes.err);
    s->phase = SESSION_CONNECTING;
    s->at = now + s->options->connect_timeout + SESSION_MARGIN;
    s->first = s->tries++ ? s->first : now;
    if (s->options->shell != SHELL_POSIX)
        session_unwrapped(s);
    return 0;
}

/* The last moment before the command may run. */
static void session_go(struct session *s)
{
    struct error err;

    slot_give(&s->slot);
    if (verdict_write(s->options->verdict, "unknown", "", &err) < 0) {
        (void)fprintf(stderr, "drover: %s\n", err.text);
        ssh_kill(&s->ssh);
        return;
    }
    feed_go(&s->feed);
    s->phase = SESSION_RUNNING;
    s->at = 0;
}

static void session_marked(struct session *s, struct stream *stream)
{
    const char *words = stream->marker;

    if (strcmp(words, "started") == 0 && stream->state == STREAM_NOISY) {
        stream->state = STREAM_OPEN;
        if (s->out.state == STREAM_OPEN && s->err.state == STREAM_OPEN)
            session_go(s);
    } else if (strcmp(words, "ready") == 0) {
        feed_part(&s->feed);
    } else if (strcmp(words, "end") == 0) {
        s->out.state = STREAM_CLOSED;
    } else if (sscanf(words, "exit %d %15s", &s->exit_status, s->exit_name) >= 1) {
        s->err.state = STREAM_CLOSED;
    }
    if (s->phase == SESSION_RUNNING && s->out.state == STREAM_CLOSED &&
        s->err.state == STREAM_CLOSED) {
        s->phase = SESSION_ENDED;
        s->at = clock_steady() + SESSION_LINGER;
        feed_close(&s->feed);
    }
}

static void session_pump(struct session *s)
{
    while (stream_pump(&s->out) == STREAM_MARKED)
        session_marked(s, &s->out);
    while (stream_pump(&s->err) == STREAM_MARKED)
        session_marked(s, &s->err);
    feed_pump(&s->feed);
}

static void session_poll(struct session *s)
{
    struct pollfd fds[7] = {{.fd = s->signals, .events = POLLIN},
                            {.fd = feed_wants(&s->feed) ? s->feed.fd : -1, .events = POLLOUT},
                            {.fd = s->ssh.log, .events = POLLIN}};
    int64_t left = s->at - clock_steady();

    stream_poll(&s->out, fds + 3);
    stream_poll(&s->err, fds + 5);
    left = left < 0 ? 0 : left > 600 * CLOCK_SECOND ? 600 * CLOCK_SECOND : left;
    (void)poll(fds, sizeof fds / sizeof *fds, s->at ? (int)((left + 999) / 1000) : -1);
}

/* Closes the leash, and sees for how long the command may take to end. */
static void session_stop(struct session *s, int64_t now)
{
    s->stopped = true;
    feed_close(&s->feed);
    if (s->phase == SESSION_RUNNING)
        s->at = now + s->options->grace + SESSION_PATIENT;
}

static void session_signalled(struct session *s, int64_t now)
{
    struct signalfd_siginfo info;

    while (os_read(s->signals, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo != SIGCHLD && !s->stopped)
            session_stop(s, now);
    ssh_listen(&s->ssh);
    if (ssh_reap(&s->ssh)) {
        s->gone = true;
        s->at = now + SESSION_LINGER;
    }
}

/* The phase has lasted long enough. */
static void session_late(struct session *s, int64_t now)
{
    s->timed_out = s->phase == SESSION_CONNECTING;
    ssh_kill(&s->ssh);
    s->at = now + SESSION_LINGER;
}

/* Whether all has been read and written that may still come. */
static bool session_is_over(const struct session *s, int64_t now)
{
    if (stream_waits(&s->out) || stream_waits(&s->err))
        return false;
    return s->gone &&
           (s->phase == SESSION_ENDED || now >= s->at || (s->out.fd < 0 && s->err.fd < 0));
}

/* Until the connection, and what came through it, is over. False for a stop before it began. */
static bool session_connection(struct session *s)
{
    int64_t now = clock_steady();

    s->gone = s->timed_out = false;
    for (;;) {
        session_pump(s);
        if (session_is_over(s, now))
            return true;
        session_poll(s);
        now = clock_steady();
        session_signalled(s, now);
        if (s->stopped && s->phase == SESSION_CONNECTING)
            return false;
        if (!s->gone && s->at && now >= s->at)
            session_late(s, now);
    }
}

/* Waits for a slot and the time of the next try. False for a stop. */
static bool session_wait(struct session *s)
{
    while (clock_steady() < s->at && !s->stopped) {
        session_poll(s);
        session_signalled(s, clock_steady());
    }
    return !s->stopped;
}

/* The connection ended before `go`: true when there is to be another try. */
static bool session_again(struct session *s, struct buffer *reason)
{
    struct reason why = {s->ssh.words, s->err.noise, s->ssh.status};
    int64_t now = clock_steady(), pause = SESSION_BACKOFF << s->tries;

    if (s->timed_out) {
        (void)buffer_printf(reason, "timeout: no answer within %.3gs",
                            (double)s->options->connect_timeout / (double)CLOCK_SECOND);
        return false;
    }
    if (!reason_add(reason, &why) || s->tries >= SESSION_TRIES || now - s->first > SESSION_TRYING)
        return false;
    s->phase = SESSION_WAITING;
    s->at = now + pause / 4 + random() % (pause / 2);
    return true;
}

/* The number here of the signal that ended the command there, where it is one that can. */
static int session_exit_signal(const struct session *s)
{
    static const char harmless[] = " CHLD CONT STOP TSTP TTIN TTOU URG WINCH ";
    char word[20];

    (void)snprintf(word, sizeof word, " %s ", s->exit_name);
    for (int sig = 1; *s->exit_name && !strstr(harmless, word) && sig < SIGRTMIN; sig++)
        if (sigabbrev_np(sig) && strcmp(sigabbrev_np(sig), s->exit_name) == 0)
            return sig;
    return 0;
}

/* The connection was lost while the command ran. */
static int session_lost(const struct session *s)
{
    struct buffer reason = BUFFER_INIT;
    struct error err;

    (void)buffer_add_text(&reason, s->stopped
                                       ? "timeout: its end was not seen after a stop"
                                       : "unreachable: connection lost while the command ran");
    if (*s->ssh.words) {
        (void)buffer_add_text(&reason, ": ");
        (void)reason_add_last(&reason, s->ssh.words);
    }
    (void)buffer_add_byte(&reason, '\0');
    if (verdict_write(s->options->verdict, "ran", reason.data, &err) < 0)
        (void)fprintf(stderr, "drover: %s\n", err.text);
    buffer_release(&reason);
    return s->stopped ? -SIGTERM : SESSION_LOST;
}

static int session_result(const struct session *s)
{
    int sig = session_exit_signal(s);

    if (s->phase != SESSION_ENDED)
        return session_lost(s);
    verdict_remove(s->options->verdict);
    return sig ? -sig : s->exit_status;
}

/* Without a wrapper ssh's exit status is all there is; its 255 may be the command's too. */
static int session_unwrapped_result(const struct session *s)
{
    if (!WIFEXITED(s->ssh.status))
        return session_lost(s);
    if (WEXITSTATUS(s->ssh.status) != SESSION_LOST)
        verdict_remove(s->options->verdict);
    return WEXITSTATUS(s->ssh.status);
}

int session_run(struct session *s)
{
    struct buffer reason = BUFFER_INIT;
    bool again = true;
    int result;

    while (again) {
        buffer_clear(&reason);
        if (!session_wait(s))
            return -SIGTERM;
        if (session_connect(s, clock_steady()) < 0)
            return session_fail(s, "unreachable: ssh cannot be started");
        if (s->phase == SESSION_WAITING)
            continue;
        if (!session_connection(s))
            return -SIGTERM;
        session_close(s);
        again = s->phase == SESSION_CONNECTING && s->options->shell == SHELL_POSIX &&
                session_again(s, &reason);
    }
    (void)buffer_add_byte(&reason, '\0');
    if (s->options->shell != SHELL_POSIX)
        result = session_unwrapped_result(s);
    else if (s->phase == SESSION_CONNECTING)
        result = session_fail(s, reason.data);
    else
        result = session_result(s);
    buffer_release(&reason);
    return result;
}
