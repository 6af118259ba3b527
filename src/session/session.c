#include "session/session.h"
#include "base/clock.h"
#include "base/verdict.h"
#include "os/file.h"
#include "session/check.h"
#include "session/hostkeys.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define SESSION_LOST    255                  /* exit status where the command's is not known */
#define SESSION_OVERDUE 124                  /* ... and where it has taken too long */
#define SESSION_POLL    (CLOCK_SECOND / 100) /* between looks for a permit */
#define SESSION_MARGIN                                                                             \
    (CLOCK_SECOND / 4) /* so that ssh's own time-out, which says more, is first */
#define SESSION_LINGER  (CLOCK_SECOND / 2) /* for what ssh has still to do */
#define SESSION_PATIENT (4 * CLOCK_SECOND) /* for the end of a command that was killed */
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
    unsigned char bytes[16];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return -EIO;
    srandom((unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2]);
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(s->nonce + 2 * i, 3, "%02x", bytes[i]);
    if (s->options->nonce)
        (void)snprintf(s->nonce, sizeof s->nonce, "%s", s->options->nonce);
    return 0;
}

/* The keys of this machine alone, where somebody has put them into the directory. */
static void session_find_known_hosts(struct session *s)
{
    const char *directory = s->options->directory;
    int n = 0;

    if (directory && !s->options->known_hosts)
        n = snprintf(s->known_hosts, sizeof s->known_hosts, "%s/known.%s", directory,
                     s->options->host.name);
    if (n <= 0 || (size_t)n >= sizeof s->known_hosts || access(s->known_hosts, R_OK) < 0)
        s->known_hosts[0] = '\0';
    if (s->options->host_keys && !s->options->known_hosts && !s->options->dry_run)
        hostkeys_find(s->options, s->feed.whole, s->known_hosts);
}

static int session_request(struct session *s, struct error *err)
{
    struct request_use use = {.nonce = s->nonce,
                              .known_hosts = *s->known_hosts ? s->known_hosts : NULL,
                              .log = s->ssh.log_writer};

    request_release(&s->request);
    return request_init(&s->request, s->options, &use, err);
}

int session_init(struct session *s, const struct options *options, struct error *err)
{
    int r;

    s->options = options;
    s->exit_status = -1;
    if (options->verdict >= 0)
        (void)fcntl(options->verdict, F_SETFD, FD_CLOEXEC);
    s->permit.fd = s->out.fd = s->err.fd = s->feed.fd = -1;
    s->ssh.log = s->ssh.log_writer = -1;
    s->get = GET_INIT;
    s->signals = session_signals();
    if (s->signals < 0)
        return error_system(err, -errno, "signals");
    r = session_nonce(s);
    if (r < 0)
        return error_system(err, r, "random numbers");
    (void)snprintf(s->prefix, sizeof s->prefix, "drover-%s-", s->nonce);
    stream_init(&s->out, s->prefix, STDOUT_FILENO);
    stream_init(&s->err, s->prefix, STDERR_FILENO);
    r = feed_init(&s->feed, options, err);
    if (r == 0)
        r = ssh_init(&s->ssh, err);
    if (r == 0)
        r = permit_init(&s->permit, options->directory, options->slot_count, err);
    session_find_known_hosts(s);
    return r == 0 ? session_request(s, err) : r;
}

void session_release(struct session *s)
{
    struct error err;

    ssh_kill(&s->ssh);
    if (s->getting)
        (void)get_end(&s->get, &(struct get_tar){-1, ""}, &err);
    request_release(&s->request);
}

static void session_close(struct session *s)
{
    feed_close(&s->feed);
    stream_close(&s->out);
    stream_close(&s->err);
    permit_give(&s->permit);
}

/* The command's own time begins. */
static void session_count(struct session *s)
{
    if (!s->stopped)
        s->at = s->options->timeout ? clock_steady() + s->options->timeout : 0;
}

/* `go` was sent. Files take the time that they take. */
static void session_begin(struct session *s)
{
    permit_give(&s->permit);
    s->phase = SESSION_RUNNING;
    s->at = 0;
    if (s->feed.count == 0 || s->options->shell != SHELL_POSIX)
        session_count(s);
}

static int session_write(const struct session *s, enum verdict_kind kind, enum drover_cause cause,
                         const char *words)
{
    int fd = s->options->verdict, r = fd < 0 ? 0 : verdict_write(fd, kind, cause, words);

    if (r < 0)
        (void)fprintf(stderr, "drover: the verdict: %s\n", strerror(-r));
    return r;
}

/* The command is about to be sent. */
static int session_sends(const struct session *s)
{
    return session_write(s, VERDICT_UNKNOWN, DROVER_CAUSE_NONE, "");
}

