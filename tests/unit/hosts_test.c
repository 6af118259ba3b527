#include "hostlist/hosts.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The hosts that lists stand for, with blanks between them; or the error. */
static const char *expanded(const char *const *lists, size_t count)
{
    static char text[4096];
    struct hosts hosts = {0};
    struct error err = {0};
    size_t size = 0;
    int r = 0;

    for (size_t i = 0; i < count && r == 0; i++)
        r = hosts_add(&hosts, lists[i], strlen(lists[i]), &err);
    text[0] = '\0';
    for (size_t i = 0; i < hosts.count; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s%s", i ? " " : "",
                                 hosts.list[i].name);
    if (r < 0) {
        assert_int_equal(r, err.code);
        (void)snprintf(text, sizeof text, "%s", err.text);
    }
    hosts_release(&hosts);
    return text;
}

struct pair {
    const char *list, *want;
};

static void check_pairs(const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_string_equal(expanded(&pairs[i].list, 1), pairs[i].want);
}

static void words_stand_for_themselves(void **state)
{
    static const struct pair pairs[] = {
        {"web01", "web01"},
        {"web01,web02", "web01 web02"},
        {" web01 , web02\t", "web01 web02"},
        {"root@web01", "root@web01"},
        {"joe@corp.local@web01:22", "joe@corp.local@web01:22"},
        {"web01:2222", "web01:2222"},
        {"10.0.0.1", "10.0.0.1"},
        {"[::1]", "[::1]"},
        {"[::1]:22,joe@[fe80::1%eth0]:2222", "[::1]:22 joe@[fe80::1%eth0]:2222"},
        {"[::ffff:10.0.0.1]", "[::ffff:10.0.0.1]"},
        {"a_b.C-d", "a_b.C-d"},
    };

    (void)state;
    check_pairs(pairs, LENGTH(pairs));
}

static void ranges_are_expanded(void **state)
{
    static const struct pair pairs[] = {
        {"web[1-3]", "web1 web2 web3"},
        {"web[001-003,200]", "web001 web002 web003 web200"},
        {"web[5]", "web5"},
        {"[1-2]", "1 2"},
        {"n[9-11]x", "n9x n10x n11x"},
        {"r[1-2]n[01-02].dc[1,2]", "r1n01.dc1 r1n01.dc2 r1n02.dc1 r1n02.dc2 "
                                   "r2n01.dc1 r2n01.dc2 r2n02.dc1 r2n02.dc2"},
        {"[0-10/5]", "0 5 10"},
        {"[0-9/5]", "0 5"},
        {"[00-10/5]", "00 05 10"},
        {"n[1-2]3", "n13 n23"},
        {"n1[2-3]", "n12 n13"},
        {"[1-2][3-4]", "13 14 23 24"},
        {"[::1]:[22-23]", "[::1]:22 [::1]:23"},
        {"u[1-2]@h", "u1@h u2@h"},
        {"h[3,1]", "h3 h1"},
        {"h[999999999999999998-999999999999999999]", "h999999999999999998 h999999999999999999"},
    };

    (void)state;
    check_pairs(pairs, LENGTH(pairs));
}

static void padding_is_kept(void **state)
{
    static const struct pair pairs[] = {
        {"c09,c010", "c09 c010"},
        {"c[09,010]", "c09 c010"},
        {"listserv01,listserv3", "listserv01 listserv3"},
        {"[08-11]", "08 09 10 11"},
        {"[8-11]", "8 9 10 11"},
        {"[0-1]", "0 1"},
        {"[00-01]", "00 01"},
        {"[0]", "0"},
        {"[00]", "00"},
        {"[1-09]", "[1-09]: 1-09 has a padded end, and one of another width"},
        {"[1-010]", "[1-010]: 1-010 has a padded end, and one of another width"},
        {"[01-100]", "[01-100]: 01-100 has a padded end, and one of another width"},
        {"[0-010]", "[0-010]: 0-010 has a padded end, and one of another width"},
        {"[00-0]", "[00-0]: 00-0 has a padded end, and one of another width"},
    };

    (void)state;
    check_pairs(pairs, LENGTH(pairs));
}

