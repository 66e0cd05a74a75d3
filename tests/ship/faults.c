// Loaded before the C library (LD_PRELOAD): lets what a program asks of the system fail, be cut short or be interrupted,
// where and when the environment says. test_faults.py builds and uses it.
//
//   FAULTS_LOG=FILE        writes `CALL COUNT` per line when the program ends: how often each call was made; and what failed, `CALL! PATH`
//   FAULTS_UNDER=PATH      counts calls on PATH and what is below it, and on files opened there, alone
//   FAULTS_CALL=CALL       which call fails: open, opendir, readdir, read, write, stat, seek, map, sync, rename, mkdir,
//                          unlink, thread, random
//   FAULTS_AT=N            the Nth of them fails; FAULTS_FROM=N: the Nth and all after it; FAULTS_EVERY=N: each Nth
//   FAULTS_ERRNO=NUMBER    with this errno
//   FAULTS_SHORT=N         reads and writes take N bytes at most; FAULTS_PAUSE=N: after N milliseconds
//   FAULTS_SIZE=N          how large files are said to be
//   FAULTS_THREADS=N       how many threads there may be at a time, besides the first
//   FAULTS_CLOCK=SECONDS   what the clock says, in seconds since 1970
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum call { OPEN, OPENDIR, READDIR, READ, WRITE, STAT, SEEK, MAP, SYNC, RENAME, MKDIR, UNLINK, THREAD, RANDOM, CALLS };
static const char *const NAMES[CALLS] = {"open", "opendir", "readdir", "read", "write", "stat", "seek",
                                         "map", "sync", "rename", "mkdir", "unlink", "thread", "random"};

#define FILES 65536
static atomic_long counts[CALLS];
static atomic_char inside[FILES];
static char failed[PATH_MAX + 32];
static const char *under, *record;
static long at, from, every, failure, cut, pause_for, size, threads = -1, now;
static atomic_long running;
static int chosen = -1;

static long number(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
  under = getenv("FAULTS_UNDER");
  record = getenv("FAULTS_LOG");
  at = number("FAULTS_AT");
  from = number("FAULTS_FROM");
  every = number("FAULTS_EVERY");
  failure = number("FAULTS_ERRNO");
  cut = number("FAULTS_SHORT");
  pause_for = number("FAULTS_PAUSE");
  size = number("FAULTS_SIZE");
  if (getenv("FAULTS_THREADS")) threads = number("FAULTS_THREADS");
  now = number("FAULTS_CLOCK");
  const char *name = getenv("FAULTS_CALL");
  for (int call = 0; name && call < CALLS; call++)
    if (!strcmp(name, NAMES[call])) chosen = call;
}

#define REAL(function) ((__typeof__(&function))real(#function))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((destructor)) static void end(void) {
  if (!record) return;
  int file = REAL(open64)(record, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  for (int call = 0; call < CALLS; call++) {
    char line[64];
    int length = snprintf(line, sizeof line, "%s %ld\n", NAMES[call], atomic_load(&counts[call]));
    if (REAL(write)(file, line, length) != length) abort();
  }
  if (failed[0] && REAL(write)(file, failed, strlen(failed)) < 0) abort();
  close(file);
}

static int concerns(const char *path) {
  if (!under) return 1;
  if (!path) return 0;
  char whole[PATH_MAX];
  while (path[0] == '.' && (path[1] == '/' || !path[1])) path += path[1] ? 2 : 1;
  if (path[0] != '/') {
    if (!getcwd(whole, sizeof whole)) return 0;
    size_t length = strlen(whole);
    snprintf(whole + length, sizeof whole - length, *path ? "/%s" : "%s", path);
    path = whole;
  }
  return !strncmp(path, under, strlen(under));
}

static int of_file(int file) { return !under || (file >= 0 && file < FILES && atomic_load(&inside[file])); }

// Whether this call fails, on a path, else on an open file.
static int fails(enum call call, int concerned, const char *path, int file) {
  if (!concerned) return 0;
  long count = atomic_fetch_add(&counts[call], 1) + 1;
  if (call != (enum call)chosen) return 0;
  if (count != at && !(from && count >= from) && !(every && count % every == 0)) return 0;
  char link[64], target[PATH_MAX] = "";
  if (!path && file >= 0) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (REAL(readlink)(link, target, sizeof target - 1) > 0) path = target;
  }
  snprintf(failed, sizeof failed, "%s! %s\n", NAMES[call], path ? path : "");
  errno = (int)failure;
  return 1;
}

static int opened(int file, int concerned) {
  if (file >= 0 && file < FILES) atomic_store(&inside[file], (char)concerned);
  return file;
}

static size_t shortened(size_t length, int concerned) {
  if (!concerned) return length;
  if (pause_for) usleep((useconds_t)pause_for * 1000);
  return cut && length > (size_t)cut ? (size_t)cut : length;
}

#define OPENS(name)                                        \
  int name(const char *path, int flags, ...) {             \
    va_list more;                                          \
    va_start(more, flags);                                 \
    mode_t mode = va_arg(more, mode_t);                    \
    va_end(more);                                          \
    int concerned = concerns(path);                        \
    if (fails(OPEN, concerned, path, -1)) return -1;                 \
    return opened(REAL(name)(path, flags, mode), concerned); \
  }
OPENS(open)
OPENS(open64)

