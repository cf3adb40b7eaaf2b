/*
 * From a request to the desired state: names, trust, policies, tags, labels.
 */
#include "core/provision/desired.h"

#include <string.h>

#include "core/base/crypto.h"
#include "core/base/text.h"
#include "core/provision/document.h"
#include "core/provision/well_known.h"

#define READABLE_NAME_MAX 55
#define HASH_DIGITS       8
#define ROLE_PATH_MAX     512

const char *irsa_pairs_find(struct irsa_pairs pairs, const char *key) {
    for (size_t i = 0; i < pairs.count; i++)
        if (strcmp(pairs.at[i].key, key) == 0)
            return pairs.at[i].value;
    return NULL;
}

bool irsa_strings_contain(struct irsa_strings strings, const char *text) {
    for (size_t i = 0; i < strings.count; i++)
        if (strcmp(strings.at[i], text) == 0)
            return true;
    return false;
}

const char *irsa_default_role_name(struct irsa_arena *arena, const struct irsa_request *request) {
    char digest[IRSA_SHA256_HEX_BYTES];
    const char *key = irsa_request_key(arena, request);
    irsa_sha256_hex(key, strlen(key), digest);
    const char *readable = irsa_arena_format(arena, "%s-%s-%s", request->cluster.name, irsa_request_namespace(request),
                                             request->service_account.name);
    return irsa_arena_format(arena, "%.*s-%.*s", READABLE_NAME_MAX, readable, HASH_DIGITS, digest);
}

/* "/irsa/{region}/{cluster}/" with its words filled in. */
static const char *fill_path(struct irsa_arena *arena, const char *template, const struct irsa_place *place) {
    struct irsa_text path;
    irsa_text_init(&path, arena, ROLE_PATH_MAX);
    for (const char *at = template; *at != '\0';) {
        if (irsa_text_starts_with(at, "{region}")) {
            irsa_text_add(&path, place->region);
            at += strlen("{region}");
        } else if (irsa_text_starts_with(at, "{cluster}")) {
            irsa_text_add(&path, place->cluster);
            at += strlen("{cluster}");
        } else {
            irsa_text_add_char(&path, *at++);
        }
    }
    return path.is_over ? NULL : path.at;
}

/* Which aspects an update speaks about: those whose fields are present. */
static unsigned aspects_of(const struct irsa_request *request) {
    const struct irsa_service_account *account = &request->service_account;
    if (request->action != IRSA_ACTION_UPDATE)
        return IRSA_ASPECT_ALL;
    return (account->subject_pattern != NULL ? IRSA_ASPECT_TRUST : 0u) |
           (account->attach_policy_arns.at != NULL ? IRSA_ASPECT_MANAGED : 0u) |
           (account->attach_policy != NULL ? IRSA_ASPECT_INLINE : 0u) |
           (account->has_well_known_policies ? IRSA_ASPECT_WELL_KNOWN : 0u) |
           (account->permissions_boundary != NULL ? IRSA_ASPECT_BOUNDARY : 0u) |
           (account->tags.at != NULL ? IRSA_ASPECT_TAGS : 0u) | (account->labels.at != NULL ? IRSA_ASPECT_LABELS : 0u) |
           (account->annotations.at != NULL ? IRSA_ASPECT_ANNOTATIONS : 0u);
}

/* The listed ARNs and those of the well-known policies, each once. */
static struct irsa_strings desired_managed(struct irsa_arena *arena, const struct irsa_desire *desire) {
    const struct irsa_service_account *account = &desire->request->service_account;
    size_t most = account->attach_policy_arns.count + IRSA_WELL_KNOWN_MAX;
    const char **at = IRSA_NEW_ARRAY(arena, const char *, most);
    struct irsa_strings arns = {.at = at};
    for (size_t i = 0; i < account->attach_policy_arns.count; i++)
        if (!irsa_strings_contain(arns, account->attach_policy_arns.at[i]))
            at[arns.count++] = account->attach_policy_arns.at[i];
    for (size_t i = 0; i < IRSA_WELL_KNOWN_MAX; i++) {
        const char *arn =
            irsa_well_known_arn(arena, account->well_known_policies & (1u << i), desire->place->partition);
        if (arn != NULL && !irsa_strings_contain(arns, arn))
            at[arns.count++] = arn;
    }
    return arns;
}

