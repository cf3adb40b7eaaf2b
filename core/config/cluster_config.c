/*
 * From a ClusterConfig file to service accounts, by the tables and rules of requests.
 */
#include "core/config/cluster_config.h"

#include <stddef.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/map.h"
#include "core/config/yaml.h"
#include "core/contract/request.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define API_VERSION       "eksctl.io/v1alpha5"
#define KIND              "ClusterConfig"
#define DEFAULT_NAMESPACE "default"

/* One document that has been read; they are handed on when all of the file is known to be right. */
struct document {
    struct irsa_cluster_config config;
    struct irsa_pairs annotations; /* of the cluster */
    struct irsa_pairs tags;
    struct document *next;
};

struct reader {
    struct irsa_arena *arena;
    const char *path;
    struct document *first;
    struct document **tail;
    struct irsa_map *seen; /* key of a service account -> its struct irsa_config_account */
    const struct irsa_cluster_config_receiver *receiver;
    const struct irsa_json *root; /* of the document in hand */
    unsigned problems;
};

#define AT(member) offsetof(struct document, member)

/* clang-format off */
static const struct irsa_field metadata_rows[] = {
    {.key = "name", .kind = IRSA_FIELD_TEXT, .is_required = true, .offset = AT(config.cluster.name),
     .rule = irsa_rule_cluster_name},
    {.key = "region", .kind = IRSA_FIELD_TEXT, .is_required = true, .offset = AT(config.cluster.region),
     .rule = irsa_rule_region},
    {.key = "annotations", .kind = IRSA_FIELD_PAIRS, .offset = AT(annotations)},
    {.key = "tags", .kind = IRSA_FIELD_PAIRS, .offset = AT(tags),
     .key_rule = irsa_rule_tag_key, .rule = irsa_rule_tag_value},
    {.key = "version", .kind = IRSA_FIELD_IGNORED},
    {.key = "forceUpdateVersion", .kind = IRSA_FIELD_IGNORED},
    {.key = "rollbackConfig", .kind = IRSA_FIELD_IGNORED},
};
static const struct irsa_fields metadata_fields = {"metadata", metadata_rows, COUNT(metadata_rows), true};

static const struct irsa_field iam_rows[] = {
    {.key = "withOIDC", .kind = IRSA_FIELD_BOOLEAN, .offset = AT(config.with_oidc)},
    {.key = "serviceAccounts", .kind = IRSA_FIELD_IGNORED}, /* read one by one */
    {.key = "serviceRoleARN", .kind = IRSA_FIELD_IGNORED},
    {.key = "serviceRolePermissionsBoundary", .kind = IRSA_FIELD_IGNORED},
    {.key = "fargatePodExecutionRoleARN", .kind = IRSA_FIELD_IGNORED},
    {.key = "fargatePodExecutionRolePermissionsBoundary", .kind = IRSA_FIELD_IGNORED},
    {.key = "podIdentityAssociations", .kind = IRSA_FIELD_IGNORED},
    {.key = "vpcResourceControllerPolicy", .kind = IRSA_FIELD_IGNORED},
};
static const struct irsa_fields iam_fields = {"iam", iam_rows, COUNT(iam_rows), true};
/* clang-format on */

/* null is absent, as everywhere in these files. */
static const struct irsa_json *get(const struct irsa_json *object, const char *key) {
    const struct irsa_json *value = irsa_json_get(object, key);
    return value != NULL && value->kind == IRSA_JSON_NULL ? NULL : value;
}

static bool fail_at_value(const struct irsa_json *value, struct irsa_error *err) {
    err->line = value->line;
    err->column = value->column;
    return irsa_error_name_place(err);
}

static bool fail_at_key(const struct irsa_json *member, struct irsa_error *err) {
    err->line = member->key_line;
    err->column = member->key_column;
    return irsa_error_name_place(err);
}

/* Tell a problem with its place. False: there are enough of them. */
static bool tell(struct reader *r, struct irsa_error *err) {
    if (err->line == 0 && r->root != NULL)
        irsa_error_find_line(err, r->root);
    if (err->line == 0)
        irsa_error_wrap(err, "%s", r->path);
    else
        irsa_error_wrap(err, "%s:%u:%u", r->path, err->line, err->column);
    r->receiver->problem(r->receiver->self, err);
    return ++r->problems < IRSA_CONFIG_PROBLEMS_MAX;
}

/* Does the document say that it is what we read? */
static bool is_of_form(const struct irsa_json *root, const char *key, const char *wanted, struct irsa_error *err) {
    const struct irsa_json *value = get(root, key);
    if (value == NULL) {
        IRSA_FAIL(err, SCHEMA, "%s is missing; a ClusterConfig has \"%s: %s\"", key, key, wanted);
        return fail_at_value(root, err);
    }
    if (value->kind == IRSA_JSON_STRING && strcmp(value->text, wanted) == 0)
        return true;
    irsa_error_set_rule(err, value->kind == IRSA_JSON_STRING ? value->text : irsa_json_kind_name(value->kind),
                        "is not read here; a ClusterConfig has " API_VERSION " and " KIND);
    err->code = IRSA_CODE_SCHEMA;
    irsa_error_at_key(err, key);
    return fail_at_value(value, err);
}

