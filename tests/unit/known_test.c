#include "hostlist/known.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Hashed by `ssh-keygen -H`. */
#define WEB1 "|1|ltWLHmPMbg47xWAjUPPhhmX0Qro=|gLHZfzBbjmrSqrWXwSp74Re2RNA= ssh-ed25519 AAAA1"
#define WEB2 "|1|WnrFyGDvnPB9JHeZy9dnq+OB26Y=|85y/yNXSYpu5thNhOIIj3re5A1w= ssh-ed25519 AAAA2"
#define WEB3 "web3,10.0.0.3 ssh-ed25519 AAAA3"
#define WEB4 "[web3]:2222 ssh-rsa AAAA4"
#define ALL  "*.example.com ssh-ed25519 AAAA5"
#define CA   "@cert-authority web3 ssh-ed25519 AAAA6"

static const char file_text[] = "# known\n" WEB1 "\n\n" WEB2 "\n" WEB3 "\n" WEB4 "\n" ALL "\n" CA
                                "\n|1|bad|worse ssh-rsa AAAA\n|1|\n|\n web9\n";

struct fixture {
    char path[64];
    struct known known;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    int fd;

    (void)snprintf(f->path, sizeof f->path, "/tmp/drover-known.XXXXXX");
    fd = mkstemp(f->path);
    if (fd < 0 || write(fd, file_text, strlen(file_text)) != (ssize_t)strlen(file_text))
        return -1;
    *state = f;
    return close(fd);
}

static int end(void **state)
{
    struct fixture *f = *state;

    known_release(&f->known);
    (void)unlink(f->path);
    free(f);
    return 0;
}

/* What is handed to each of the hosts. */
static void select_for(struct known *known, const char *const *names, size_t count,
                       struct buffer *out)
{
    struct host hosts[8] = {0};
    struct error err = {0};

    assert_in_range(count, 1, LENGTH(hosts));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(host_parse(&hosts[i], names[i], strlen(names[i]), &err), 0);
    assert_int_equal(known_select(known, hosts, count, out), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(buffer_add_byte(&out[i], '\0'), 0);
    for (size_t i = 0; i < count; i++)
        host_release(&hosts[i]);
}

static void each_host_gets_its_lines(void **state)
{
    static const char *const names[] = {"web1",     "root@web2:2222", "WEB3", "web3:2222",
                                        "10.0.0.3", "web2",           "web9"};
    static const char *const wanted[] = {WEB1 "\n" ALL "\n" CA "\n", WEB2 "\n" ALL "\n" CA "\n",
                                         WEB3 "\n" ALL "\n" CA "\n", WEB4 "\n" ALL "\n" CA "\n",
                                         WEB3 "\n" ALL "\n" CA "\n", "",
                                         "web9\n" ALL "\n" CA "\n"};
    struct buffer out[LENGTH(names)] = {0};
    struct fixture *f = *state;
    struct error err;

    assert_int_equal(known_read(&f->known, f->path, &err), 0);
    select_for(&f->known, names, LENGTH(names), out);
    for (size_t i = 0; i < LENGTH(names); i++) {
        assert_string_equal(out[i].data, wanted[i]);
        buffer_release(&out[i]);
    }
}

static void a_file_that_is_not_there_has_no_lines(void **state)
{
    struct fixture *f = *state;
    struct error err;

    assert_int_equal(known_read(&f->known, "/nonexistent/known_hosts", &err), 0);
    assert_int_equal(f->known.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_host_gets_its_lines, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_there_has_no_lines, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
