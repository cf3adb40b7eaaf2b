/*
 * Calls to IAM: what all actions have in common, lists and their pages.
 */
#include "core/aws/iam_request.h"

#include <string.h>

#include "core/base/arena.h"

#define MAX_PAGES   100
#define FIRST_COUNT 16

bool irsa_iam_begin(struct irsa_query *query, struct irsa_iam iam, struct irsa_attempt *attempt, const char *action,
                    struct irsa_error *err) {
    const struct irsa_partition *partition = irsa_partition_find(iam.partition);
    if (partition == NULL) {
        IRSA_FAIL(err, INVALID, "there is no partition %s", iam.partition);
        return irsa_error_from(err, "iam", NULL);
    }
    irsa_query_init(query, attempt->arena, IRSA_AWS_IAM, partition, NULL, action);
    return true;
}

bool irsa_iam_do(struct irsa_iam iam, struct irsa_attempt *attempt, const char *action,
                 const struct irsa_iam_parameter *parameters, size_t count, struct irsa_error *err) {
    struct irsa_query query;
    const struct irsa_xml *result;
    if (!irsa_iam_begin(&query, iam, attempt, action, err))
        return false;
    for (size_t i = 0; i < count; i++)
        irsa_query_add(&query, parameters[i].name, parameters[i].value);
    return irsa_query_send(&query, iam.aws, attempt, &result, err);
}

bool irsa_iam_fail_form(struct irsa_error *err, const char *action, const char *what) {
    IRSA_FAIL(err, UNAVAILABLE, "the answer to %s has no readable %s", action, what);
    return irsa_error_from(err, "iam", NULL);
}

/* A list that grows in the arena. */
struct growing {
    struct irsa_arena *arena;
    const char **at;
    size_t count, capacity;
};

static void add_entry(struct growing *list, const char *entry) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? FIRST_COUNT : 2 * list->capacity;
        list->at =
            irsa_arena_extend(list->arena, list->at, list->capacity * sizeof *list->at, capacity * sizeof *list->at);
        list->capacity = capacity;
    }
    list->at[list->count++] = entry;
}

/* False when the bound is passed. */
static bool add_page(struct growing *list, const struct irsa_xml *page, const char *field) {
    for (const struct irsa_xml *member = page == NULL ? NULL : page->first; member != NULL; member = member->next) {
        const char *entry = field == NULL ? member->text : irsa_xml_get_text(member, field);
        if (list->count == IRSA_IAM_MAX_ENTRIES)
            return false;
        if (!irsa_text_is_empty(entry))
            add_entry(list, entry);
    }
    return true;
}

bool irsa_iam_list(struct irsa_iam iam, struct irsa_attempt *attempt, const char *action, const char *role,
                   const char *list, const char *field, struct irsa_strings *out_entries, struct irsa_error *err) {
    struct growing entries = {.arena = attempt->arena};
    const char *marker = NULL;
    for (int pages = 0; pages < MAX_PAGES; pages++) {
        struct irsa_query query;
        const struct irsa_xml *result;
        if (!irsa_iam_begin(&query, iam, attempt, action, err))
            return false;
        irsa_query_add(&query, "RoleName", role);
        irsa_query_add(&query, "Marker", marker);
        if (!irsa_query_send(&query, iam.aws, attempt, &result, err))
            return false;
        if (!add_page(&entries, irsa_xml_get(result, list), field))
            break;
        if (!irsa_text_equal(irsa_xml_get_text(result, "IsTruncated"), "true")) {
            *out_entries = (struct irsa_strings){
                entries.at == NULL ? IRSA_NEW(attempt->arena, const char *) : entries.at, entries.count};
            return true;
        }
        marker = irsa_xml_get_text(result, "Marker");
        if (irsa_text_is_empty(marker))
            return irsa_iam_fail_form(err, action, "Marker");
    }
    IRSA_FAIL(err, TOO_LARGE, "%s of role %s goes on after %zu entries", action, role, entries.count);
    return irsa_error_from(err, "iam", NULL);
}

struct irsa_strings irsa_iam_read_list(struct irsa_arena *arena, const struct irsa_xml *list) {
    struct growing entries = {.arena = arena};
    bool fits = add_page(&entries, list, NULL);
    (void)fits; /* what is over the bound is of no interest: the lists of one answer have at most 100 entries */
    return (struct irsa_strings){entries.at, entries.count};
}

struct irsa_pairs irsa_iam_read_tags(struct irsa_arena *arena, const struct irsa_xml *tags) {
    size_t count = 0;
    const struct irsa_xml *first = tags == NULL ? NULL : tags->first;
    for (const struct irsa_xml *tag = first; tag != NULL; tag = tag->next)
        count++;
    struct irsa_pair *pairs = IRSA_NEW_ARRAY(arena, struct irsa_pair, count);
    count = 0;
    for (const struct irsa_xml *tag = first; tag != NULL; tag = tag->next) {
        const char *key = irsa_xml_get_text(tag, "Key");
        const char *value = irsa_xml_get_text(tag, "Value");
        if (key != NULL)
            pairs[count++] = (struct irsa_pair){key, value == NULL ? "" : value};
    }
    return (struct irsa_pairs){pairs, count};
}
