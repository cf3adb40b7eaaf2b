/*
 * The rules for names in Kubernetes.
 */
#include "core/contract/name_classes.h"
#include "core/contract/names.h"

/* Labels of letters, digits and '-', joined by dots, none of them empty or framed by '-'. */
static bool is_subdomain(const char *value, size_t length, unsigned letters) {
    if (length < 1 || length > 253)
        return false;
    for (const char *end = value + length; value <= end;) {
        const char *dot = memchr(value, '.', (size_t)(end - value));
        size_t label = (size_t)((dot == NULL ? end : dot) - value);
        if (!is_framed(value, label, letters | DIGIT | DASH, letters | DIGIT, 253))
            return false;
        value += label + 1;
    }
    return true;
}

const char *irsa_rule_namespace(const char *value) {
    if (is_framed(value, strlen(value), DNS | DASH, DNS, 63))
        return NULL;
    return "must be a namespace: 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or "
           "digit";
}

const char *irsa_rule_account_name(const char *value) {
    if (is_subdomain(value, strlen(value), LOWER))
        return NULL;
    return "must be the name of a service account: 1 to 253 lower-case letters, digits, '-' and '.', every part "
           "between "
           "dots beginning and ending with a letter or digit";
}

const char *irsa_rule_subject_pattern(const char *value) {
    if (is_made_of(value, DNS | DOT | DASH | WILDCARD, 1, 253))
        return NULL;
    return "must be a pattern of names: 1 to 253 lower-case letters, digits, '-', '.', '*' and '?'";
}

const char *irsa_rule_uid(const char *value) {
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i = 0;
    while (form[i] == 'x' ? value[i] != '\0' && strchr("0123456789abcdefABCDEF", value[i]) != NULL
                          : form[i] == '-' && value[i] == '-')
        i++;
    return i == sizeof form - 1 && value[i] == '\0' ? NULL : "must be the uid of a service account, a UUID";
}

static bool is_qualified_name(const char *value, unsigned prefix_letters) {
    const char *slash = strchr(value, '/');
    if (slash != NULL && !is_subdomain(value, (size_t)(slash - value), prefix_letters))
        return false;
    const char *name = slash == NULL ? value : slash + 1;
    return is_framed(name, strlen(name), ALNUM | DASH | DOT | UNDERSCORE, ALNUM, 63);
}

const char *irsa_rule_label_key(const char *value) {
    if (is_qualified_name(value, LOWER))
        return NULL;
    return "must be the key of a label: a name of 1 to 63 letters, digits, '-', '_' and '.', beginning and ending with "
           "a "
           "letter or digit, and before it, if need be, a lower-case DNS name and a '/'";
}

const char *irsa_rule_annotation_key(const char *value) {
    if (is_qualified_name(value, LETTER))
        return NULL;
    return "must be the key of an annotation: a name of 1 to 63 letters, digits, '-', '_' and '.', beginning and "
           "ending "
           "with a letter or digit, and before it, if need be, a DNS name and a '/'";
}

const char *irsa_rule_label_value(const char *value) {
    if (*value == '\0' || is_framed(value, strlen(value), ALNUM | DASH | DOT | UNDERSCORE, ALNUM, 63))
        return NULL;
    return "must be the value of a label: up to 63 letters, digits, '-', '_' and '.', beginning and ending with a "
           "letter "
           "or digit";
}

const char *irsa_rule_text(const char *value) {
    return is_utf8(value) ? NULL : "must be UTF-8";
}
