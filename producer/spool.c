/*
 * Spool: a tail in memory and, once it is over a megabyte, a file before it. An entry is its length and its bytes.
 */
#include "producer/spool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/text.h"

#define FIRST_BYTES  ((size_t)16 * 1024)
#define TAIL_BYTES   ((size_t)1024 * 1024)
#define WINDOW_BYTES ((size_t)256 * 1024)
#define HEAD_BYTES   sizeof(uint32_t)

/*
 * The entries [0, flushed) are in the file, the others in `tail`. `window` is the piece of the file that was read last;
 * what is in the file never changes, so it stays valid.
 */
struct irsa_spool {
    int fd; /* -1: no file yet */
    uint64_t flushed;
    char *tail;
    size_t tail_length, tail_capacity;
    char *window;
    uint64_t window_start;
    size_t window_length, window_capacity;
};

struct irsa_spool *irsa_spool_new(void) {
    struct irsa_spool *spool = irsa_new(sizeof *spool);
    spool->fd = -1;
    return spool;
}

void irsa_spool_free(struct irsa_spool *spool) {
    if (spool == NULL)
        return;
    if (spool->fd >= 0)
        close(spool->fd);
    free(spool->tail);
    free(spool->window);
    free(spool);
}

static bool open_file(struct irsa_spool *spool, struct irsa_error *err) {
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/irsactl-XXXXXX", irsa_text_is_empty(folder) ? "/tmp" : folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return IRSA_FAIL(err, UNAVAILABLE, "TMPDIR is too long a path");
    spool->fd = mkostemp(path, O_CLOEXEC);
    if (spool->fd < 0)
        return IRSA_FAIL(err, UNAVAILABLE, "no temporary file can be made as %s: %s", path, strerror(errno));
    unlink(path);
    return true;
}

static bool flush_tail(struct irsa_spool *spool, struct irsa_error *err) {
    if (spool->fd < 0 && !open_file(spool, err))
        return false;
    size_t done = 0;
    while (done < spool->tail_length) {
        ssize_t written =
            pwrite(spool->fd, spool->tail + done, spool->tail_length - done, (off_t)(spool->flushed + done));
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return IRSA_FAIL(err, UNAVAILABLE, "the temporary file cannot be written (TMPDIR names its folder): %s",
                             strerror(errno));
        done += (size_t)written;
    }
    spool->flushed += done;
    spool->tail_length = 0;
    return true;
}

static void make_room(struct irsa_spool *spool, size_t size) {
    size_t need = spool->tail_length + size;
    if (need <= spool->tail_capacity)
        return;
    size_t capacity = spool->tail_capacity == 0 ? FIRST_BYTES : spool->tail_capacity * 2;
    spool->tail_capacity = capacity < need ? need : capacity;
    spool->tail = irsa_grow(spool->tail, spool->tail_capacity, 1);
}

bool irsa_spool_add(struct irsa_spool *spool, const void *bytes, size_t length, uint64_t *out_position,
                    struct irsa_error *err) {
    if (length > IRSA_SPOOL_ENTRY_MAX_BYTES)
        return IRSA_FAIL(err, TOO_LARGE, "an entry of %zu bytes is over the bound of %zu", length,
                         IRSA_SPOOL_ENTRY_MAX_BYTES);
    if (spool->tail_length > 0 && spool->tail_length + HEAD_BYTES + length > TAIL_BYTES && !flush_tail(spool, err))
        return false;
    make_room(spool, HEAD_BYTES + length);
    uint32_t head = (uint32_t)length;
    *out_position = irsa_spool_end(spool);
    memcpy(spool->tail + spool->tail_length, &head, HEAD_BYTES);
    memcpy(spool->tail + spool->tail_length + HEAD_BYTES, bytes, length);
    spool->tail_length += HEAD_BYTES + length;
    return true;
}

/* Have the window begin at `start` and hold `need` bytes at least. */
static bool move_window(struct irsa_spool *spool, uint64_t start, size_t need, struct irsa_error *err) {
    size_t want = need > WINDOW_BYTES ? need : WINDOW_BYTES;
    if (spool->window_capacity < want) {
        spool->window = irsa_grow(spool->window, want, 1);
        spool->window_capacity = want;
    }
    spool->window_start = start;
    spool->window_length = 0;
    while (spool->window_length < need) {
        size_t length = spool->window_length;
        ssize_t got = pread(spool->fd, spool->window + length, want - length, (off_t)(start + length));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return IRSA_FAIL(err, UNAVAILABLE, "the temporary file cannot be read: %s",
                             got < 0 ? strerror(errno) : "it has become shorter");
        spool->window_length += (size_t)got;
    }
    return true;
}

/* `need` bytes at `position`, which lie on one side of the border between file and tail. */
static const char *look_at(struct irsa_spool *spool, uint64_t position, size_t need, struct irsa_error *err) {
    if (position >= spool->flushed)
        return spool->tail + (position - spool->flushed);
    bool is_inside = position >= spool->window_start && position + need <= spool->window_start + spool->window_length;
    if (!is_inside && !move_window(spool, position, need, err))
        return NULL;
    return spool->window + (position - spool->window_start);
}

bool irsa_spool_read(struct irsa_spool *spool, uint64_t position, const void **out_bytes, size_t *out_length,
                     uint64_t *out_next, struct irsa_error *err) {
    assert(position + HEAD_BYTES <= irsa_spool_end(spool));
    uint32_t length;
    const char *at = look_at(spool, position, HEAD_BYTES, err);
    if (at == NULL)
        return false;
    memcpy(&length, at, HEAD_BYTES);
    at = look_at(spool, position, HEAD_BYTES + length, err);
    if (at == NULL)
        return false;
    *out_bytes = at + HEAD_BYTES;
    *out_length = length;
    *out_next = position + HEAD_BYTES + length;
    return true;
}

uint64_t irsa_spool_end(const struct irsa_spool *spool) {
    return spool->flushed + spool->tail_length;
}
