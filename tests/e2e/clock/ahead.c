/* The wall clock of one process, moved. Loaded before its own libraries (LD_PRELOAD), so that the
 * program under test stays as it is and only its machine has another time.
 *
 * CLOCK_AHEAD_FILE names a file with one number: by how many milliseconds, read once at the start.
 * The monotonic clocks are not touched.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL

static long long ahead_ns;

__attribute__((constructor)) static void read_ahead(void)
{
    const char *path = getenv("CLOCK_AHEAD_FILE");
    FILE *file = path ? fopen(path, "r") : NULL;
    long long ms = 0;
    if (!file || fscanf(file, "%lld", &ms) != 1) {
        fputs("ahead.c: CLOCK_AHEAD_FILE names no file with a number\n", stderr);
        abort();
    }
    fclose(file);
    ahead_ns = ms * 1000000LL;
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    int failed = (int)syscall(SYS_clock_gettime, clock, at);
    if (failed || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
        return failed;
    long long ns = at->tv_sec * NS_PER_S + at->tv_nsec + ahead_ns;
    at->tv_sec = ns / NS_PER_S;
    at->tv_nsec = ns % NS_PER_S;
    return 0;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    (void)zone;
    struct timespec now;
    int failed = clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *at)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}