static void operators_go_from_left_to_right(void **state)
{
    static const struct pair pairs[] = {
        {"a[1-4]!a2", "a1 a3 a4"},
        {"a[1-4]&a[3-9]", "a3 a4"},
        {"a[1-3]^a[2-4]", "a1 a4"},
        {"a!b", "a"},
        {"a!a", ""},
        {"a!a,b", "b"},
        {"a,b&b,c", "b c"},
        {"a,b!b,b", "a b"},
        {"a[1-9] ! a[3-8] & a[2-9] ^ b", "a2 a9 b"},
        {"a^b^a", "b"},
    };

    (void)state;
    check_pairs(pairs, LENGTH(pairs));
}

static void lists_are_united(void **state)
{
    static const char *const lists[] = {"c,b", "b[1-2]!b1", "a"};
    static const char *const none[] = {"a!a", "!a", ",b"};
    static const char *const on[] = {"a[1-5]", "!a2", "&a[1-4]", ",b", "^a1,c"};

    (void)state;
    assert_string_equal(expanded(lists, LENGTH(lists)), "c b b2 a");
    assert_string_equal(expanded(on, LENGTH(on)), "a3 a4 b c");
    assert_string_equal(expanded(none, LENGTH(none)), "b");
}

static void what_is_no_host_is_refused(void **state)
{
    static const struct pair pairs[] = {
        {"", "a host list is empty"},
        {" ", "a host list is empty"},
        {"a,,b", "a,,b: a host is missing behind a ,"},
        {"a,", "a,: a host is missing behind a ,"},
        {"a!", "a!: a host is missing behind a !"},
        {",a", ",a: nothing stands before the ,"},
        {"!a", "!a: nothing stands before the !"},
        {"-oProxyCommand=x", "host -oProxyCommand=x: its name begins with -"},
        {"root@-x", "host root@-x: its name begins with -"},
        {"-l@x", "host -l@x: its user begins with -"},
        {"[1-2]@", "host 1@: its name is empty"},
        {"a;b", "host a;b: its name holds ;: only letters, digits, . - and _ may be in it"},
        {"a$b@c", "host a$b@c: its user holds $: only letters, digits, . - and _ may be in it"},
        {"root@@web", "host root@@web: its user ends with @"},
        {"a%b", "host a%b: its name holds %: only letters, digits, . - and _ may be in it"},
        {"a]", "host a]: its name holds ]: only letters, digits, . - and _ may be in it"},
        {"a b", "host a b: its name holds a blank: hosts are separated by commas"},
        {"a\nb", "host a\nb: its name holds a control character"},
        {"a\x7f", "host a\x7f: its name holds a control character"},
        {"h\xc3\xb6st", "host h\xc3\xb6st: its name is not ASCII"},
        {"h\xff", "host h\xff: its name is not ASCII"},
        {"a:", "host a:: its port is no number from 1 to 65535"},
        {"a:0", "host a:0: its port is no number from 1 to 65535"},
        {"a:65536", "host a:65536: its port is no number from 1 to 65535"},
        {"a:22x", "host a:22x: its port is no number from 1 to 65535"},
        {"a:000022", "host a:000022: its port is no number from 1 to 65535"},
        {"::1", "host ::1: has several colons: an IPv6 address is written in brackets"},
        {"[::g]", "host [::g]: no IPv6 address is in its brackets"},
        {"[::1]22", "host [::1]22: only a port may follow its ]"},
        {"[fe80::1%e;h]",
         "host [fe80::1%e;h]: its zone holds ;: only letters, digits, . - and _ may be in it"},
        {"[fe80::1%]", "host [fe80::1%]: its zone is empty"},
    };

    (void)state;
    check_pairs(pairs, LENGTH(pairs));
}

