#include "os/surroundings.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SURROUNDING_GROUPS 64 /* more are not compared */

const struct os_surrounding os_surroundings_known[OS_SURROUNDINGS] = {
    {"groups", "groups"},
    {"capabilities", "capabilities"},
    {"no_new_privs", "right to gain privileges (no_new_privs)"},
    {"seccomp", "system calls (seccomp)"},
    {"root", "root directory"},
    {"mnt", "mount namespace"},
    {"net", "network namespace"},
    {"pid", "process namespace"},
    {"ipc", "IPC namespace"},
};

static void surrounding_groups(char text[OS_SURROUNDING])
{
    gid_t groups[SURROUNDING_GROUPS];
    int count = getgroups(SURROUNDING_GROUPS, groups);
    int n = snprintf(text, OS_SURROUNDING, "%lu", (unsigned long)getegid());

    for (int i = 0; i < count && n < OS_SURROUNDING; i++)
        n += snprintf(text + n, (size_t)(OS_SURROUNDING - n), ",%lu", (unsigned long)groups[i]);
}

/* A bit for each that is in force. */
static uint64_t surrounding_capability_set(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

    (void)syscall(SYS_capget, &head, data);
    return (uint64_t)data[1].effective << 32 | data[0].effective;
}

bool os_has_capability(int capability)
{
    return surrounding_capability_set() >> capability & 1;
}

static void surrounding_inode(int at, const char *path, char text[OS_SURROUNDING])
{
    struct stat st;

    if (fstatat(at, path, &st, 0) == 0)
        (void)snprintf(text, OS_SURROUNDING, "%llx:%llu", (unsigned long long)st.st_dev,
                       (unsigned long long)st.st_ino);
}

void os_surroundings_read(struct os_surroundings *s)
{
    int namespaces = open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);

    *s = (struct os_surroundings){0};
    surrounding_groups(s->text[0]);
    (void)snprintf(s->text[1], OS_SURROUNDING, "%llx",
                   (unsigned long long)surrounding_capability_set());
    (void)snprintf(s->text[2], OS_SURROUNDING, "%d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    (void)snprintf(s->text[3], OS_SURROUNDING, "%d", prctl(PR_GET_SECCOMP));
    surrounding_inode(AT_FDCWD, "/", s->text[4]);
    if (namespaces < 0)
        return;
    surrounding_inode(namespaces, "mnt", s->text[5]);
    surrounding_inode(namespaces, "net", s->text[6]);
    surrounding_inode(namespaces, "pid_for_children", s->text[7]);
    surrounding_inode(namespaces, "ipc", s->text[8]);
    (void)close(namespaces);
}
