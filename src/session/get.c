#include "session/get.h"
#include "base/text.h"
#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define GET_ASIDE ".drover-"

/* The last part of SRC: where it begins, and its size. */
static const char *get_name(const char *what, size_t *size)
{
    const char *colon = strrchr(what, ':'), *end = colon ? colon : what, *begin;

    while (end > what + 1 && end[-1] == '/')
        end--;
    for (begin = end; begin > what && begin[-1] != '/';)
        begin--;
    *size = (size_t)(end - begin);
    return begin;
}

int get_check(const char *what)
{
    const char *colon = strrchr(what, ':');
    size_t size;
    const char *name = get_name(what, &size);

    if (!colon || !colon[1] || strchr(what, '\n'))
        return -EINVAL;
    if (size == 0 || (size == 1 && *name == '.') || (size == 2 && strncmp(name, "..", 2) == 0))
        return -EINVAL;
    return 0;
}

/* Makes a directory and those above it. */
static int get_make_directories(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0777);
        *slash = '/';
    }
    return mkdir(path, 0777) < 0 && errno != EEXIST ? -errno : 0;
}

static int get_paths(struct get *get, const char *what, const char *host, const char *nonce)
{
    size_t size;
    const char *name = get_name(what, &size);
    int r = buffer_printf(&get->place, "%s/%s%c", strrchr(what, ':') + 1, host, 0);

    if (r == 0)
        r = buffer_printf(&get->aside, "%s/" GET_ASIDE "%s%c", get->place.data, nonce, 0);
    return r == 0 ? buffer_printf(&get->name, "%.*s%c", (int)size, name, 0) : r;
}

static int get_remove(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st;
    (void)walk;
    if (kind == FTW_D || kind == FTW_DNR)
        (void)chmod(path, 0700);
    (void)remove(path);
    return 0;
}

