/*
 * The mark of the request that last wrote something: where its record is.
 */
#include "core/contract/mark.h"

#include <string.h>

#include "core/base/text.h"

#define TOPIC_MAX 249 /* Kafka's own bound */

const char *irsa_mark_format(struct irsa_arena *arena, const struct irsa_mark *mark) {
    return irsa_arena_format(arena, "%s/%d/%lld/%lld", mark->topic, (int)mark->partition, (long long)mark->offset,
                             (long long)mark->timestamp_ms);
}

/* The integer up to the next slash, or to the end. */
static bool take_integer(const char **at, int64_t min, int64_t max, int64_t *out_value) {
    char digits[24];
    size_t length = strcspn(*at, "/");
    if (length >= sizeof digits)
        return false;
    memcpy(digits, *at, length);
    digits[length] = '\0';
    *at += length + ((*at)[length] == '/');
    return irsa_text_to_integer(digits, min, max, out_value);
}

bool irsa_mark_parse(struct irsa_arena *arena, const char *text, struct irsa_mark *out_mark) {
    size_t topic_length = strcspn(text, "/");
    if (topic_length == 0 || topic_length > TOPIC_MAX || text[topic_length] == '\0')
        return false;
    int slashes = 0;
    for (const char *c = text; *c != '\0'; c++)
        slashes += *c == '/';
    const char *at = text + topic_length + 1;
    int64_t partition, offset, timestamp_ms;
    if (slashes != 3 || !take_integer(&at, 0, INT32_MAX, &partition) || !take_integer(&at, 0, INT64_MAX, &offset) ||
        !take_integer(&at, INT64_MIN, INT64_MAX, &timestamp_ms))
        return false;
    *out_mark = (struct irsa_mark){.topic = irsa_arena_copy_bytes(arena, text, topic_length),
                                   .partition = (int32_t)partition,
                                   .offset = offset,
                                   .timestamp_ms = timestamp_ms};
    return true;
}

bool irsa_mark_is_older(const struct irsa_mark *request, const struct irsa_mark *found) {
    return irsa_text_equal(request->topic, found->topic) && request->partition == found->partition &&
           request->offset < found->offset && request->timestamp_ms <= found->timestamp_ms;
}
