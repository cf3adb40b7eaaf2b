/*
 * The rules for names, over one table of character classes.
 */
#include "core/contract/names.h"

#include <stdint.h>
#include <string.h>

#include "core/base/text.h"

enum class {
    LOWER = 1 << 0,
    UPPER = 1 << 1,
    DIGIT = 1 << 2,
    DASH = 1 << 3,
    DOT = 1 << 4,
    UNDERSCORE = 1 << 5,
    COMMA = 1 << 6,
    SIGN = 1 << 7,     /* + = @ */
    JOINT = 1 << 8,    /* : / */
    WILDCARD = 1 << 9, /* * ? */
    OTHER = 1 << 10,   /* the rest of printable ASCII */
    SPACE = 1 << 11,
    BEYOND_ASCII = 1 << 12,
};

#define LETTER     (LOWER | UPPER)
#define ALNUM      (LETTER | DIGIT)
#define DNS        (LOWER | DIGIT)
#define ROLE_CHARS (ALNUM | DASH | DOT | UNDERSCORE | COMMA | SIGN)
#define TAG_CHARS  (ALNUM | DASH | DOT | UNDERSCORE | SIGN | JOINT | SPACE | BEYOND_ASCII)
#define PRINTABLE  (ALNUM | DASH | DOT | UNDERSCORE | COMMA | SIGN | JOINT | WILDCARD | OTHER)

/* clang-format off */
static const uint16_t classes[256] = {
    ['a' ... 'z'] = LOWER, ['A' ... 'Z'] = UPPER, ['0' ... '9'] = DIGIT,
    ['-'] = DASH, ['.'] = DOT, ['_'] = UNDERSCORE, [','] = COMMA,
    ['+'] = SIGN, ['='] = SIGN, ['@'] = SIGN,
    [':'] = JOINT, ['/'] = JOINT,
    ['*'] = WILDCARD, ['?'] = WILDCARD,
    ['!' ... ')'] = OTHER, [';' ... '<'] = OTHER, ['>'] = OTHER, ['[' ... '^'] = OTHER, ['`'] = OTHER, ['{' ... '~'] = OTHER,
    [' '] = SPACE,
    [0x80 ... 0xFF] = BEYOND_ASCII,
};
/* clang-format on */

static bool is_in(char c, unsigned set) {
    return (classes[(unsigned char)c] & set) != 0;
}

/* How many characters from the start on are in the set. */
static size_t span(const char *text, unsigned set) {
    size_t length = 0;
    while (is_in(text[length], set))
        length++;
    return length;
}

/* min to max characters, all in the set. */
static bool is_made_of(const char *value, unsigned set, size_t min, size_t max) {
    size_t length = span(value, set);
    return value[length] == '\0' && length >= min && length <= max;
}

/* The same, and the first and last are in `ends`. */
static bool is_framed(const char *value, size_t length, unsigned set, unsigned ends, size_t max) {
    return length >= 1 && length <= max && span(value, set) >= length && is_in(value[0], ends) &&
           is_in(value[length - 1], ends);
}

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

/* Characters of valid UTF-8. */
static size_t count_characters(const char *value) {
    size_t count = 0;
    for (; *value != '\0'; value++)
        count += ((unsigned char)*value & 0xC0) != 0x80;
    return count;
}

static bool is_utf8(const char *value) {
    size_t length = strlen(value);
    return irsa_utf8_valid_prefix(value, length) == length;
}

const char *irsa_rule_cluster_name(const char *value) {
    if (is_in(value[0], ALNUM) && is_made_of(value, ALNUM | DASH | UNDERSCORE, 1, 100))
        return NULL;
    return "must be the name of an EKS cluster: 1 to 100 letters, digits, '-' and '_', the first a letter or digit";
}

const char *irsa_rule_region(const char *value) {
    const char *at = value + span(value, LOWER);
    size_t first = (size_t)(at - value);
    int words = 0;
    while (at[0] == '-' && is_in(at[1], LOWER)) {
        at += 1 + span(at + 1, LOWER);
        words++;
    }
    size_t digits = at[0] == '-' ? span(at + 1, DIGIT) : 0;
    bool is_ended = digits >= 1 && digits <= 2 && at[1 + digits] == '\0';
    if (first >= 2 && words >= 1 && words <= 2 && is_ended && at - value <= 29)
        return NULL;
    return "must be an AWS region, such as us-west-2";
}

