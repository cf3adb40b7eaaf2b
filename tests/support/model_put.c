/*
 * What others make of a role or a service account, as documents for the sandbox's PUT /world.
 */
#include "core/base/arena.h"
#include "tests/support/model_world.h"

#define DOCUMENT_MAX_BYTES ((size_t)64 * 1024)

static void add_pairs(struct irsa_json_writer *w, const char *name, const char *const *keys, const char *const *values,
                      int count) {
    irsa_json_open_object(w, name);
    for (int i = 0; i < count; i++)
        if (values[i] != NULL)
            irsa_json_add_text(w, keys[i], values[i]);
    irsa_json_close_object(w);
}

static void begin_at(struct irsa_text *text, struct irsa_json_writer *w, struct irsa_arena *arena,
                     const char *const keys[3]) {
    irsa_text_init(text, arena, DOCUMENT_MAX_BYTES);
    irsa_json_begin(w, text);
    irsa_json_open_object(w, NULL);
    irsa_json_open_object(w, keys[0]);
    irsa_json_open_object(w, keys[1]);
    irsa_json_open_array(w, keys[2]);
    irsa_json_open_object(w, NULL);
}

static const char *end(struct irsa_text *text, struct irsa_json_writer *w) {
    irsa_json_close_object(w);
    irsa_json_close_array(w);
    for (int i = 0; i < 3; i++)
        irsa_json_close_object(w);
    return text->at;
}

const char *model_role_put(struct irsa_arena *arena, unsigned index, const struct model_role *role) {
    static const char *const AT[] = {"accounts", MODEL_ACCOUNT, "roles"};
    struct irsa_text text;
    struct irsa_json_writer w;
    begin_at(&text, &w, arena, AT);
    irsa_json_add_text(&w, "roleName", model_role_names[index]);
    irsa_json_add_text(&w, "path", role->path);
    irsa_json_add_raw(&w, "assumeRolePolicyDocument", role->trust);
    if (role->boundary != NULL)
        irsa_json_add_text(&w, "permissionsBoundary", role->boundary);
    else
        irsa_json_add_null(&w, "permissionsBoundary");
    add_pairs(&w, "tags", model_tag_keys, role->tags, MODEL_TAGS);
    irsa_json_open_array(&w, "attachedPolicies");
    for (int i = 0; i < MODEL_POLICIES; i++)
        if (role->managed >> i & 1)
            irsa_json_add_text(&w, NULL, model_policy_arns[i]);
    irsa_json_close_array(&w);
    irsa_json_open_object(&w, "inlinePolicies");
    for (int i = 0; i < MODEL_INLINES; i++)
        if (role->inlines[i] != NULL)
            irsa_json_add_raw(&w, model_inline_names[i], role->inlines[i]);
    irsa_json_close_object(&w);
    return end(&text, &w);
}

const char *model_account_put(struct irsa_arena *arena, unsigned who, const struct model_account *account,
                              const char *manager, const char *operation) {
    const char *const at[] = {"clusters", irsa_arena_format(arena, "us-west-2/%s", model_clusters_of[who]),
                              "serviceAccounts"};
    struct irsa_text text;
    struct irsa_json_writer w;
    begin_at(&text, &w, arena, at);
    irsa_json_open_object(&w, "metadata");
    irsa_json_add_text(&w, "name", model_account_names[who]);
    irsa_json_add_text(&w, "namespace", MODEL_NAMESPACE);
    add_pairs(&w, "labels", model_field_keys, account->values, MODEL_LABELS);
    add_pairs(&w, "annotations", model_field_keys + MODEL_LABELS, account->values + MODEL_LABELS,
              MODEL_FIELDS - MODEL_LABELS);
    irsa_json_close_object(&w);
    irsa_json_add_text(&w, "fieldManager", manager);
    irsa_json_add_text(&w, "operation", operation);
    return end(&text, &w);
}