/* Other sections are passed over, but not one that was meant to be ours. */
static bool has_no_slip(const struct irsa_json *root, struct irsa_error *err) {
    static const char *const ours[] = {"apiVersion", "kind", "metadata", "iam"};
    for (const struct irsa_json *member = root->first; member != NULL; member = member->next) {
        const char *nearest = irsa_text_nearest(member->key, ours, COUNT(ours));
        if (nearest == NULL || irsa_json_get(root, nearest) != NULL)
            continue;
        IRSA_FAIL(err, SCHEMA, "this section is unknown; did you mean %s?", nearest);
        irsa_error_at_key(err, member->key);
        return fail_at_key(member, err);
    }
    return true;
}

static bool read_account_id(struct document *document, struct irsa_error *err) {
    for (size_t i = 0; i < document->annotations.count; i++) {
        const struct irsa_pair *annotation = &document->annotations.at[i];
        if (strcmp(annotation->key, IRSA_ACCOUNT_ID_ANNOTATION) != 0)
            continue;
        const char *problem = irsa_rule_account_id(annotation->value);
        document->config.cluster.account_id = annotation->value;
        if (problem == NULL)
            return true;
        irsa_error_set_rule(err, annotation->value, problem);
        irsa_error_at_key(err, IRSA_ACCOUNT_ID_ANNOTATION);
        irsa_error_at(err, "/metadata/annotations");
        return irsa_error_name_place(err);
    }
    return true;
}

static bool read_metadata(struct reader *r, const struct irsa_json *root, struct document *document,
                          struct irsa_error *err) {
    const struct irsa_json *metadata = get(root, "metadata");
    if (metadata == NULL) {
        IRSA_FAIL(err, SCHEMA, "metadata is missing; it has the cluster's name and region");
        return fail_at_value(root, err);
    }
    const struct irsa_json *account = irsa_json_get(metadata, "accountID");
    if (account != NULL) {
        IRSA_FAIL(err, SCHEMA, "this field is unknown to eksctl; write annotations: {%s: \"…\"}",
                  IRSA_ACCOUNT_ID_ANNOTATION);
        irsa_error_at(err, "/metadata/accountID");
        return fail_at_key(account, err);
    }
    return irsa_fields_decode(&metadata_fields, r->arena, metadata, "/metadata", document, err) &&
           irsa_fields_check(&metadata_fields, document, "/metadata", err) &&
           irsa_tags_check(&document->tags, "/metadata/tags", err) && read_account_id(document, err);
}

static bool is_overridden(const struct irsa_pairs *tags, const char *key) {
    for (size_t i = 0; i < tags->count; i++)
        if (irsa_text_equal_ignoring_case(tags->at[i].key, key))
            return true;
    return false;
}

/* The cluster's tags below the entry's own. A role that somebody else keeps gets none. */
static bool merge_tags(struct reader *r, const struct irsa_pairs *shared, struct irsa_service_account *account,
                       struct irsa_error *err) {
    if (shared->count == 0 || account->attach_role_arn != NULL)
        return true;
    struct irsa_pair *tags = IRSA_NEW_ARRAY(r->arena, struct irsa_pair, shared->count + account->tags.count);
    size_t count = 0;
    for (size_t i = 0; i < shared->count; i++)
        if (!is_overridden(&account->tags, shared->at[i].key))
            tags[count++] = shared->at[i];
    for (size_t i = 0; i < account->tags.count; i++)
        tags[count++] = account->tags.at[i];
    account->tags = (struct irsa_pairs){tags, count};
    return count <= IRSA_TAGS_MAX ||
           IRSA_FAIL(err, INVALID, "has %zu tags together with metadata.tags; there may be at most %d", count,
                     IRSA_TAGS_MAX);
}

static bool is_first_of_its_name(struct reader *r, const struct document *document, struct irsa_config_account *entry,
                                 struct irsa_error *err) {
    const struct irsa_cluster_name *cluster = &document->config.cluster;
    const struct irsa_service_account *account = &entry->account;
    const char *key = irsa_arena_format(r->arena, "%s/%s/%s/%s", cluster->region, cluster->name,
                                        account->namespace_name, account->name);
    const struct irsa_config_account *earlier = irsa_map_put(r->seen, key, strlen(key), entry);
    return earlier == NULL || IRSA_FAIL(err, INVALID, "%s/%s is listed twice; it is in line %u already",
                                        account->namespace_name, account->name, earlier->line);
}

