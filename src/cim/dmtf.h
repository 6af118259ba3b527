/*
 * dmtf: times as WMI writes them (CIM_DATETIME of DSP0004): 20261125182025.000000+060, local time
 * with the minutes that it is ahead of UTC.
 */
#ifndef DROVER_CIM_DMTF_H
#define DROVER_CIM_DMTF_H

#include <stdint.h>

#define DMTF_TEXT 32 /* room for one, NUL included */

/* Writes seconds since 1970 as local time. */
void dmtf_format(int64_t seconds, char text[DMTF_TEXT]);

/* Reads one, with any offset; microseconds are dropped. 0 or -EINVAL. */
int dmtf_parse(const char *text, int64_t *seconds);

#endif