static void what_is_no_range_is_refused(void **state)
{
    static const struct pair pairs[] = {
        {"a[1-3", "a[1-3: has a [ that is not closed"},
        {"a[]", "a[]: has brackets with nothing in them"},
        {"a[1,]", "a[1,]: has brackets with nothing in them"},
        {"a[3-1]", "a[3-1]: 3-1 runs backwards"},
        {"a[x]", "a[x]: x is no number of at most 18 digits"},
        {"a[1-x]", "a[1-x]: 1-x is no range of numbers of at most 18 digits"},
        {"a[1-2-3]", "a[1-2-3]: 1-2-3 is no range"},
        {"a[5/2]", "a[5/2]: 5/2 is no number and no range"},
        {"a[1-5/0]", "a[1-5/0]: 1-5/0 has a step that is no number above 0"},
        {"a[1-5/]", "a[1-5/]: 1-5/ has a step that is no number above 0"},
        {"a[[1]]", "a[[1]]: [1 is no number of at most 18 digits"},
        {"a[-1]", "a[-1]: -1 is no number of at most 18 digits"},
        {"a[1234567890123456789]",
         "a[1234567890123456789]: 1234567890123456789 is no number of at most 18 digits"},
        {"[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]",
         "[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1]: has more than 16 brackets"},
    };

    (void)state;
    check_pairs(pairs, LENGTH(pairs));
}

static void too_many_hosts_are_refused_before_they_are_made(void **state)
{
    static const struct pair pairs[] = {
        {"[0-99999999]", "[0-99999999]: makes more than 1000000 hosts"},
        {"[0-999999999999999999][0-999999999999999999]",
         "[0-999999999999999999][0-999999999999999999]: makes more than 1000000 hosts"},
    };
    static const char whole[] = "[0-999]a[0-999]";
    struct hosts hosts = {0};
    struct error err;

    (void)state;
    check_pairs(pairs, LENGTH(pairs));
    assert_int_equal(hosts_add(&hosts, whole, strlen(whole), NULL), 0);
    assert_int_equal(hosts.count, HOSTS_MAX);
    assert_int_equal(hosts_add(&hosts, "b", 1, &err), -E2BIG);
    assert_string_equal(err.text, "b: makes more than 1000000 hosts");
    hosts_release(&hosts);
}

static void a_name_has_a_limit(void **state)
{
    char name[HOST_MAX + 2];
    struct error err;
    struct host host;

    (void)state;
    memset(name, 'a', sizeof name);
    assert_int_equal(host_parse(&host, name, HOST_MAX, &err), 0);
    host_release(&host);
    assert_int_equal(host_parse(&host, name, HOST_MAX + 1, &err), -EINVAL);
    assert_non_null(strstr(err.text, "aaa...: is longer than 320 bytes"));
}

static void a_zero_byte_is_no_part_of_a_name(void **state)
{
    static const char name[] = "a\0b", port[] = "a:2\0";
    struct host host;

    (void)state;
    assert_int_equal(host_parse(&host, name, sizeof name - 1, NULL), -EINVAL);
    assert_int_equal(host_parse(&host, port, sizeof port - 1, NULL), -EINVAL);
    assert_int_equal(host_parse(&host, "[::1\0]", 6, NULL), -EINVAL);
}

static void a_host_is_taken_apart(void **state)
{
    static const char list[] = "web01,joe@[fe80::1%eth0]:2222,web:22";
    struct hosts hosts = {0};

    (void)state;
    assert_int_equal(hosts_add(&hosts, list, strlen(list), NULL), 0);
    assert_string_equal(hosts.list[0].address, "web01");
    assert_null(hosts.list[0].user);
    assert_null(hosts.list[0].port);
    assert_string_equal(hosts.list[1].name, "joe@[fe80::1%eth0]:2222");
    assert_string_equal(hosts.list[1].user, "joe");
    assert_string_equal(hosts.list[1].address, "fe80::1%eth0");
    assert_string_equal(hosts.list[1].port, "2222");
    assert_string_equal(hosts.list[2].address, "web");
    assert_string_equal(hosts.list[2].port, "22");
    hosts_release(&hosts);
}

