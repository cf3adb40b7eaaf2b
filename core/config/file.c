/*
 * Files and directories, bounded.
 */
#include "core/config/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/text.h"

#define FIRST_ROOM ((size_t)16 * 1024)
#define FILES_MAX  100000

static bool fail_errno(struct irsa_error *err, const char *path) {
    return IRSA_FAIL(err, INVALID, "%s: %s", path,
                     strerror(errno)); /* NOLINT(concurrency-mt-unsafe): glibc's is safe */
}

static bool fail_size(struct irsa_error *err, const char *path, size_t max_bytes) {
    return IRSA_FAIL(err, TOO_LARGE, "%s: the file has more than %zu bytes", path, max_bytes);
}

/* Up to the end, or one byte more than may be. */
static bool read_all(struct irsa_arena *arena, int fd, size_t max_bytes, char **out_bytes, size_t *out_length) {
    size_t room = FIRST_ROOM;
    size_t length = 0;
    char *bytes = irsa_arena_alloc(arena, room);
    for (;;) {
        if (length + 1 == room) {
            bytes = irsa_arena_extend(arena, bytes, room, room * 2);
            room *= 2;
        }
        ssize_t count = read(fd, bytes + length, room - length - 1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        length += (size_t)count;
        if (count == 0 || length > max_bytes)
            break;
    }
    bytes[length] = '\0';
    *out_bytes = bytes;
    *out_length = length;
    return true;
}

bool irsa_file_read(struct irsa_arena *arena, const char *path, size_t max_bytes, char **out_bytes, size_t *out_length,
                    struct irsa_error *err) {
    bool is_stdin = strcmp(path, "-") == 0;
    const char *name = is_stdin ? "standard input" : path;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(err, name);
    char *bytes = NULL;
    size_t length = 0;
    bool is_read = read_all(arena, fd, max_bytes, &bytes, &length);
    if (!is_read)
        fail_errno(err, name);
    if (!is_stdin)
        close(fd);
    if (!is_read)
        return false;
    if (length > max_bytes)
        return fail_size(err, name, max_bytes);
    *out_bytes = bytes;
    *out_length = length;
    return true;
}

static bool is_config_name(const char *name) {
    return name[0] != '.' && (irsa_text_ends_with(name, ".yaml") || irsa_text_ends_with(name, ".yml") ||
                              irsa_text_ends_with(name, ".json"));
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct names {
    const char **at;
    size_t count, room;
};

static void add_name(struct names *names, struct irsa_arena *arena, const char *name) {
    if (names->count == names->room) {
        size_t room = names->room == 0 ? 64 : names->room * 2;
        names->at = irsa_arena_extend(arena, names->at, names->room * sizeof names->at[0], room * sizeof names->at[0]);
        names->room = room;
    }
    names->at[names->count++] = name;
}

static bool collect(struct irsa_arena *arena, DIR *directory, const char *path, struct names *names,
                    struct irsa_error *err) {
    const char *slash = irsa_text_ends_with(path, "/") ? "" : "/";
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory); /* NOLINT(concurrency-mt-unsafe): the stream is ours alone */
        if (entry == NULL)
            return errno == 0 || fail_errno(err, path);
        if (!is_config_name(entry->d_name))
            continue;
        struct stat status;
        const char *name = irsa_arena_format(arena, "%s%s%s", path, slash, entry->d_name);
        if (stat(name, &status) != 0)
            return fail_errno(err, name); /* a dangling link: what it stood for is not left out */
        if (!S_ISREG(status.st_mode))
            continue;
        if (names->count == FILES_MAX)
            return IRSA_FAIL(err, TOO_LARGE, "%s: there are more than %d files", path, FILES_MAX);
        add_name(names, arena, name);
    }
}

static bool list_directory(struct irsa_arena *arena, const char *path, struct irsa_strings *out_paths,
                           struct irsa_error *err) {
    DIR *directory = opendir(path);
    if (directory == NULL)
        return fail_errno(err, path);
    struct names names = {0};
    bool is_read = collect(arena, directory, path, &names, err);
    closedir(directory);
    if (!is_read)
        return false;
    if (names.count == 0)
        return IRSA_FAIL(err, INVALID, "%s: there are no *.yaml, *.yml or *.json in this directory", path);
    qsort(names.at, names.count, sizeof names.at[0], compare_texts);
    *out_paths = (struct irsa_strings){names.at, names.count};
    return true;
}

bool irsa_file_list(struct irsa_arena *arena, const char *path, struct irsa_strings *out_paths,
                    struct irsa_error *err) {
    struct stat status;
    if (strcmp(path, "-") != 0) {
        if (stat(path, &status) != 0)
            return fail_errno(err, path);
        if (S_ISDIR(status.st_mode))
            return list_directory(arena, path, out_paths, err);
    }
    const char **only = IRSA_NEW(arena, const char *);
    *only = irsa_arena_copy(arena, path);
    *out_paths = (struct irsa_strings){only, 1};
    return true;
}
