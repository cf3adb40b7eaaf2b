/*
 * What a call asks of the caller's policies: actions, resource and condition keys as the service authorization reference
 * of IAM has them.
 */
#include <string.h>

#include "core/base/arena.h"
#include "sandbox/iam/iam.h"
#include "sandbox/inside.h"

#define SCHEME    "https://"
#define MAX_VALUE 64 /* values of condition keys besides the tags */

struct subject {
    const char *arn;
    const char *shown;                   /* as a refusal names it */
    const struct irsa_sandbox_bag *tags; /* NULL: it is not there */
    const char *boundary;
};

/* A role that is not there has no path that IAM could tell, and is refused by its bare name. */
static struct subject role_subject(struct irsa_sandbox_iam *iam, const char *name, bool is_new) {
    const char *path = irsa_sandbox_iam_get(iam, "Path");
    const struct irsa_sandbox_role *role =
        irsa_sandbox_shelf_seen(iam->account->roles, irsa_sandbox_lower_case(iam->arena, name), iam->moment);
    if (is_new)
        return (struct subject){.arn = irsa_sandbox_iam_arn(iam, "role", path == NULL ? "/" : path, name)};
    if (role == NULL)
        return (struct subject){.arn = irsa_sandbox_iam_arn(iam, "role/", "", name),
                                .shown = irsa_arena_format(iam->arena, "role %s", name)};
    return (struct subject){.arn = role->arn, .tags = &role->tags, .boundary = role->boundary};
}

static struct subject provider_subject(struct irsa_sandbox_iam *iam, const char *arn) {
    const char *prefix = irsa_sandbox_iam_arn(iam, "oidc-provider/", "", "");
    const struct irsa_sandbox_provider *provider = NULL;
    if (irsa_text_starts_with(arn, prefix))
        provider = irsa_sandbox_shelf_seen(iam->account->providers, arn + strlen(prefix), iam->moment);
    return (struct subject){.arn = arn, .tags = provider == NULL ? NULL : &provider->tags};
}

static struct subject new_provider_subject(struct irsa_sandbox_iam *iam, const char *url) {
    bool has_scheme = irsa_text_starts_with(url, SCHEME);
    return (struct subject){
        .arn = irsa_sandbox_iam_arn(iam, "oidc-provider/", "", url + (has_scheme ? strlen(SCHEME) : 0))};
}

static struct subject profile_subject(struct irsa_sandbox_iam *iam, const char *name) {
    const char *path = irsa_sandbox_iam_get(iam, "Path");
    const struct irsa_sandbox_profile *profile =
        irsa_sandbox_shelf_seen(iam->account->profiles, irsa_sandbox_lower_case(iam->arena, name), iam->moment);
    if (profile != NULL)
        return (struct subject){.arn = profile->arn};
    return (struct subject){.arn = irsa_sandbox_iam_arn(iam, "instance-profile", path == NULL ? "/" : path, name)};
}

static struct subject find_subject(struct irsa_sandbox_iam *iam, const char *action) {
    const char *profile = irsa_sandbox_iam_get(iam, "InstanceProfileName");
    const char *role = irsa_sandbox_iam_get(iam, "RoleName");
    const char *provider = irsa_sandbox_iam_get(iam, "OpenIDConnectProviderArn");
    const char *url = irsa_sandbox_iam_get(iam, "Url");
    const char *policy = irsa_sandbox_iam_get(iam, "PolicyArn");
    const char *path = irsa_sandbox_iam_get(iam, "Path");
    if (profile != NULL)
        return profile_subject(iam, profile);
    if (role != NULL)
        return role_subject(iam, role, strcmp(action, "CreateRole") == 0);
    if (provider != NULL)
        return provider_subject(iam, provider);
    if (url != NULL)
        return new_provider_subject(iam, url);
    if (strcmp(action, "CreatePolicy") == 0)
        return (struct subject){.arn = irsa_sandbox_iam_arn(iam, "policy", path == NULL ? "/" : path,
                                                            irsa_sandbox_iam_get(iam, "PolicyName"))};
    return (struct subject){.arn = policy == NULL ? "*" : policy};
}

struct context {
    struct irsa_arena *arena;
    struct irsa_pair *at;
    size_t count;
    size_t capacity;
};

static void add(struct context *context, const char *key, const char *value) {
    if (value != NULL && context->count < context->capacity)
        context->at[context->count++] = (struct irsa_pair){key, value};
}

static void add_request_tags(struct irsa_sandbox_iam *iam, struct context *context) {
    const char *key;
    for (size_t n = 1; (key = irsa_sandbox_iam_member(iam, "Tags", n, "Key")) != NULL; n++) {
        add(context, irsa_arena_format(context->arena, "aws:RequestTag/%s", key),
            irsa_sandbox_iam_member(iam, "Tags", n, "Value"));
        add(context, "aws:TagKeys", key);
    }
    for (size_t n = 1; (key = irsa_sandbox_iam_member(iam, "TagKeys", n, "")) != NULL; n++)
        add(context, "aws:TagKeys", key);
}

static void add_resource_tags(const struct subject *subject, struct context *context) {
    for (size_t i = 0; subject->tags != NULL && i < subject->tags->count; i++) {
        const struct irsa_sandbox_entry *tag = &subject->tags->at[i];
        add(context, irsa_arena_format(context->arena, "aws:ResourceTag/%s", tag->key), tag->value);
        add(context, irsa_arena_format(context->arena, "iam:ResourceTag/%s", tag->key), tag->value);
    }
}

/* The boundary is the one that the call sets, or else the one that the role has. */
static struct irsa_pairs make_context(struct irsa_sandbox_iam *iam, const struct subject *subject) {
    const char *boundary = irsa_sandbox_iam_get(iam, "PermissionsBoundary");
    size_t capacity = MAX_VALUE + 2 * iam->form.count + (subject->tags == NULL ? 0 : 2 * subject->tags->count);
    struct context context = {
        .arena = iam->arena, .at = IRSA_NEW_ARRAY(iam->arena, struct irsa_pair, capacity), .capacity = capacity};
    add(&context, "iam:PolicyARN", irsa_sandbox_iam_get(iam, "PolicyArn"));
    add(&context, "iam:PermissionsBoundary", boundary != NULL ? boundary : subject->boundary);
    add_request_tags(iam, &context);
    add_resource_tags(subject, &context);
    return (struct irsa_pairs){.at = context.at, .count = context.count};
}

/* Who creates something with tags must also be allowed to tag it. */
static const char *tag_action(const struct irsa_sandbox_iam *iam, const char *action) {
    static const struct {
        const char *action, *tags;
    } rows[] = {{"CreateRole", "iam:TagRole"},
                {"CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider"},
                {"CreatePolicy", "iam:TagPolicy"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].action, action) == 0 && irsa_sandbox_iam_member(iam, "Tags", 1, "Key") != NULL)
            return rows[i].tags;
    return NULL;
}

bool irsa_sandbox_iam_may(struct irsa_sandbox_iam *iam, const char *action) {
    const struct subject subject = find_subject(iam, action);
    struct irsa_sandbox_policy_question question = {.action = irsa_arena_format(iam->arena, "iam:%s", action),
                                                    .resource = subject.arn,
                                                    .context = make_context(iam, &subject)};
    const char *tags = tag_action(iam, action);
    if (!irsa_sandbox_authorize(iam->call, &question, subject.shown))
        return false;
    question.action = tags;
    return tags == NULL || irsa_sandbox_authorize(iam->call, &question, subject.shown);
}
