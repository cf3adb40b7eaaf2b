/*
 * A request as RBAC sees it, and the refusal in its words. Source: RequestInfoFactory of k8s.io/apiserver.
 */
#include "sandbox/kube/access.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "sandbox/inside.h"
#include "sandbox/kube/status.h"

static const char *verb_of(const char *method, bool is_collection) {
    static const struct {
        const char *method, *verb, *of_collection;
    } verbs[] = {{"GET", "get", "list"},      {"HEAD", "get", "list"},     {"POST", "create", "create"},
                 {"PUT", "update", "update"}, {"PATCH", "patch", "patch"}, {"DELETE", "delete", "deletecollection"}};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(verbs[i].method, method) == 0)
            return is_collection ? verbs[i].of_collection : verbs[i].verb;
    return "";
}

/* False when the path names no resource. */
static bool read_asked(const char *method, const char *const *segments, size_t count,
                       struct irsa_sandbox_rbac_question *out_asked) {
    bool is_core = count > 2 && strcmp(segments[0], "api") == 0;
    bool is_group = count > 3 && strcmp(segments[0], "apis") == 0;
    if (!is_core && !is_group)
        return false;
    const char *const *rest = segments + (is_core ? 2 : 3);
    size_t left = count - (is_core ? 2 : 3);
    struct irsa_sandbox_rbac_question asked = {.group = is_core ? "" : segments[1], .namespace_name = ""};
    if (left > 1 && strcmp(rest[0], "namespaces") == 0) {
        asked.namespace_name = rest[1];
        bool is_of_namespace = left == 2 || strcmp(rest[2], "status") == 0 || strcmp(rest[2], "finalize") == 0;
        rest += is_of_namespace ? 0 : 2;
        left -= is_of_namespace ? 0 : 2;
    }
    asked.resource = rest[0];
    asked.name = left > 1 ? rest[1] : "";
    asked.subresource = left > 2 ? rest[2] : "";
    asked.verb = verb_of(method, *asked.name == '\0');
    *out_asked = asked;
    return true;
}

static bool refuse_resource(struct irsa_sandbox_call *call, const struct irsa_sandbox_rbac_question *asked) {
    struct irsa_text text;
    irsa_text_init(&text, call->arena, strlen(call->request->path) * 4 + 1024);
    bool has_group = *asked->group != '\0';
    irsa_text_addf(&text, "%s%s%s", asked->resource, has_group ? "." : "", asked->group);
    if (*asked->name != '\0')
        irsa_text_addf(&text, " \"%s\"", asked->name);
    irsa_text_addf(&text, " is forbidden: User \"%s\" cannot %s resource \"%s%s%s\" in API group \"%s\" ", call->user,
                   asked->verb, asked->resource, *asked->subresource == '\0' ? "" : "/", asked->subresource,
                   asked->group);
    if (*asked->namespace_name == '\0')
        irsa_text_add(&text, "at the cluster scope");
    else
        irsa_text_addf(&text, "in the namespace \"%s\"", asked->namespace_name);
    return irsa_sandbox_status(call, &(struct irsa_sandbox_status){.code = 403,
                                                                   .reason = "Forbidden",
                                                                   .message = text.at,
                                                                   .has_details = true,
                                                                   .name = asked->name,
                                                                   .group = asked->group,
                                                                   .kind = asked->resource});
}

static bool refuse_path(struct irsa_sandbox_call *call) {
    const char *verb = irsa_sandbox_lower_case(call->arena, call->request->method);
    return irsa_sandbox_status(
        call, &(struct irsa_sandbox_status){.code = 403,
                                            .reason = "Forbidden",
                                            .message = irsa_arena_format(call->arena,
                                                                         "forbidden: User \"%s\" cannot %s path \"%s\"",
                                                                         call->user, verb, call->request->path),
                                            .has_details = true});
}

static bool is_among(const char *word, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

/* system:public-info-viewer is everybody's, system:discovery that of all who have a name. */
static bool is_public(const struct irsa_sandbox_call *call, const char *const *segments, size_t count) {
    static const char *const information[] = {"healthz", "livez", "readyz", "version"};
    static const char *const discovery[] = {"api", "apis", "openapi"};
    if (strcmp(call->request->method, "GET") != 0 || count == 0)
        return false;
    return (count == 1 && is_among(segments[0], information, 4)) ||
           (strcmp(call->user, IRSA_SANDBOX_ANONYMOUS) != 0 && is_among(segments[0], discovery, 3));
}

/*
 * The roles of PUT /permissions are bound to the identity of AWS. Those who bring a static token are as they were made, and
 * what PUT /world makes is nobody's.
 */
static const struct irsa_sandbox_permissions *permissions_of(const struct irsa_sandbox_call *call) {
    return call->user != NULL && irsa_text_starts_with(call->user, "arn:") ? call->sandbox->permissions : NULL;
}

bool irsa_sandbox_kube_may(struct irsa_sandbox_call *call, const char *const *segments, size_t count) {
    struct irsa_sandbox_rbac_question asked;
    bool is_plain = strcmp(call->user, IRSA_SANDBOX_ANONYMOUS) == 0 ||
                    irsa_sandbox_bag_find(&call->cluster->plain_users, call->user) != NULL;
    if (read_asked(call->request->method, segments, count, &asked))
        return (!is_plain && irsa_sandbox_permissions_may(permissions_of(call), &asked)) ||
               refuse_resource(call, &asked);
    return (!is_plain && permissions_of(call) == NULL) || is_public(call, segments, count) || refuse_path(call);
}

bool irsa_sandbox_kube_may_create(struct irsa_sandbox_call *call, const char *namespace_name, const char *resource,
                                  const char *name) {
    const struct irsa_sandbox_rbac_question asked = {.verb = "create",
                                                     .group = "",
                                                     .namespace_name = namespace_name == NULL ? name : namespace_name,
                                                     .resource = resource,
                                                     .name = name,
                                                     .subresource = ""};
    if (irsa_sandbox_permissions_may(permissions_of(call), &asked))
        return true;
    return irsa_sandbox_status(
        call, &(struct irsa_sandbox_status){
                  .code = 403,
                  .reason = "Forbidden",
                  .message = irsa_arena_format(call->arena, "%s \"%s\" is forbidden: ", resource, name),
                  .has_details = true,
                  .name = name,
                  .kind = resource});
}
