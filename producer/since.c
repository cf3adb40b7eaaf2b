/*
 * Times that people give and times that ids carry.
 */
#include "producer/since.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"

bool irsa_since_parse(const char *text, int64_t now_ms, int64_t *out_since_ms, struct irsa_error *err) {
    int64_t duration_ms;
    *out_since_ms = IRSA_NO_TIME;
    if (text == NULL || irsa_timestamp_parse(text, out_since_ms, err))
        return true;
    if (!irsa_duration_parse(text, &duration_ms, err))
        return IRSA_FAIL(err, INVALID,
                         "--since is a time such as 2026-11-24T10:00:00Z or a duration such as 30m, not \"%s\"", text);
    *out_since_ms = now_ms - duration_ms;
    return true;
}

int64_t irsa_time_of_id(const char *id) {
    static const char shape[] = "xxxxxxxx-xxxx-7xxx-xxxx-xxxxxxxxxxxx";
    char digits[13];
    size_t count = 0;
    if (strlen(id) != sizeof shape - 1)
        return IRSA_NO_TIME;
    for (size_t i = 0; shape[i] != '\0'; i++) {
        bool is_hex = strchr("0123456789abcdefABCDEF", id[i]) != NULL;
        if (shape[i] == 'x' ? !is_hex : id[i] != shape[i])
            return IRSA_NO_TIME;
        if (is_hex && count < 12)
            digits[count++] = id[i];
    }
    digits[count] = '\0';
    return (int64_t)strtoull(digits, NULL, 16);
}
