/* Has calls on files below one folder fail: DRILL_CALL, from the DRILL_FROM-th on, DRILL_TIMES times. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static long seen;

static int fails(const char *call, const char *path) {
    const char *wanted = getenv("DRILL_CALL"), *under = getenv("DRILL_UNDER");
    if (!wanted || !under || strcmp(wanted, call) || !path) return 0;
    if (path[0] == '/' && strncmp(path, under, strlen(under))) return 0;
    long from = atol(getenv("DRILL_FROM")), times = atol(getenv("DRILL_TIMES"));
    seen += 1;
    if (seen < from || seen >= from + times) return 0;
    errno = atoi(getenv("DRILL_ERROR"));
    return 1;
}

static int fails_at(const char *call, int file) {
    const char *wanted = getenv("DRILL_CALL");
    char name[40], path[PATH_MAX];
    if (!wanted || strcmp(wanted, call)) return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t size = readlink(name, path, sizeof path - 1);
    if (size <= 0 || path[0] != '/') return 0;
    path[size] = 0;
    return fails(call, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define ON_FILE(name, call, type, parameters, ...) \
    type name parameters { return fails_at(call, file) ? -1 : NEXT(name)(__VA_ARGS__); }
#define ON_PATH(name, call, parameters, ...) \
    int name parameters { return fails(call, path) ? -1 : NEXT(name)(__VA_ARGS__); }
#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        return fails("open", path) ? -1 : NEXT(name)(path, flags, mode); }

ON_FILE(read, "read", ssize_t, (int file, void *to, size_t size), file, to, size)
ON_FILE(pread64, "read", ssize_t, (int file, void *to, size_t size, off64_t at), file, to, size, at)
ON_FILE(write, "write", ssize_t, (int file, const void *of, size_t size), file, of, size)
ON_FILE(pwrite64, "write", ssize_t, (int file, const void *of, size_t size, off64_t at), file, of, size, at)
ON_FILE(writev, "write", ssize_t, (int file, const struct iovec *of, int count), file, of, count)
ON_FILE(fsync, "sync", int, (int file), file)
ON_FILE(fdatasync, "sync", int, (int file), file)
ON_PATH(rename, "rename", (const char *path, const char *to), path, to)
ON_PATH(mkdir, "mkdir", (const char *path, mode_t mode), path, mode)
OPEN(open)
OPEN(open64)
