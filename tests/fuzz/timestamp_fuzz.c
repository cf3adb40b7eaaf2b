/*
 * Times and durations: a time that is taken is written, and read again as the same moment.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool is_so) {
    if (!is_so)
        abort();
}

static void check_moment(int64_t epoch_ms) {
    char text[IRSA_TIMESTAMP_BYTES];
    char again[IRSA_TIMESTAMP_BYTES];
    struct irsa_error err;
    int64_t read_ms;
    irsa_timestamp_format(epoch_ms, text);
    must(strlen(text) == IRSA_TIMESTAMP_BYTES - 1);
    must(irsa_timestamp_parse(text, &read_ms, &err));
    irsa_timestamp_format(read_ms, again);
    must(strcmp(text, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct irsa_arena *arena = irsa_arena_new();
    const char *text = irsa_arena_copy_bytes(arena, bytes, length);
    struct irsa_error err;
    int64_t value_ms = 0;
    if (irsa_timestamp_parse(text, &value_ms, &err)) {
        char written[IRSA_TIMESTAMP_BYTES];
        int64_t again_ms;
        irsa_timestamp_format(value_ms, written);
        must(irsa_timestamp_parse(written, &again_ms, &err) && again_ms == value_ms);
    } else {
        must(err.code == IRSA_CODE_SCHEMA);
    }
    if (irsa_duration_parse(text, &value_ms, &err))
        must(value_ms >= 0);
    else
        must(err.code == IRSA_CODE_INVALID);
    if (length >= sizeof value_ms)
        memcpy(&value_ms, bytes, sizeof value_ms);
    check_moment(value_ms);
    irsa_arena_free(arena);
    return 0;
}
