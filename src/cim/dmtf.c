#include "cim/dmtf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void dmtf_format(int64_t seconds, char text[DMTF_TEXT])
{
    time_t time = (time_t)seconds;
    char local[24] = "";
    struct tm tm;
    long ahead;

    if (!localtime_r(&time, &tm) || strftime(local, sizeof local, "%Y%m%d%H%M%S", &tm) == 0)
        (void)memset(&tm, 0, sizeof tm);
    ahead = tm.tm_gmtoff / 60;
    (void)snprintf(text, DMTF_TEXT, "%s.000000%c%03ld", local, ahead < 0 ? '-' : '+', labs(ahead));
}

int dmtf_parse(const char *text, int64_t *seconds)
{
    struct tm tm = {0};
    unsigned ahead;
    char sign[2], more;

    if (strlen(text) != 25 || strspn(text, "0123456789") != 14 ||
        sscanf(text, "%4d%2d%2d%2d%2d%2d.%*6u%1[+-]%3u%c", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec, sign, &ahead, &more) != 8)
        return -EINVAL;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *seconds = (int64_t)timegm(&tm) - (*sign == '-' ? -60 : 60) * (int64_t)ahead;
    return 0;
}
