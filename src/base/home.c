#include "base/home.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A relative path would be another home in each directory. */
static int home_absolute(const char *path, char out[PATH_MAX], struct error *err)
{
    int n = snprintf(out, PATH_MAX, "%s", path);

    if (*path != '/')
        return error_set(err, -EINVAL,
                         "home %s: is relative, another one in each directory: set DROVER_HOME to "
                         "a path that begins with /",
                         path);
    if (n < 0 || n >= PATH_MAX)
        return error_set(err, -ENAMETOOLONG, "home: its path is longer than %d bytes", PATH_MAX);
    while (n > 1 && out[n - 1] == '/')
        out[--n] = '\0';
    return 0;
}

/* HOME, or what /etc/passwd says: cron and env -i may set none. The command is linked statically,
 * so that getpwuid, which loads further sources of names, is not to be had. */
static void home_of_user(char path[PATH_MAX])
{
    const char *home = getenv("HOME");
    const struct passwd *user;
    FILE *file;

    (void)snprintf(path, PATH_MAX, "%s", home ? home : "");
    file = *path == '/' ? NULL : fopen("/etc/passwd", "re");
    if (!file)
        return;
    while ((user = fgetpwent(file)))
        if (user->pw_uid == geteuid()) {
            (void)snprintf(path, PATH_MAX, "%s", user->pw_dir);
            break;
        }
    (void)fclose(file);
}

static int home_find(char out[PATH_MAX], struct error *err)
{
    const char *home = getenv("DROVER_HOME"), *state = getenv("XDG_STATE_HOME");
    char path[PATH_MAX], user[PATH_MAX];

    if (home && *home)
        return home_absolute(home, out, err);
    home_of_user(user);
    if (state && *state == '/')
        (void)snprintf(path, sizeof path, "%s/drover", state);
    else if (*user == '/')
        (void)snprintf(path, sizeof path, "%.*s/.local/state/drover", PATH_MAX - 32, user);
    else
        return error_set(err, -ENOENT,
                         "home: neither HOME nor DROVER_HOME is set, and user %ld has no home "
                         "directory: set one",
                         (long)geteuid());
    return home_absolute(path, out, err);
}

/* mkdir -p; what is made is for us alone. */
static int home_make(const char *path, struct error *err)
{
    char part[PATH_MAX];

    (void)snprintf(part, sizeof part, "%s", path);
    for (char *p = part + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;

        *p = '\0';
        if (mkdir(part, 0700) < 0 && errno != EEXIST && errno != EISDIR && errno != EROFS)
            return error_system(err, -errno, "home %s: cannot make %s", path, part);
        *p = end;
        if (!end)
            return 0;
    }
}

/* The descriptor of a directory that is ours and nobody else's to change. */
static int home_enter(int at, const char *path, int flags, const char *shown, struct error *err)
{
    int dir = os_openat(at, path, O_RDONLY | O_DIRECTORY | flags, 0);
    struct stat st;

    if (dir == -ENOTDIR || (flags && dir == -ELOOP))
        return error_set(err, dir, "home %s: is no directory: move it away", shown);
    if (dir < 0)
        return error_system(err, dir, "home %s", shown);
    if (fstat(dir, &st) < 0 || st.st_uid != geteuid()) {
        (void)os_close(dir);
        return error_set(err, -EPERM,
                         "home %s: belongs to user %ld, not to you: set DROVER_HOME to a "
                         "directory of yours",
                         shown, (long)st.st_uid);
    }
    if (st.st_mode & 022) {
        (void)os_close(dir);
        return error_set(err, -EPERM,
                         "home %s: others may write to it: take that away with chmod go-w", shown);
    }
    return dir;
}

int home_subdir(const struct home *home, const char *name, struct error *err)
{
    char shown[PATH_MAX + NAME_MAX];

    int dir;

    (void)snprintf(shown, sizeof shown, "%s/%s", home->path, name);
    dir = home_enter(home->dir, name, O_NOFOLLOW, shown, err);
    if (dir != -ENOENT)
        return dir;
    if (mkdirat(home->dir, name, 0700) < 0 && errno != EEXIST)
        return error_system(err, -errno, "home %s: cannot make %s", home->path, name);
    return home_enter(home->dir, name, O_NOFOLLOW, shown, err);
}

int home_open(struct home *home, struct error *err)
{
    int r = home_find(home->path, err);

    home->dir = home->run = -1;
    if (r < 0)
        return r;
    home->dir = home_enter(AT_FDCWD, home->path, 0, home->path, err);
    if (home->dir < 0 && home->dir != -EPERM) {
        r = home_make(home->path, err);
        if (r < 0)
            return r;
        home->dir = home_enter(AT_FDCWD, home->path, 0, home->path, err);
    }
    if (home->dir < 0)
        return home->dir;
    home->run = home_subdir(home, "run", err);
    if (home->run < 0) {
        r = home->run;
        home_release(home);
        return r;
    }
    return 0;
}

void home_release(struct home *home)
{
    if (!home)
        return;
    if (home->dir >= 0)
        (void)os_close(home->dir);
    if (home->run >= 0)
        (void)os_close(home->run);
    home->dir = home->run = -1;
}

/* FNV-1a over the text and its NUL. */
static uint64_t home_hash(uint64_t hash, const char *text)
{
    do {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    } while (*text++);
    return hash;
}

void home_process_name(const struct home *home, const char *label, unsigned attempt,
                       char name[OS_NAME_SIZE])
{
    uint64_t hash = home_hash(UINT64_C(0xcbf29ce484222325) + attempt, home->path);

    hash = home_hash(hash, label);
    (void)snprintf(name, OS_NAME_SIZE, "%015llx", (unsigned long long)hash >> 4);
}