static void a_host_named_again_is_taken_once_and_counted(void **state)
{
    static const char list[] = "b,a[1-3],a2,b,a[3-4]", clean[] = "a!b,b";
    struct hosts hosts = {0};

    (void)state;
    assert_int_equal(hosts_add(&hosts, list, strlen(list), NULL), 0);
    assert_int_equal(hosts.count, 5);
    assert_int_equal(hosts.duplicates, 3);
    assert_string_equal(hosts.duplicate, "a2");
    assert_string_equal(hosts.list[0].name, "b");
    assert_string_equal(hosts.list[4].name, "a4");
    hosts_release(&hosts);
    assert_int_equal(hosts_add(&hosts, clean, strlen(clean), NULL), 0);
    assert_int_equal(hosts.duplicates, 0);
    hosts_release(&hosts);
}

static void what_is_left_out_is_gone(void **state)
{
    static const char list[] = "a[1-5]", out[] = "a[2-3],z", again[] = "a2";
    struct hosts hosts = {0};

    (void)state;
    assert_int_equal(hosts_add(&hosts, list, strlen(list), NULL), 0);
    assert_int_equal(hosts_leave_out(&hosts, out, strlen(out), NULL), 0);
    assert_int_equal(hosts.count, 3);
    assert_string_equal(hosts.list[1].name, "a4");
    assert_int_equal(hosts.idle, 1);
    assert_string_equal(hosts.idle_word, "z");
    assert_int_equal(hosts_add(&hosts, again, strlen(again), NULL), 0);
    assert_string_equal(hosts.list[3].name, "a2");
    assert_int_equal(hosts.duplicates, 0);
    hosts_release(&hosts);
}

static void an_exclusion_that_excludes_nothing_is_noted(void **state)
{
    static const struct {
        const char *list, *word, *like;
        size_t idle;
    } rows[] = {
        {"web[001-009]!web07", "web07", "web007", 1},
        {"web[1-9]!web07", "web07", "web7", 1},
        {"web[1-9]!web7", "", "", 0},
        {"web[1-9]!web[9-20]", "", "", 0},
        {"web[1-9]!web[10-20]!db", "web[10-20]", "", 2},
        {"r01n1,r1n02!r01n02", "r01n02", "r1n02", 1},
        {"web0!web00", "web00", "web0", 1},
        {"web1&web2", "", "", 0},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct hosts hosts = {0};

        assert_int_equal(hosts_add(&hosts, rows[i].list, strlen(rows[i].list), NULL), 0);
        assert_int_equal(hosts.idle, rows[i].idle);
        assert_string_equal(hosts.idle_word, rows[i].word);
        assert_string_equal(hosts.like, rows[i].like);
        hosts_release(&hosts);
    }
}

static void the_last_at_is_the_one_before_the_address(void **state)
{
    static const char name[] = "joe@corp.local@[fe80::1%eth0]:22";
    struct host host;

    (void)state;
    assert_int_equal(host_parse(&host, name, strlen(name), NULL), 0);
    assert_string_equal(host.user, "joe@corp.local");
    assert_string_equal(host.address, "fe80::1%eth0");
    assert_string_equal(host.port, "22");
    host_release(&host);
}

static void without_groups_there_are_none(void **state)
{
    static const struct pair pairs[] = {
        {"@web", "@web: there is no such group"},
        {"@", "@: there is no such group"},
    };

    (void)state;
    check_pairs(pairs, LENGTH(pairs));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_stand_for_themselves),
        cmocka_unit_test(ranges_are_expanded),
        cmocka_unit_test(padding_is_kept),
        cmocka_unit_test(operators_go_from_left_to_right),
        cmocka_unit_test(lists_are_united),
        cmocka_unit_test(what_is_no_host_is_refused),
        cmocka_unit_test(what_is_no_range_is_refused),
        cmocka_unit_test(too_many_hosts_are_refused_before_they_are_made),
        cmocka_unit_test(a_name_has_a_limit),
        cmocka_unit_test(a_zero_byte_is_no_part_of_a_name),
        cmocka_unit_test(a_host_is_taken_apart),
        cmocka_unit_test(a_host_named_again_is_taken_once_and_counted),
        cmocka_unit_test(what_is_left_out_is_gone),
        cmocka_unit_test(an_exclusion_that_excludes_nothing_is_noted),
        cmocka_unit_test(the_last_at_is_the_one_before_the_address),
        cmocka_unit_test(without_groups_there_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