static bool read_account(struct reader *r, const struct irsa_json *item, const struct document *document,
                         struct irsa_config_account *entry, struct irsa_error *err) {
    struct irsa_service_account *account = &entry->account;
    char pointer[64], policy[80];
    struct irsa_text out;
    irsa_text_init_fixed(&out, pointer, sizeof pointer);
    irsa_text_addf(&out, "/iam/serviceAccounts/%u", entry->index);
    irsa_text_init_fixed(&out, policy, sizeof policy);
    irsa_text_addf(&out, "%s/attachPolicy", pointer);
    if (!irsa_fields_decode(&irsa_config_account_fields, r->arena, item, pointer, account, err) ||
        !irsa_policy_check(get(item, "attachPolicy"), policy, err) ||
        !irsa_fields_check(&irsa_config_account_fields, account, pointer, err))
        return false;
    if (account->namespace_name == NULL)
        account->namespace_name = DEFAULT_NAMESPACE;
    if (!irsa_service_account_check(account, document->config.cluster.region, IRSA_ACTION_CREATE, pointer, err))
        return false;
    if (merge_tags(r, &document->tags, account, err) && is_first_of_its_name(r, document, entry, err))
        return true;
    irsa_error_at(err, "%s", pointer);
    return fail_at_value(item, err);
}

static bool read_accounts(struct reader *r, const struct irsa_json *list, struct document *document,
                          struct irsa_error *err) {
    if (list->kind != IRSA_JSON_ARRAY) {
        IRSA_FAIL(err, SCHEMA, "must be a list, not %s", irsa_json_kind_name(list->kind));
        irsa_error_at(err, "/iam/serviceAccounts");
        return fail_at_value(list, err);
    }
    struct irsa_config_account *entries = IRSA_NEW_ARRAY(r->arena, struct irsa_config_account, list->count);
    unsigned count = 0;
    for (const struct irsa_json *item = list->first; item != NULL; item = item->next) {
        struct irsa_config_account *entry = &entries[count];
        entry->index = count++;
        entry->line = item->line;
        irsa_error_clear(err);
        if (!read_account(r, item, document, entry, err) && !tell(r, err))
            return true;
    }
    document->config.accounts = entries;
    document->config.account_count = count;
    document->config.has_accounts = true;
    return true;
}

static bool read_iam(struct reader *r, const struct irsa_json *iam, struct document *document, struct irsa_error *err) {
    if (iam == NULL)
        return true;
    document->config.has_iam = true;
    document->config.has_with_oidc = get(iam, "withOIDC") != NULL;
    if (!irsa_fields_decode(&iam_fields, r->arena, iam, "/iam", document, err))
        return false;
    const struct irsa_json *list = get(iam, "serviceAccounts");
    return list == NULL || read_accounts(r, list, document, err);
}

static bool read_root(struct reader *r, const struct irsa_json *root, struct document *document,
                      struct irsa_error *err) {
    if (root->kind != IRSA_JSON_OBJECT) {
        IRSA_FAIL(err, SCHEMA, "a ClusterConfig must be a mapping, not %s", irsa_json_kind_name(root->kind));
        return fail_at_value(root, err);
    }
    return has_no_slip(root, err) && is_of_form(root, "apiVersion", API_VERSION, err) &&
           is_of_form(root, "kind", KIND, err) && read_metadata(r, root, document, err) &&
           read_iam(r, get(root, "iam"), document, err);
}

/* False ends the reading: with an error of its own, or when enough problems were told. */
static bool on_document(void *self, const struct irsa_json *root, struct irsa_error *err) {
    struct reader *r = self;
    if (root->kind == IRSA_JSON_NULL)
        return true; /* nothing between two "---" */
    struct document *document = IRSA_NEW(r->arena, struct document);
    document->config.path = r->path;
    r->root = root;
    if (!read_root(r, root, document, err))
        tell(r, err);
    *r->tail = document;
    r->tail = &document->next;
    return r->problems < IRSA_CONFIG_PROBLEMS_MAX;
}

bool irsa_cluster_config_read(struct irsa_arena *arena, const char *path, const void *bytes, size_t length,
                              const struct irsa_cluster_config_receiver *receiver) {
    struct reader r = {.arena = arena, .path = path, .seen = irsa_map_new(), .receiver = receiver};
    struct irsa_error err;
    irsa_error_clear(&err);
    r.tail = &r.first;
    bool is_read = irsa_yaml_read(arena, bytes, length, on_document, &r, &err);
    irsa_map_free(r.seen, NULL);
    r.root = NULL; // what is wrong from here on is of the file
    if (!is_read && r.problems < IRSA_CONFIG_PROBLEMS_MAX)
        tell(&r, &err);
    if (r.problems > 0)
        return false;
    for (const struct document *document = r.first; document != NULL; document = document->next)
        if (!receiver->config(receiver->self, &document->config, &err)) {
            receiver->problem(receiver->self, &err);
            return false;
        }
    return true;
}
