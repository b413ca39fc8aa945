/* A wall clock that goes faster than the machine, for a process that does not know.

Preloaded (LD_PRELOAD) into the daemon. The calendar (CLOCK_REALTIME) runs RATE times as fast as it should, from a
base that stands in a file, so that all processes and the soak share one clock, and it can be made to jump while
the daemon runs. The monotonic clock stays the machine's: sockets, time-outs, and how long something took keep
their meaning. Waits for time to pass (time.sleep, a lock or event with a time-out) shrink by RATE, but to no less
than FLOOR: a loop that waits again until its monotonic time is over shall not spin.

CPython waits for locks by sem_clockwait and sleeps by clock_nanosleep; nanosleep and usleep are left alone, as
SQLite waits for its locks by them.

FASTCLOCK names the file: three 64-bit integers, the wall clock in ns at the base, the monotonic clock in ns at the
base, the rate. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define FLOOR (10 * 1000000LL)

struct base {
  volatile int64_t wall, monotonic, rate;
};
static const struct base *base;
static int (*wait_really)(sem_t *, clockid_t, const struct timespec *);

/* The kernel's own word, without this library. */
static int64_t kernel(clockid_t which) {
  struct timespec t;
  syscall(SYS_clock_gettime, which, &t);
  return t.tv_sec * SECOND + t.tv_nsec;
}

static struct timespec as_timespec(int64_t ns) {
  return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FASTCLOCK");
  wait_really = dlsym(RTLD_NEXT, "sem_clockwait");
  if (path == NULL) return;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) abort();
  void *mapped = mmap(NULL, sizeof(struct base), PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) abort();
  base = mapped;
  close(file);
}

static int64_t wall(void) {
  if (base == NULL) return kernel(CLOCK_REALTIME);
  return base->wall + (kernel(CLOCK_MONOTONIC) - base->monotonic) * base->rate;
}

/* How long to wait really for `left` ns of the program's. */
static int64_t shrunk(int64_t left) {
  if (base == NULL || left <= FLOOR) return left;
  int64_t real = left / base->rate;
  return real < FLOOR ? FLOOR : real;
}

int clock_gettime(clockid_t which, struct timespec *t) {
  if (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE) {
    *t = as_timespec(wall());
    return 0;
  }
  return (int)syscall(SYS_clock_gettime, which, t);
}

time_t time(time_t *t) {
  time_t now = wall() / SECOND;
  if (t != NULL) *t = now;
  return now;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone) {
  (void)zone;
  int64_t now = wall();
  t->tv_sec = now / SECOND;
  t->tv_usec = now % SECOND / 1000;
  return 0;
}

int sem_clockwait(sem_t *semaphore, clockid_t which, const struct timespec *until) {
  if (which != CLOCK_MONOTONIC) return wait_really(semaphore, which, until);
  int64_t now = kernel(CLOCK_MONOTONIC);
  struct timespec sooner = as_timespec(now + shrunk(until->tv_sec * SECOND + until->tv_nsec - now));
  return wait_really(semaphore, which, &sooner);
}

int clock_nanosleep(clockid_t which, int flags, const struct timespec *asked, struct timespec *left) {
  struct timespec until = *asked;
  if (which == CLOCK_MONOTONIC && flags == TIMER_ABSTIME) {
    int64_t now = kernel(CLOCK_MONOTONIC);
    until = as_timespec(now + shrunk(asked->tv_sec * SECOND + asked->tv_nsec - now));
  }
  return syscall(SYS_clock_nanosleep, which, flags, &until, left) == 0 ? 0 : errno;
}