const char *irsa_rule_account_id(const char *value) {
    return is_made_of(value, DIGIT, 12, 12) ? NULL : "must be an AWS account: 12 digits";
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

const char *irsa_rule_role_name(const char *value) {
    if (is_made_of(value, ROLE_CHARS, 1, 64))
        return NULL;
    return "must be the name of a role: 1 to 64 letters, digits and + = , . @ _ -";
}

const char *irsa_rule_role_id(const char *value) {
    if (irsa_text_starts_with(value, "AROA") && is_made_of(value + 4, UPPER | DIGIT, 12, 124))
        return NULL;
    return "must be the unique id of a role, such as AROAEXAMPLEID12345678";
}

static const struct {
    const char *name;
    const char *regions; /* how its regions begin */
} partitions[] = {
    {"aws-cn", "cn-"},         {"aws-us-gov", "us-gov-"}, {"aws-iso", "us-iso-"}, {"aws-iso-b", "us-isob-"},
    {"aws-iso-e", "eu-isoe-"}, {"aws-iso-f", "us-isof-"}, {"aws-eusc", "eusc-"},  {"aws", ""},
};
#define PARTITIONS (sizeof partitions / sizeof partitions[0])

const char *irsa_region_partition(const char *region) {
    size_t i = 0;
    while (!irsa_text_starts_with(region, partitions[i].regions))
        i++;
    return partitions[i].name;
}

/* Copy what stands between the colons number `index` and `index` + 1. */
static void copy_part(const char *arn, int index, char out[16]) {
    for (; index > 0 && arn != NULL; index--) {
        arn = strchr(arn, ':');
        arn = arn == NULL ? NULL : arn + 1;
    }
    size_t length = arn == NULL ? 0 : strcspn(arn, ":");
    bool is_whole = length < 16 && arn != NULL && arn[length] == ':';
    if (is_whole)
        memcpy(out, arn, length);
    out[is_whole ? length : 0] = '\0';
}

void irsa_arn_partition(const char *arn, char out_partition[16]) {
    copy_part(arn, 1, out_partition);
}

void irsa_arn_account(const char *arn, char out_account[16]) {
    copy_part(arn, 4, out_account);
}

const char *irsa_arn_name(const char *arn) {
    const char *name = arn;
    for (const char *at = arn; *at != '\0'; at++)
        if (*at == '/' || *at == ':')
            name = at + 1;
    return name;
}

/* Pass over `what` at `*at`. */
static bool take(const char **at, const char *what) {
    size_t length = strlen(what);
    if (strncmp(*at, what, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool take_partition(const char **at) {
    size_t length = strcspn(*at, ":");
    for (size_t i = 0; i < PARTITIONS; i++) {
        if (strlen(partitions[i].name) == length && memcmp(*at, partitions[i].name, length) == 0) {
            *at += length;
            return true;
        }
    }
    return false;
}

static bool take_account(const char **at, bool may_be_aws) {
    if (may_be_aws && take(at, "aws"))
        return true;
    if (span(*at, DIGIT) != 12)
        return false;
    *at += 12;
    return true;
}

/* "path/elements/name", of which only the name is bounded. */
static bool is_path(const char *at, size_t name_max) {
    for (;;) {
        size_t length = span(at, ROLE_CHARS);
        if (length == 0)
            return false;
        if (at[length] == '\0')
            return length <= name_max;
        if (at[length] != '/')
            return false;
        at += length + 1;
    }
}

static bool is_iam_arn(const char *value, bool may_be_aws, const char *kind, size_t name_max) {
    const char *at = value;
    return take(&at, "arn:") && take_partition(&at) && take(&at, ":iam::") && take_account(&at, may_be_aws) &&
           take(&at, kind) && is_path(at, name_max) && strlen(value) <= 2048;
}

const char *irsa_rule_policy_arn(const char *value) {
    if (is_iam_arn(value, true, ":policy/", 128))
        return NULL;
    return "must be the ARN of a managed policy, such as arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
}

const char *irsa_rule_role_arn(const char *value) {
    if (is_iam_arn(value, false, ":role/", 64))
        return NULL;
    return "must be the ARN of a role, such as arn:aws:iam::111122223333:role/s3-reader";
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

static bool is_tag_text(const char *value, size_t min, size_t max) {
    if (!is_made_of(value, TAG_CHARS, min, 4 * max) || !is_utf8(value))
        return false;
    return count_characters(value) <= max;
}

const char *irsa_rule_tag_key(const char *value) {
    return is_tag_text(value, 1, 128)
               ? NULL
               : "must be the key of a tag: 1 to 128 letters, digits, spaces and _ . : / = + - @";
}

const char *irsa_rule_tag_value(const char *value) {
    return is_tag_text(value, 0, 256)
               ? NULL
               : "must be the value of a tag: up to 256 letters, digits, spaces and _ . : / = + - @";
}

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
