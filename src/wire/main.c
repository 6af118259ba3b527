/* protocol-page FILE: writes the table of ops into the page docs/protocol.md. */
#include "base/buffer.h"
#include "os/file.h"
#include "wire/page.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct buffer page = BUFFER_INIT, out = BUFFER_INIT;
    int fd = argc == 2 ? os_open(argv[1], O_RDWR, 0) : -1;
    ssize_t n = fd;

    while (fd >= 0 && (n = buffer_read(&page, fd, 65536)) > 0)
        ;
    if (n == 0)
        n = buffer_add_byte(&page, '\0');
    if (n == 0)
        n = page_replace(page.data, &out);
    if (n == 0 && (lseek(fd, 0, SEEK_SET) < 0 || ftruncate(fd, 0) < 0))
        n = -1;
    if (n == 0)
        n = os_write_all(fd, out.data, out.size);
    if (n < 0)
        (void)fprintf(stderr, "usage: protocol-page FILE, a page with the lines\n%s%s", PAGE_BEGIN,
                      PAGE_END);
    buffer_release(&page);
    buffer_release(&out);
    return n < 0;
}