int openat64(int directory, const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  va_end(more);
  int concerned = directory == AT_FDCWD || path[0] == '/' ? concerns(path) : of_file(directory);
  if (fails(OPEN, concerned, path, -1)) return -1;
  return opened(REAL(openat64)(directory, path, flags, mode), concerned);
}

DIR *opendir(const char *path) {
  int concerned = concerns(path);
  if (fails(OPENDIR, concerned, path, -1)) return NULL;
  DIR *directory = REAL(opendir)(path);
  if (directory) opened(dirfd(directory), concerned);
  return directory;
}

struct dirent64 *readdir64(DIR *directory) {
  if (fails(READDIR, of_file(dirfd(directory)), NULL, dirfd(directory))) return NULL;
  return REAL(readdir64)(directory);
}

ssize_t read(int file, void *buffer, size_t length) {
  int concerned = of_file(file);
  if (fails(READ, concerned, NULL, file)) return -1;
  return REAL(read)(file, buffer, shortened(length, concerned));
}

ssize_t pread64(int file, void *buffer, size_t length, off64_t offset) {
  int concerned = of_file(file);
  if (fails(READ, concerned, NULL, file)) return -1;
  return REAL(pread64)(file, buffer, shortened(length, concerned), offset);
}

ssize_t write(int file, const void *buffer, size_t length) {
  int concerned = of_file(file);
  if (fails(WRITE, concerned, NULL, file)) return -1;
  return REAL(write)(file, buffer, shortened(length, concerned));
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  int concerned = of_file(file);
  if (fails(WRITE, concerned, NULL, file)) return -1;
  if (cut && concerned && count > 0) return REAL(write)(file, parts[0].iov_base, shortened(parts[0].iov_len, concerned));
  return REAL(writev)(file, parts, count);
}

#define STATS(name)                              \
  int name(const char *path, struct stat64 *out) { \
    int concerned = concerns(path);              \
    if (fails(STAT, concerned, path, -1)) return -1; \
    int done = REAL(name)(path, out);            \
    if (size && concerned) out->st_size = size;  \
    return done;                                 \
  }
STATS(stat64)
STATS(lstat64)

int fstat64(int file, struct stat64 *out) {
  if (fails(STAT, of_file(file), NULL, file)) return -1;
  int done = REAL(fstat64)(file, out);
  if (size && of_file(file)) out->st_size = size;
  return done;
}

int statx(int directory, const char *restrict path, int flags, unsigned int mask, struct statx *restrict out) {
  // The standard library of Rust asks whether there is such a call with nothing at all, which the header says cannot be.
  const char *volatile given = path;
  int named = given && *given;
  int concerned = given && (named ? concerns(path) : of_file(directory));
  if (fails(STAT, concerned, named ? path : NULL, directory)) return -1;
  int done = REAL(statx)(directory, path, flags, mask, out);
  if (size && concerned && !done) out->stx_size = (unsigned long)size;
  return done;
}

off64_t lseek64(int file, off64_t offset, int whence) {
  if (fails(SEEK, of_file(file), NULL, file)) return -1;
  return REAL(lseek64)(file, offset, whence);
}

#define MAPS(name, offset_type)                                                                       \
  void *name(void *address, size_t length, int protection, int flags, int file, offset_type offset) { \
    if (file >= 0 && fails(MAP, of_file(file), NULL, file)) return MAP_FAILED;                                    \
    return REAL(name)(address, length, protection, flags, file, offset);                              \
  }
MAPS(mmap, off_t)
MAPS(mmap64, off64_t)

int fsync(int file) {
  if (fails(SYNC, of_file(file), NULL, file)) return -1;
  return REAL(fsync)(file);
}

int rename(const char *old, const char *new) {
  if (fails(RENAME, concerns(old), old, -1)) return -1;
  return REAL(rename)(old, new);
}

int mkdir(const char *path, mode_t mode) {
  if (fails(MKDIR, concerns(path), path, -1)) return -1;
  return REAL(mkdir)(path, mode);
}

int unlink(const char *path) {
  if (fails(UNLINK, concerns(path), path, -1)) return -1;
  return REAL(unlink)(path);
}

struct task {
  void *(*start)(void *);
  void *argument;
};

static void *run(void *given) {
  struct task task = *(struct task *)given;
  free(given);
  void *result = task.start(task.argument);
  atomic_fetch_sub(&running, 1);
  return result;
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes, void *(*start)(void *), void *restrict argument) {
  // This call returns its error.
  if (fails(THREAD, 1, NULL, -1)) return (int)failure;
  if (threads < 0) return REAL(pthread_create)(thread, attributes, start, argument);
  struct task *task = malloc(sizeof *task);
  if (!task || atomic_fetch_add(&running, 1) >= threads) {
    if (task) atomic_fetch_sub(&running, 1);
    free(task);
    return EAGAIN;
  }
  *task = (struct task){start, argument};
  int error = REAL(pthread_create)(thread, attributes, run, task);
  if (error) {
    atomic_fetch_sub(&running, 1);
    free(task);
  }
  return error;
}

ssize_t getrandom(void *buffer, size_t length, unsigned int flags) {
  if (fails(RANDOM, 1, NULL, -1)) return -1;
  return REAL(getrandom)(buffer, length, flags);
}

int clock_gettime(clockid_t clock, struct timespec *out) {
  int done = REAL(clock_gettime)(clock, out);
  if (now && clock == CLOCK_REALTIME) out->tv_sec = now;
  return done;
}