static void get_delete(const char *path)
{
    (void)nftw(path, get_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Whether nobody holds the directory, whose session was killed then. */
static bool get_is_left(const char *path)
{
    int fd = os_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    bool left = fd >= 0 && os_lock(fd, false) == 0;

    if (fd >= 0)
        (void)os_close(fd);
    return left;
}

/* Deletes what sessions that were killed have left here. */
static void get_tidy(const struct get *get)
{
    static const char digits[] = "0123456789abcdef";
    const size_t size = sizeof GET_ASIDE - 1;
    DIR *directory = opendir(get->place.data);
    struct buffer path = BUFFER_INIT;
    const struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        const char *name = entry->d_name;

        if (strncmp(name, GET_ASIDE, size) != 0 || strspn(name + size, digits) < 8)
            continue;
        buffer_clear(&path);
        if (buffer_printf(&path, "%s/%s%c", get->place.data, name, 0) == 0 &&
            get_is_left(path.data))
            get_delete(path.data);
    }
    if (directory)
        (void)closedir(directory);
    buffer_release(&path);
}

/* Makes the directory that is unpacked in, and holds it. Only one session at a time tidies up. */
static int get_make_aside(struct get *get)
{
    int place = os_open(get->place.data, O_RDONLY | O_DIRECTORY, 0), r = 0;

    if (place < 0)
        return place;
    if (os_lock(place, true) == 0)
        get_tidy(get);
    if (mkdir(get->aside.data, 0700) < 0)
        r = -errno;
    if (r == 0)
        get->held = os_open(get->aside.data, O_RDONLY | O_DIRECTORY, 0);
    if (get->held >= 0)
        (void)os_lock(get->held, false);
    (void)os_close(place);
    return r;
}

/* tar, which unpacks what it reads; its words are kept. */
static int get_unpack(struct get *get)
{
    const char *argv[] = {"tar",           "-x", "-p", "-f", "-", "--no-same-owner", "-C",
                          get->aside.data, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    int fds[2], r = os_pipe(fds);

    if (r < 0)
        return r;
    get->words = memfd_create("tar", MFD_CLOEXEC);
    (void)sigemptyset(&none);
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &defaults);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, fds[0], STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, get->words < 0 ? STDERR_FILENO : get->words,
                                           STDERR_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    r = -posix_spawnp(&get->tar, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv,
                      environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    (void)os_close(fds[0]);
    get->fd = fds[1];
    return r == 0 ? os_set_nonblocking(get->fd, true) : r;
}

int get_begin(struct get *get, const char *what, const char *host, const char *nonce,
              struct error *err)
{
    int r;

    *get = GET_INIT;
    r = get_paths(get, what, host, nonce);
    if (r == 0)
        r = get_make_directories(get->place.data);
    if (r == 0)
        r = get_make_aside(get);
    if (r < 0)
        return error_system(err, r, "%s", get->place.data ? get->place.data : what);
    r = get_unpack(get);
    return r < 0 ? error_system(err, r, "tar") : 0;
}

/* A device, or a file with another's rights, is made by nobody elsewhere. */
static int get_tame(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)walk;
    if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
        return -ENODEV;
    if (kind != FTW_SL && !S_ISLNK(st->st_mode) && st->st_mode & (S_ISUID | S_ISGID))
        return chmod(path, st->st_mode & 01777) < 0 ? -errno : 0;
    return 0;
}

/* Moves it to its place, and what was there to where it was. */
static int get_move(const struct get *get)
{
    struct buffer from = BUFFER_INIT, to = BUFFER_INIT;
    int r = buffer_printf(&from, "%s/%s%c", get->aside.data, get->name.data, 0);

    if (r == 0)
        r = buffer_printf(&to, "%s/%s%c", get->place.data, get->name.data, 0);
    if (r == 0 && rename(from.data, to.data) < 0)
        r = -errno;
    if (r == -EEXIST || r == -ENOTEMPTY || r == -EISDIR || r == -ENOTDIR)
        r = renameat2(AT_FDCWD, from.data, AT_FDCWD, to.data, RENAME_EXCHANGE) < 0 ? -errno : 0;
    buffer_release(&from);
    buffer_release(&to);
    return r;
}

/* Adds the first line of what tar has said here, and hands all of it on. */
static void get_add_words(const struct get *get, struct buffer *out)
{
    char text[4096];
    ssize_t n = get->words < 0 ? 0 : os_pread(get->words, text, sizeof text, 0);
    size_t size;

    if (n <= 0)
        return;
    (void)os_write_all(STDERR_FILENO, text, (size_t)n);
    for (size = 0; size < (size_t)n && text[size] != '\n';)
        size++;
    (void)buffer_add_text(out, ": ");
    (void)text_add_escaped(out, text, size);
}

static int get_refuse(const struct get *get, const char *there, struct error *err)
{
    struct buffer why = BUFFER_INIT;

    if (there)
        (void)buffer_printf(&why, "%s%s", *there ? ": " : "", there);
    else
        get_add_words(get, &why);
    (void)error_set(err, -EIO, "%s%.*s", there ? "could not be read there" : "did not arrive",
                    (int)why.size, why.size ? why.data : "");
    buffer_release(&why);
    return -EIO;
}

static int get_finish(const struct get *get, const struct get_tar *there, struct error *err)
{
    int here = 0, r;

    while (get->tar && waitpid(get->tar, &here, 0) < 0 && errno == EINTR)
        ;
    if (!get->tar || !get->name.size)
        return error_set(err, -EIO, "could not be taken");
    if (there->status != 0 && there->status != GET_CHANGED)
        return get_refuse(get, there->words, err);
    if (here != 0)
        return get_refuse(get, NULL, err);
    r = nftw(get->aside.data, get_tame, 16, FTW_PHYS);
    if (r == -ENODEV)
        return error_set(err, r, "is or holds a device");
    if (r == 0)
        r = get_move(get);
    return r < 0 ? error_system(err, r, "%s", get->place.data) : 0;
}

int get_end(struct get *get, const struct get_tar *there, struct error *err)
{
    int r;

    if (get->fd >= 0)
        (void)os_close(get->fd);
    r = get_finish(get, there, err);
    if (get->aside.size)
        get_delete(get->aside.data);
    if (get->held >= 0)
        (void)os_close(get->held);
    if (get->words >= 0)
        (void)os_close(get->words);
    buffer_release(&get->place);
    buffer_release(&get->aside);
    buffer_release(&get->name);
    *get = GET_INIT;
    return r;
}
