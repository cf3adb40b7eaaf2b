/*
 * The rules for names in Kafka and in CloudEvents.
 */
#include "core/contract/name_classes.h"
#include "core/contract/names.h"

const char *irsa_rule_topic_prefix(const char *value) {
    if (is_made_of(value, ALNUM | DASH | DOT | UNDERSCORE, 1, 200))
        return NULL;
    return "must be the beginning of topics' names: 1 to 200 letters, digits, '.', '_' and '-'";
}

/* Valid UTF-8 without C0, DEL and C1, of 1 to `max` characters. */
static bool is_event_text(const char *value, size_t max) {
    size_t characters = 0;
    size_t length = 0;
    for (; value[length] != '\0'; length++) {
        unsigned char c = (unsigned char)value[length];
        if (c < 0x20 || c == 0x7F || (c == 0xC2 && (unsigned char)value[length + 1] < 0xA0))
            return false;
        characters += (c & 0xC0) != 0x80;
    }
    return length > 0 && characters <= max && irsa_utf8_valid_prefix(value, length) == length;
}

/* One element of a path: `set` only, at least one; passed over with the slash behind it. */
static bool take_element(const char **at, unsigned set) {
    size_t length = span(*at, set);
    char behind = (*at)[length];
    *at += length + (behind == '/');
    return length > 0 && (behind == '/' || behind == '\0');
}

const char *irsa_rule_subject(const char *value) {
    const char *at = value;
    bool has_account = take(&at, "-/") || (span(at, DIGIT) == 12 && take_element(&at, DIGIT));
    bool has_cluster = has_account && take_element(&at, DNS | DASH) && take_element(&at, ALNUM | DASH | UNDERSCORE);
    if (has_cluster && *at == '\0' && at[-1] != '/')
        return NULL;
    if (has_cluster && take_element(&at, DNS | DASH) && take_element(&at, DNS | DASH | DOT) && *at == '\0' &&
        at[-1] != '/')
        return NULL;
    return "must be <account or ->/<region>/<cluster>, or that and /<namespace>/<name>";
}

const char *irsa_rule_event_id(const char *value) {
    return is_event_text(value, 256) ? NULL : "must be text of 1 to 256 characters without control characters";
}

const char *irsa_rule_event_text(const char *value) {
    return is_event_text(value, 1024) ? NULL : "must be text of 1 to 1024 characters without control characters";
}

const char *irsa_rule_event_source(const char *value) {
    if (is_made_of(value, PRINTABLE, 1, 1024))
        return NULL;
    return "must be a URI reference: 1 to 1024 printable ASCII characters without spaces";
}
