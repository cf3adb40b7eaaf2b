/*
 * Tags: of roles by their actions, of the rest by the calls that create them.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/iam/iam.h"
#include "sandbox/inside.h"
#include "sandbox/xml.h"

#define MAX_KEY   128
#define MAX_VALUE 256

static bool fail_length(struct irsa_sandbox_iam *iam, size_t n, const char *what, const char *limit) {
    return irsa_sandbox_iam_fail(iam, "ValidationError",
                                 "1 validation error detected: Value at 'tags.%zu.member.%s' failed to satisfy "
                                 "constraint: Member must %s",
                                 n, what, limit);
}

/* [\p{L}\p{Z}\p{N}_.:/=+\-@]*; what is beyond ASCII passes for a letter, but not what is no character at all. */
static bool has_tag_characters(const char *text) {
    if (strstr(text, "\xEF\xBF\xBE") != NULL || strstr(text, "\xEF\xBF\xBF") != NULL)
        return false;
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x80 &&
            strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _.:/=+-@", *text) == NULL)
            return false;
    return true;
}

static bool check_tag(struct irsa_sandbox_iam *iam, size_t n, const char *key, const char *value) {
    if (key[0] == '\0')
        return fail_length(iam, n, "key", "have length greater than or equal to 1");
    if (irsa_sandbox_iam_length(key) > MAX_KEY)
        return fail_length(iam, n, "key", "have length less than or equal to 128");
    if (value == NULL)
        return fail_length(iam, n, "value", "not be null");
    if (irsa_sandbox_iam_length(value) > MAX_VALUE)
        return fail_length(iam, n, "value", "have length less than or equal to 256");
    if (!has_tag_characters(key))
        return fail_length(iam, n, "key", "satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+");
    if (!has_tag_characters(value))
        return fail_length(iam, n, "value", "satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");
    if (strncasecmp(key, "aws:", 4) == 0)
        return irsa_sandbox_iam_fail(iam, "InvalidInput", "Caller is not allowed to add system tag");
    return true;
}

static bool is_repeated(struct irsa_sandbox_iam *iam, size_t n, const char *key) {
    for (size_t i = 1; i < n; i++)
        if (irsa_text_equal_ignoring_case(irsa_sandbox_iam_member(iam, "Tags", i, "Key"), key))
            return true;
    return false;
}

bool irsa_sandbox_iam_read_tags(struct irsa_sandbox_iam *iam, struct irsa_sandbox_bag *bag) {
    int64_t most = iam->call->sandbox->model.quotas.tags_per_role;
    const char *key;
    for (size_t n = 1; (key = irsa_sandbox_iam_member(iam, "Tags", n, "Key")) != NULL; n++) {
        const char *value = irsa_sandbox_iam_member(iam, "Tags", n, "Value");
        if ((int64_t)n > most)
            return irsa_sandbox_iam_fail(iam, "ValidationError",
                                         "1 validation error detected: Value at 'tags' failed to satisfy constraint: "
                                         "Member must have length less than or equal to %lld",
                                         (long long)most);
        if (!check_tag(iam, n, key, value))
            return false;
        if (is_repeated(iam, n, key))
            return irsa_sandbox_iam_fail(iam, "InvalidInput",
                                         "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        const char *spelling = irsa_sandbox_bag_spelling(bag, key);
        irsa_sandbox_bag_put(bag, spelling != NULL ? spelling : key, value);
    }
    if ((int64_t)bag->count > most)
        return irsa_sandbox_iam_fail(iam, "LimitExceeded", "The number of tags has reached the maximum limit: %lld",
                                     (long long)most);
    return true;
}

void irsa_sandbox_iam_write_tags(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_bag *tags) {
    irsa_sandbox_xml_open(&iam->out, "Tags");
    for (size_t i = 0; i < tags->count; i++) {
        irsa_sandbox_xml_open(&iam->out, "member");
        irsa_sandbox_xml_text(&iam->out, "Key", tags->at[i].key);
        irsa_sandbox_xml_text(&iam->out, "Value", tags->at[i].value);
        irsa_sandbox_xml_close(&iam->out, "member");
    }
    irsa_sandbox_xml_close(&iam->out, "Tags");
}

/* Of the calls that are about nothing else. */
static bool check_list(struct irsa_sandbox_iam *iam, const char *list, const char *member, const char *shown) {
    return irsa_sandbox_iam_member(iam, list, 1, member) != NULL ||
           irsa_sandbox_iam_fail(iam, "ValidationError",
                                 "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member "
                                 "must not be null",
                                 shown);
}

static bool tag(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_role *role =
        check_list(iam, "Tags", "Key", "tags") ? irsa_sandbox_iam_role_to_change(iam) : NULL;
    if (role == NULL)
        return false;
    struct irsa_sandbox_bag tags;
    irsa_sandbox_bag_copy(&role->tags, &tags);
    if (!irsa_sandbox_iam_read_tags(iam, &tags)) {
        irsa_sandbox_bag_done(&tags);
        return false;
    }
    struct irsa_sandbox_role *changed = irsa_sandbox_iam_edit(iam, role);
    irsa_sandbox_bag_done(&changed->tags);
    changed->tags = tags;
    return true;
}

static bool untag(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_role *role =
        check_list(iam, "TagKeys", "", "tagKeys") ? irsa_sandbox_iam_role_to_change(iam) : NULL;
    if (role == NULL)
        return false;
    struct irsa_sandbox_role *changed = irsa_sandbox_iam_edit(iam, role);
    const char *key;
    for (size_t n = 1; (key = irsa_sandbox_iam_member(iam, "TagKeys", n, "")) != NULL; n++) {
        const char *spelling = irsa_sandbox_bag_spelling(&changed->tags, key);
        if (spelling != NULL)
            (void)irsa_sandbox_bag_remove(&changed->tags, irsa_arena_copy(iam->arena, spelling));
    }
    return true;
}

static bool list(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_role *role = irsa_sandbox_iam_role(iam);
    struct irsa_sandbox_iam_page page;
    if (role == NULL ||
        !irsa_sandbox_iam_begin_page(iam, irsa_sandbox_iam_bag_keys(iam, &role->tags), role->tags.count, &page))
        return false;
    struct irsa_sandbox_bag part = {.at = role->tags.at + page.first, .count = page.end - page.first};
    irsa_sandbox_iam_write_tags(iam, &part);
    irsa_sandbox_iam_end_page(iam, &page);
    return true;
}

/* clang-format off */
static const struct irsa_sandbox_iam_action actions[] = {
    {"TagRole", tag, true, false, {IRSA_SANDBOX_ROLE_NAME}},
    {"UntagRole", untag, true, false, {IRSA_SANDBOX_ROLE_NAME}},
    {"ListRoleTags", list, false, true, {IRSA_SANDBOX_ROLE_NAME, IRSA_SANDBOX_MARKER, IRSA_SANDBOX_MAX_ITEMS}},
};
/* clang-format on */

const struct irsa_sandbox_iam_group irsa_sandbox_iam_tags = {actions, sizeof(actions) / sizeof(actions[0])};