/* A remote shell that is no POSIX shell runs the command as soon as it can. */
static void session_unwrapped(struct session *s)
{
    s->out.state = s->err.state = STREAM_OPEN;
    (void)session_sends(s);
    feed_all(&s->feed);
    session_begin(s);
}

static int session_connect(struct session *s, int64_t now)
{
    struct ssh_pipes pipes;
    struct error err;
    int r;

    if (permit_take(&s->permit) < 0) {
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
    if (session_sends(s) < 0) {
        ssh_kill(&s->ssh);
        return;
    }
    feed_go(&s->feed);
    session_begin(s);
}

/* What comes now is the next tar. */
static void session_get(struct session *s)
{
    const struct options *o = s->options;
    struct error err;

    if (s->getting || s->got >= o->gets.count)
        return;
    s->at = s->stopped ? s->at : 0; /* the command has ended */
    s->getting = true;
    if (get_begin(&s->get, o->gets.texts[s->got], o->host.name, s->nonce, &err) < 0 &&
        !s->get_error.code)
        s->get_error = err;
    s->output = stream_divert(&s->out, s->get.fd);
}

static void session_got(struct session *s, const struct get_tar *there)
{
    const char *what;
    struct error err;

    if (!s->getting)
        return;
    what = s->options->gets.texts[s->got];
    (void)stream_divert(&s->out, s->output);
    if (get_end(&s->get, there, &err) < 0) {
        if (!s->get_error.code)
            (void)error_set(&s->get_error, err.code, "%s: %s", what, err.text);
    } else if (there->status == GET_CHANGED) {
        (void)fprintf(stderr,
                      "drover: get: %s: changed while it was read, and has arrived as far as it "
                      "went\n",
                      what);
    }
    s->getting = false;
    s->got++;
}

static void session_marked(struct session *s, struct stream *stream)
{
    const char *words = stream->marker;
    struct get_tar tar;
    int size = 0;

    if (strcmp(words, "started") == 0 && stream->state == STREAM_NOISY) {
        stream->state = STREAM_OPEN;
        if (s->out.state == STREAM_OPEN && s->err.state == STREAM_OPEN)
            session_go(s);
    } else if (strcmp(words, "running") == 0) {
        session_count(s);
    } else if (strcmp(words, "ready") == 0) {
        feed_part(&s->feed);
    } else if (strcmp(words, "get") == 0 && stream == &s->out) {
        session_get(s);
    } else if (sscanf(words, "got %d %n", &tar.status, &size) == 1 && stream == &s->out) {
        tar.words = words + size;
        session_got(s, &tar);
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
static void session_stop(struct session *s, int64_t now, int64_t grace)
{
    s->stopped = true;
    feed_grace(&s->feed, (grace + CLOCK_SECOND - 1) / CLOCK_SECOND);
    feed_close(&s->feed);
    if (s->options->shell != SHELL_POSIX)
        s->at = now; /* there is no leash */
    else if (s->phase == SESSION_RUNNING)
        s->at = now + grace + SESSION_PATIENT;
}

/* How long the command has between SIGTERM and SIGKILL, where the signal says how long this process
 * has. */
static int64_t session_grace(const struct session *s, const struct signalfd_siginfo *info)
{
    int64_t grace = info->ssi_int * (CLOCK_SECOND / 1000) - VERDICT_SLACK;

    if (info->ssi_code != SI_QUEUE)
        return s->options->grace;
    return grace > 0 ? grace : 0;
}

static void session_signalled(struct session *s, int64_t now)
{
    struct signalfd_siginfo info;

    while (os_read(s->signals, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo != SIGCHLD && !s->stopped)
            session_stop(s, now, session_grace(s, &info));
    ssh_listen(&s->ssh);
    if (ssh_reap(&s->ssh)) {
        s->gone = true;
        s->at = now + SESSION_LINGER;
    }
}

/* The phase has lasted long enough. */
static void session_late(struct session *s, int64_t now)
{
    if (s->phase == SESSION_RUNNING && !s->stopped) {
        s->overdue = true;
        session_stop(s, now, s->options->grace);
        return;
    }
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

/* Waits for a permit and the time of the next try. False for a stop. */
static bool session_wait(struct session *s)
{
    while (clock_steady() < s->at && !s->stopped) {
        session_poll(s);
        session_signalled(s, clock_steady());
    }
    return !s->stopped;
}

/* The keys of this machine alone were not enough: ssh looked for another name. The user's own files
 * are asked then. */
static bool session_knows_too_little(struct session *s)
{
    struct error err;

    if (!*s->known_hosts || s->meaning.cause != DROVER_CAUSE_HOST_KEY)
        return false;
    s->known_hosts[0] = '\0';
    return session_request(s, &err) == 0;
}

/* The machine has no POSIX shell: PowerShell is asked then, where it was told what. */
static bool session_has_powershell(struct session *s)
{
    struct error err;

    if (!s->options->powershell || s->options->shell != SHELL_POSIX || !s->meaning.no_shell)
        return false;
    s->instead = *s->options;
    s->instead.shell = SHELL_POWERSHELL;
    s->options = &s->instead;
    return session_request(s, &err) == 0;
}

/* What ssh ended with, before the command or where there is no wrapper. */
static struct reason session_why(struct session *s)
{
    bool wrapped = s->options->shell == SHELL_POSIX;
    struct reason why = {.log = s->ssh.words,
                         .noise = wrapped ? s->err.noise : s->err.tail,
                         .output = wrapped ? s->out.noise : "",
                         .status = s->ssh.status};

    if (reason_is_by_another(&why))
        jump_find(&s->jump, s->ssh.path, s->request.argv, why.noise);
    why.by = *s->jump.by ? s->jump.by : NULL;
    why.quiet = s->jump.quiet;
    return why;
}

/* The connection ended before `go`: true when there is to be another try. */
static bool session_again(struct session *s, struct buffer *reason)
{
    struct reason why;
    int64_t now = clock_steady(), pause = SESSION_BACKOFF << s->tries;
    bool again;

    s->meaning = (struct reason_meaning){DROVER_CAUSE_NO_ANSWER, REASON_LATER, false};
    if (s->timed_out) {
        (void)buffer_printf(reason, "timeout: no answer within %.3gs",
                            (double)s->options->connect_timeout / (double)CLOCK_SECOND);
        return false;
    }
    why = session_why(s);
    s->meaning = reason_add(reason, &why);
    again = s->meaning.hope == REASON_AGAIN && s->tries < SESSION_TRIES &&
            now - s->first <= SESSION_TRYING;
    s->at = now + pause / 4 + random() % (pause / 2);
    if (session_knows_too_little(s) || session_has_powershell(s)) {
        s->at = now;
        again = true;
    }
    if (again) {
        s->phase = SESSION_WAITING;
        buffer_clear(reason);
    }
    return again;
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

/* Writes the verdict: status. */
static int session_tell(const struct session *s, enum verdict_kind kind, enum drover_cause cause,
                        struct buffer *reason, int status)
{
    if (buffer_add_byte(reason, '\0') == 0)
        (void)session_write(s, kind, cause, reason->data);
    return status;
}

static void session_add_overdue(const struct session *s, struct buffer *reason)
{
    (void)buffer_printf(reason, "timeout: the command took longer than %.6gs",
                        (double)s->options->timeout / (double)CLOCK_SECOND);
}

/* The connection was lost before all had arrived that the command waits for. */
static int session_lost_sending(const struct session *s, struct buffer *reason)
{
    if (s->stopped) {
        (void)buffer_add_text(reason, "stopped");
        return session_tell(s, VERDICT_NOT_RUN, DROVER_CAUSE_STOPPED, reason, -SIGTERM);
    }
    (void)buffer_add_text(reason, "unreachable: connection lost while files were sent");
    return session_tell(s, VERDICT_NOT_RUN, DROVER_CAUSE_DISCONNECTED, reason, SESSION_LOST);
}

/* The connection was lost while the command ran, or may have. */
static int session_lost(const struct session *s, struct buffer *reason)
{
    enum drover_cause cause = s->overdue   ? DROVER_CAUSE_TIMEOUT
                              : s->stopped ? DROVER_CAUSE_STOPPED
                                           : DROVER_CAUSE_DISCONNECTED;

    if (s->options->shell == SHELL_POSIX && !feed_is_whole(&s->feed))
        return session_lost_sending(s, reason);
    if (s->overdue)
        session_add_overdue(s, reason);
    (void)buffer_add_text(reason, s->overdue   ? ": its end was not seen"
                                  : s->stopped ? "timeout: its end was not seen after a stop"
                                               : "unreachable: connection lost while the command "
                                                 "ran");
    if (*s->ssh.words && !s->stopped) {
        (void)buffer_add_text(reason, ": ");
        (void)reason_add_last(reason, s->ssh.words);
    }
    return session_tell(s, VERDICT_RAN, cause, reason,
                        s->stopped && !s->overdue ? -SIGTERM : SESSION_LOST);
}

/* The wrapper gave up before the command, and has said why. */
static int session_not_put(const struct session *s, struct buffer *reason, int status)
{
    const char *own = "drover: ";

    if (!reason_add_last(reason, s->err.tail))
        (void)buffer_add_text(reason, "put: did not arrive");
    if (reason->size > strlen(own) && memcmp(reason->data, own, strlen(own)) == 0)
        buffer_consume(reason, strlen(own));
    return session_tell(s, VERDICT_ENDED, DROVER_CAUSE_PUT, reason, status);
}

/* How the command ended, and the last that it said. */
static int session_failed(const struct session *s, struct buffer *reason, int status, int sig)
{
    size_t size;

    if (strcmp(s->exit_name, "failed") == 0)
        return session_not_put(s, reason, status);
    if (sig)
        (void)buffer_printf(reason, "signal %d (%s)", sig, strsignal(sig));
    else
        (void)buffer_printf(reason, "exit %d", status);
    size = reason->size;
    (void)buffer_add_text(reason, ": ");
    if (!reason_add_last(reason, s->err.tail))
        reason->size = size;
    return session_tell(s, VERDICT_ENDED, sig ? DROVER_CAUSE_SIGNAL : DROVER_CAUSE_EXIT, reason,
                        sig ? -sig : status);
}

/* The command completed, and all was fetched: what the check says. */
static int session_check(const struct session *s, struct buffer *reason)
{
    struct check check;
    struct error err;

    if (check_run(&check, s->options->check, s->options->host.name, s->signals, s->options->timeout,
                  &err) < 0)
        (void)buffer_add_text(reason, err.text);
    else if (check.stopped)
        (void)buffer_add_text(reason, "check: stopped");
    else if (check.late)
        (void)buffer_add_text(reason, "check: took too long");
    else if (WIFSIGNALED(check.status))
        (void)buffer_printf(reason, "check: signal %d", WTERMSIG(check.status));
    else if (WEXITSTATUS(check.status))
        (void)buffer_printf(reason, "check: exit %d", WEXITSTATUS(check.status));
    else
        return 0;
    return session_tell(s, VERDICT_ENDED, check.stopped ? DROVER_CAUSE_STOPPED : DROVER_CAUSE_CHECK,
                        reason, check.stopped ? -SIGTERM : 1);
}

static int session_ended(const struct session *s, struct buffer *reason, int status, int sig)
{
    if (s->overdue) {
        session_add_overdue(s, reason);
        return session_tell(s, VERDICT_ENDED, DROVER_CAUSE_TIMEOUT, reason, SESSION_OVERDUE);
    }
    if (s->stopped && (status || sig || s->got < s->options->gets.count || s->options->check)) {
        (void)buffer_add_text(reason, "stopped");
        return session_tell(s, VERDICT_ENDED, DROVER_CAUSE_STOPPED, reason, -SIGTERM);
    }
    if (status || sig)
        return session_failed(s, reason, status, sig);
    if (s->get_error.code || s->got < s->options->gets.count) {
        (void)buffer_printf(reason, "get: %s",
                            s->get_error.code ? s->get_error.text : "not all was fetched");
        (void)fprintf(stderr, "drover: %s\n", reason->data);
        return session_tell(s, VERDICT_ENDED, DROVER_CAUSE_GET, reason, 1);
    }
    return s->options->check ? session_check(s, reason) : 0;
}

static int session_not_run(const struct session *s, struct buffer *reason)
{
    return session_tell(s, s->meaning.hope == REASON_NEVER ? VERDICT_CANNOT_RUN : VERDICT_NOT_RUN,
                        s->meaning.cause, reason, SESSION_LOST);
}

/* Without a wrapper ssh's exit status is all there is; its 255 may be the command's too. */
static int session_unwrapped_ended(struct session *s, struct buffer *reason)
{
    struct reason why;

    if (!WIFEXITED(s->ssh.status))
        return session_lost(s, reason);
    if (WEXITSTATUS(s->ssh.status) != SESSION_LOST)
        return session_ended(s, reason, WEXITSTATUS(s->ssh.status), 0);
    why = session_why(s);
    s->meaning = reason_add(reason, &why);
    return reason_is_early(&why)
               ? session_not_run(s, reason)
               : session_tell(s, VERDICT_RAN, DROVER_CAUSE_DISCONNECTED, reason, SESSION_LOST);
}

static int session_result(struct session *s, struct buffer *reason)
{
    if (s->options->shell != SHELL_POSIX)
        return session_unwrapped_ended(s, reason);
    if (s->phase == SESSION_CONNECTING)
        return session_not_run(s, reason);
    if (s->phase != SESSION_ENDED)
        return session_lost(s, reason);
    return session_ended(s, reason, s->exit_status, session_exit_signal(s));
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
        if (session_connect(s, clock_steady()) < 0) {
            s->meaning = (struct reason_meaning){DROVER_CAUSE_UNREACHABLE, REASON_LATER, false};
            (void)buffer_add_text(&reason, "unreachable: ssh cannot be started");
            break;
        }
        if (s->phase == SESSION_WAITING)
            continue;
        if (!session_connection(s))
            return -SIGTERM;
        session_close(s);
        again = s->phase == SESSION_CONNECTING && s->options->shell == SHELL_POSIX &&
                session_again(s, &reason);
    }
    result = s->tries ? session_result(s, &reason) : session_not_run(s, &reason);
    buffer_release(&reason);
    return result;
}
