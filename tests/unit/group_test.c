#include "hostlist/group.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory of its own for the user's file, which XDG_CONFIG_HOME leads to. */
struct fixture {
    char dir[64], folder[96], file[128];
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    (void)snprintf(f->dir, sizeof f->dir, "/tmp/drover-group.XXXXXX");
    if (!mkdtemp(f->dir))
        return -1;
    (void)snprintf(f->folder, sizeof f->folder, "%s/drover", f->dir);
    (void)snprintf(f->file, sizeof f->file, "%s/hosts", f->folder);
    *state = f;
    return mkdir(f->folder, 0700) == 0 ? setenv("XDG_CONFIG_HOME", f->dir, 1) : -1;
}

static int end(void **state)
{
    struct fixture *f = *state;

    (void)unlink(f->file);
    (void)rmdir(f->folder);
    (void)rmdir(f->dir);
    free(f);
    return 0;
}

/* What a list stands for where the user's file has that text; or the error, FILE for its path. */
static const char *with(const struct fixture *f, const char *text, const char *list)
{
    static char out[4096];
    struct groups groups = {0};
    struct hosts hosts = {.groups = groups_lookup(&groups)};
    struct error err = {0};
    FILE *file = fopen(f->file, "w");
    char *path, rest[1000];
    size_t size = 0;

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    out[0] = '\0';
    if (hosts_add(&hosts, list, strlen(list), &err) < 0) {
        (void)snprintf(out, sizeof out, "%s", err.text);
        while ((path = strstr(out, f->file))) {
            (void)snprintf(rest, sizeof rest, "%s", path + strlen(f->file));
            (void)snprintf(path, sizeof out - (size_t)(path - out), "FILE%s", rest);
        }
    }
    for (size_t i = 0; i < hosts.count && !*err.text; i++)
        size += (size_t)snprintf(out + size, sizeof out - size, "%s%s", i ? " " : "",
                                 hosts.list[i].name);
    hosts_release(&hosts);
    groups_release(&groups);
    return out;
}

static void groups_hold_lists(void **state)
{
    static const char text[] = "\xef\xbb\xbf# all of it\r\n\r\n[web]\r\nweb[1-3] # three\r\n"
                               "[db]\n  db1,db2  \nroot@[::1]:22\n[::2]\n\n[empty]\n[web]\nweb9";

    assert_string_equal(with(*state, text, "@web"), "web1 web2 web3 web9");
    assert_string_equal(with(*state, text, "@db"), "db1 db2 root@[::1]:22 [::2]");
    assert_string_equal(with(*state, text, "x,@web!web[2-9]"), "x web1");
    assert_string_equal(with(*state, text, "@empty"), "");
    assert_string_equal(with(*state, text, "@*"),
                        "web1 web2 web3 web9 db1 db2 root@[::1]:22 [::2]");
}

static void groups_hold_groups(void **state)
{
    static const char text[] = "[all]\n@web,@db\n!@old\n[web]\nw[1-3]\n[db]\nd[1-2]\n"
                               "[old]\nw2,d1\n[r1]\na\n[r2]\nb\n[rows]\n@r[1-2]\n";

    assert_string_equal(with(*state, text, "@all"), "w1 w3 d2");
    assert_string_equal(with(*state, text, "@all&@old"), "");
    assert_string_equal(with(*state, "[g]\n@e\n!a\n!b\n[e]\n", "@g"), "");
    assert_string_equal(with(*state, text, "@rows"), "a b");
    assert_string_equal(with(*state, text, "@all,@all"), "w1 w3 d2");
}

/* Each group twice in the next: 2^60 hosts, if a group were not made out once. */
static void groups_are_made_out_once(void **state)
{
    char text[4096];
    size_t size = (size_t)snprintf(text, sizeof text, "[g0]\nh\n");

    for (int i = 1; i <= 60; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "[g%d]\n@g%d\n@g%d\n", i, i - 1,
                                 i - 1);
    assert_string_equal(with(*state, text, "@g60"), "h");
}

static void cycles_are_named(void **state)
{
    static const char text[] = "[a]\nx\n@b\n[b]\n@c\n[c]\n@b\n[self]\n@self\n[any]\n@*\n";

    assert_string_equal(with(*state, text, "@a"),
                        "FILE:7: @b: is a group of itself: @b -> @c -> @b");
    assert_string_equal(with(*state, text, "@self"),
                        "FILE:9: @self: is a group of itself: @self -> @self");
    assert_string_equal(with(*state, "[any]\n@*\n", "@any"),
                        "FILE:2: @any: is a group of itself: @any -> @any");
}

static void depth_has_a_limit(void **state)
{
    char text[8192];
    size_t size = (size_t)snprintf(text, sizeof text, "[g0]\nh\n");

    for (int i = 1; i <= 70; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "[g%d]\n@g%d\n", i, i - 1);
    assert_string_equal(with(*state, text, "@g63"), "h");
    assert_string_equal(with(*state, text, "@g64"), "FILE:4: @g0: more than 64 groups in groups");
}

static void mistakes_name_their_line(void **state)
{
    static const struct {
        const char *text, *want;
    } files[] = {
        {"[g]\n\na[1-\n", "FILE:3: a[1-: has a [ that is not closed"},
        {"[g]\nok\na b\n",
         "FILE:3: host a b: its name holds a blank: hosts are separated by commas"},
        {"[g]\n!a\n", "FILE:2: !a: nothing stands before the !"},
        {"a\n[g]\n", "FILE:1: a host stands before the first [group]"},
        {"[g]\n[a b]\n", "FILE:2: [a b]: the name of a group is letters, digits, . - and _"},
        {"[]\n[g]\n", "FILE:1: []: the name of a group is letters, digits, . - and _"},
        {"[g]\n@inner\n[inner]\na;\n",
         "FILE:4: host a;: its name holds ;: only letters, digits, . - and _ may be in it"},
        {"[g]\n[0-99999999]x\n", "FILE:2: [0-99999999]x: makes more than 1000000 hosts"},
    };

    for (size_t i = 0; i < LENGTH(files); i++)
        assert_string_equal(with(*state, files[i].text, "@g"), files[i].want);
}

static void unknown_groups_name_the_nearest(void **state)
{
    static const char text[] = "[webservers]\nw1\n[db]\n@webserver\n";

    assert_string_equal(with(*state, text, "@webserves"),
                        "@webserves: there is no such group in FILE or /etc/drover/hosts: "
                        "did you mean @webservers?");
    assert_string_equal(with(*state, text, "@zzz"),
                        "@zzz: there is no such group in FILE or /etc/drover/hosts");
    assert_string_equal(with(*state, text, "@db"),
                        "FILE:4: @webserver: there is no such group in FILE or "
                        "/etc/drover/hosts: did you mean @webservers?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(groups_hold_lists, begin, end),
        cmocka_unit_test_setup_teardown(groups_hold_groups, begin, end),
        cmocka_unit_test_setup_teardown(groups_are_made_out_once, begin, end),
        cmocka_unit_test_setup_teardown(cycles_are_named, begin, end),
        cmocka_unit_test_setup_teardown(depth_has_a_limit, begin, end),
        cmocka_unit_test_setup_teardown(mistakes_name_their_line, begin, end),
        cmocka_unit_test_setup_teardown(unknown_groups_name_the_nearest, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