static struct irsa_inline_policies desired_inlines(struct irsa_arena *arena, const struct irsa_desire *desire) {
    const struct irsa_service_account *account = &desire->request->service_account;
    struct irsa_inline_policy *at = IRSA_NEW_ARRAY(arena, struct irsa_inline_policy, IRSA_WELL_KNOWN_MAX + 1);
    struct irsa_inline_policies inlines = {.at = at};
    if (account->attach_policy != NULL)
        at[inlines.count++] = (struct irsa_inline_policy){IRSA_INLINE_NAME, account->attach_policy};
    for (size_t i = 0; i < IRSA_WELL_KNOWN_MAX; i++) {
        unsigned bit = account->well_known_policies & (1u << i);
        const char *document = irsa_well_known_document(arena, bit, desire->place->partition);
        if (document != NULL)
            at[inlines.count++] = (struct irsa_inline_policy){irsa_well_known_inline_name(bit), document};
    }
    return inlines;
}

static struct irsa_pairs ownership_tags(struct irsa_arena *arena, const struct irsa_desire *desire,
                                        const char *service_account) {
    struct irsa_pair *at = IRSA_NEW_ARRAY(arena, struct irsa_pair, 3);
    at[0] = (struct irsa_pair){IRSA_TAG_CLUSTER, desire->place->cluster_arn};
    at[1] = (struct irsa_pair){IRSA_TAG_SERVICE_ACCOUNT, service_account};
    at[2] = (struct irsa_pair){IRSA_TAG_OWNER, desire->owner};
    return (struct irsa_pairs){.at = at, .count = 3};
}

/* Name, path and ARN of the role; an own roleName goes to "/". */
static bool name_role(struct irsa_arena *arena, const struct irsa_desire *desire, struct irsa_desired *desired,
                      struct irsa_error *err) {
    const struct irsa_service_account *account = &desire->request->service_account;
    desired->is_role_name_given = account->role_name != NULL;
    desired->role_name =
        desired->is_role_name_given ? account->role_name : irsa_default_role_name(arena, desire->request);
    desired->role_path = desired->is_role_name_given ? "/" : fill_path(arena, desire->role_path, desire->place);
    if (desired->role_path == NULL)
        return IRSA_FAIL(err, INVALID,
                         "the role path made from \"%s\" is over %d characters: shorten the setting role_path",
                         desire->role_path, ROLE_PATH_MAX);
    desired->role_arn = irsa_arena_format(arena, "arn:%s:iam::%s:role%s%s", desire->place->partition,
                                          desire->place->account_id, desired->role_path, desired->role_name);
    return true;
}

/* NULL where the cluster is gone and nobody is to be trusted any more. */
static const char *trust_of(struct irsa_arena *arena, const struct irsa_desire *desire) {
    if (desire->place->issuer == NULL)
        return NULL;
    const struct irsa_trust_subject subject = {
        .provider_arn = desire->place->provider_arn,
        .issuer = desire->place->issuer,
        .namespace_name = irsa_request_namespace(desire->request),
        .name = desire->request->service_account.name,
        .pattern = desire->request->service_account.subject_pattern,
    };
    return irsa_trust_document(arena, &subject);
}

bool irsa_desired_make(struct irsa_arena *arena, const struct irsa_desire *desire, struct irsa_desired *out_desired,
                       struct irsa_error *err) {
    const struct irsa_service_account *account = &desire->request->service_account;
    struct irsa_desired desired = {
        .aspects = aspects_of(desire->request),
        .namespace_name = irsa_request_namespace(desire->request),
        .name = account->name,
        .has_role = account->attach_role_arn == NULL,
        .may_make_role = desire->request->action == IRSA_ACTION_CREATE,
        .has_account = !account->role_only && !desire->request->options.cluster_gone,
        .permissions_boundary = account->permissions_boundary,
        .user_tags = account->tags,
        .labels = account->labels,
        .annotations = account->annotations,
        .mark = irsa_mark_format(arena, desire->mark),
    };
    desired.service_account = irsa_arena_format(arena, "%s/%s", desired.namespace_name, desired.name);
    desired.ownership_tags = ownership_tags(arena, desire, desired.service_account);
    desired.role_arn = account->attach_role_arn;
    if (desired.has_role) {
        if (!name_role(arena, desire, &desired, err))
            return false;
        desired.trust_policy = trust_of(arena, desire);
        desired.managed = desired_managed(arena, desire);
        desired.inlines = desired_inlines(arena, desire);
    }
    *out_desired = desired;
    return true;
}
