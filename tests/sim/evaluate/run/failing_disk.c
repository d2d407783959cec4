/* A disk that is full from the n-th change below a folder on, or at that one only; loaded before the C library. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static char below[4096];
static int fails_at = 0, is_lasting = 0, error_number = ENOSPC, changes = 0, is_paused = 0;

void arm_disk(const char *folder, int n, int lasting, int number) {
    strncpy(below, folder, sizeof below - 1);
    fails_at = n, is_lasting = lasting, error_number = number, changes = 0;
}

int count_changes(void) { return changes; }

void pause_disk(int paused) { is_paused = paused; }

/* Return 1 if this change fails. */
static int fails(const char *path) {
    if (is_paused || !below[0] || strncmp(path, below, strlen(below)) != 0) return 0;
    changes++;
    if (!fails_at || changes < fails_at || (changes > fails_at && !is_lasting)) return 0;
    errno = error_number;
    return 1;
}

static int fails_in(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(path);
}

#define NEXT(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

ssize_t write(int file, const void *data, size_t size) {
    if (fails_in(file)) {
        if (is_lasting && changes == fails_at && size > 1)  /* the disk takes the first half */
            return NEXT(ssize_t, "write", int, const void *, size_t)(file, data, size / 2);
        errno = error_number;
        return -1;
    }
    return NEXT(ssize_t, "write", int, const void *, size_t)(file, data, size);
}

#define OPEN(name)                                                       \
    int name(const char *path, int flags, ...) {                         \
        va_list list;                                                    \
        va_start(list, flags);                                           \
        int mode = va_arg(list, int);                                    \
        va_end(list);                                                    \
        if ((flags & O_CREAT) && fails(path)) return -1;                 \
        return NEXT(int, #name, const char *, int, ...)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

int rename(const char *from, const char *to) {
    return fails(to) ? -1 : NEXT(int, "rename", const char *, const char *)(from, to);
}

int mkdir(const char *path, mode_t mode) { return fails(path) ? -1 : NEXT(int, "mkdir", const char *, mode_t)(path, mode); }

int fsync(int file) { return fails_in(file) ? -1 : NEXT(int, "fsync", int)(file); }
