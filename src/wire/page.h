/*
 * page: the table of ops (op.h) as the section "Members" of docs/protocol.md.
 *
 * The program protocol-page puts it there; a unit test holds it true.
 */
#ifndef DROVER_WIRE_PAGE_H
#define DROVER_WIRE_PAGE_H

#include "base/buffer.h"

/* Lines of the page around what page_add adds. */
#define PAGE_BEGIN "<!-- members: written by build/src/wire/protocol-page docs/protocol.md -->\n"
#define PAGE_END   "<!-- end of members -->\n"

/* Adds the section. 0 or -ENOMEM. */
int page_add(struct buffer *out);

/* Replaces what is between the two lines in a page. 0, -ENOMEM, or -EINVAL where they are not
 * there. */
int page_replace(const char *page, struct buffer *out);

#endif
