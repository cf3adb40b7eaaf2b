/*
 * The rules for names in AWS.
 */
#include "core/contract/name_classes.h"
#include "core/contract/names.h"

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
    if (first >= 2 && words >= 1 && words <= 2 && is_ended && strlen(value) <= 32)
        return NULL;
    return "must be an AWS region, such as us-west-2";
}

const char *irsa_rule_account_id(const char *value) {
    return is_made_of(value, DIGIT, 12, 12) ? NULL : "must be an AWS account: 12 digits";
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
