/*
 * Words to the workers from any bytes. What is accepted can be said again, and is heard the same.
 */
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "core/contract/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

static void check(struct irsa_arena *arena, const struct irsa_control *word) {
    struct irsa_record record;
    struct irsa_control again;
    struct irsa_error err;
    must(irsa_control_encode(arena, word, "irsa.control", &record, &err));
    must(record.value_length <= IRSA_CONTROL_MAX_BYTES);
    must(irsa_control_decode(arena, &record, &again, &err));
    must(irsa_text_equal(word->id, again.id) && irsa_text_equal(word->source, again.source));
    must(irsa_text_equal(word->batch, again.batch) && irsa_text_equal(word->sender, again.sender));
    must((word->batch == NULL) == (word->id != NULL && word->source != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct irsa_arena *arena = irsa_arena_new();
    const struct irsa_record record = {.topic = "irsa.control", .value = data, .value_length = size};
    struct irsa_control word;
    struct irsa_error err;
    if (irsa_control_decode(arena, &record, &word, &err))
        check(arena, &word);
    else
        must(err.code == IRSA_CODE_SCHEMA || err.code == IRSA_CODE_INVALID || err.code == IRSA_CODE_TOO_LARGE);
    irsa_arena_free(arena);
    return 0;
}
