/*
 * GET of one object and of a collection.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "sandbox/inside.h"
#include "sandbox/kube/kube.h"
#include "sandbox/kube/objects.h"
#include "sandbox/kube/options.h"
#include "sandbox/kube/selector.h"
#include "sandbox/kube/tree.h"
#include "sandbox/kube/validate.h"

#define LIST_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define TOKEN_VERSION  "meta.k8s.io/v1"

void irsa_sandbox_kube_get(struct irsa_sandbox_kube *kube) {
    const struct irsa_sandbox_object *object =
        irsa_sandbox_shelf_now(irsa_sandbox_objects_shelf(kube->cluster, kube->resource), kube->key);
    if (object == NULL) {
        irsa_sandbox_kube_absent(kube, kube->resource->plural, kube->name);
        return;
    }
    struct irsa_httpd_reply *reply = kube->call->reply;
    reply->status = 200;
    reply->content_type = "application/json";
    reply->body_length = strlen(object->json);
    reply->body = irsa_arena_copy_bytes(kube->arena, object->json, reply->body_length);
}

struct listing {
    const char **jsons; /* of the objects, in the order of their keys */
    const char **keys;
    size_t count;
};

/* False when a selector is refused: that has been answered. */
static bool select_objects(struct irsa_sandbox_kube *kube, struct listing *out_listing) {
    const void *const *objects;
    struct irsa_sandbox_selector selector;
    if (!irsa_sandbox_selector_read(kube, &selector))
        return false;
    size_t total = irsa_sandbox_shelf_list(irsa_sandbox_objects_shelf(kube->cluster, kube->resource), kube->arena,
                                           (struct irsa_sandbox_moment){0}, &objects);
    struct listing listing = {.jsons = IRSA_NEW_ARRAY(kube->arena, const char *, total),
                              .keys = IRSA_NEW_ARRAY(kube->arena, const char *, total)};
    for (size_t i = 0; i < total; i++) {
        const struct irsa_sandbox_object *object = objects[i];
        const struct irsa_json *tree = irsa_sandbox_object_tree(kube->arena, object);
        const struct irsa_json *metadata = irsa_json_get(tree, "metadata");
        const char *namespace_name = irsa_json_get_text(metadata, "namespace");
        bool is_here = kube->namespace_name == NULL || irsa_text_equal(kube->namespace_name, namespace_name);
        if (!is_here || !irsa_sandbox_selector_matches(kube->arena, &selector, tree))
            continue;
        listing.jsons[listing.count] = object->json;
        listing.keys[listing.count++] =
            irsa_sandbox_object_key(kube->arena, namespace_name, irsa_json_get_text(metadata, "name"));
    }
    *out_listing = listing;
    return true;
}

size_t irsa_sandbox_kube_selected_keys(struct irsa_sandbox_kube *kube, const char *const **out_keys) {
    struct listing listing = {0};
    (void)select_objects(kube, &listing);
    *out_keys = listing.keys;
    return listing.count;
}

static bool fail_token(struct irsa_sandbox_kube *kube, const char *why) {
    return irsa_sandbox_kube_bad_request(
        kube, irsa_arena_format(kube->arena, "invalid continue token: continue key is not valid: %s", why));
}

/* Go's decoder does not look at the bits that are left over in the last character; ours wants them zero. */
static const char *without_spare_bits(struct irsa_arena *arena, const char *token) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strlen(token);
    char *copy = irsa_arena_copy(arena, token);
    const char *last = strchr(alphabet, copy[length - 1]);
    size_t kept_bits = length % 4 == 2 ? 0x30 : length % 4 == 3 ? 0x3c : 0x3f;
    if (last != NULL)
        copy[length - 1] = alphabet[(size_t)(last - alphabet) & kept_bits];
    return copy;
}

/* The key at which a list goes on, "" at its start. */
static bool read_continue(struct irsa_sandbox_kube *kube, const char **out_start) {
    const char *token = irsa_sandbox_kube_parameter(kube, "continue");
    struct irsa_json_limits limits = {.max_bytes = 4096, .max_depth = 2};
    const struct irsa_json *tree;
    struct irsa_error err;
    uint8_t *bytes;
    size_t length;
    *out_start = "";
    if (token == NULL || *token == '\0')
        return true;
    token = without_spare_bits(kube->arena, token);
    if (!irsa_base64_decode(kube->arena, IRSA_BASE64_URL, token, strlen(token), &bytes, &length, &err))
        return fail_token(kube, "illegal base64 data at input byte 0");
    if (!irsa_json_parse(kube->arena, bytes, length, limits, &tree, &err) || irsa_json_get_text(tree, "start") == NULL)
        return fail_token(kube, irsa_arena_format(kube->arena, "invalid character '%c' looking for beginning of value",
                                                  length == 0 ? ' ' : (char)bytes[0]));
    *out_start = irsa_json_get_text(tree, "start");
    return true;
}

static const char *make_continue(struct irsa_sandbox_kube *kube, const char *last_key) {
    const char *json = irsa_arena_format(kube->arena, "{\"v\":\"" TOKEN_VERSION "\",\"rv\":%lld,\"start\":\"%s/\"}",
                                         (long long)kube->cluster->version, last_key);
    return irsa_base64_encode(kube->arena, IRSA_BASE64_URL, json, strlen(json));
}

static void write_head(struct irsa_sandbox_kube *kube, struct irsa_text *out, const char *token, size_t remaining) {
    irsa_text_addf(out, "{\"kind\":\"%sList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"%lld\"",
                   kube->resource->kind, (long long)kube->cluster->version);
    if (token != NULL)
        irsa_text_addf(out, ",\"continue\":\"%s\",\"remainingItemCount\":%zu", token, remaining);
    irsa_text_add(out, "},\"items\":[");
}

/* Items of a list come without kind and apiVersion, which stand first in what is kept. */
static void write_item(struct irsa_text *out, const char *json) {
    const char *metadata = strstr(json, "\"metadata\":");
    irsa_text_add_char(out, '{');
    irsa_text_add(out, metadata);
}

/* A list would not tell the caller that nothing will ever be told. */
static bool check_no_watch(struct irsa_sandbox_kube *kube) {
    const char *watch = irsa_sandbox_kube_parameter(kube, "watch");
    if (!irsa_sandbox_is_true(watch))
        return true;
    return irsa_sandbox_status(
        kube->call,
        &(struct irsa_sandbox_status){.code = 501, .reason = "NotImplemented", .message = "the sandbox has no watch"});
}

void irsa_sandbox_kube_list(struct irsa_sandbox_kube *kube) {
    const char *start;
    struct listing listing;
    if (!check_no_watch(kube) || !read_continue(kube, &start) || !select_objects(kube, &listing))
        return;
    const char *limit_text = irsa_sandbox_kube_parameter(kube, "limit");
    int64_t limit = 0;
    if (limit_text != NULL && !irsa_text_to_integer(limit_text, INT64_MIN, INT64_MAX, &limit)) {
        irsa_sandbox_kube_bad_request(kube,
                                      irsa_arena_format(kube->arena, "strconv.ParseInt: parsing %s: invalid syntax",
                                                        irsa_sandbox_quote(kube->arena, limit_text)));
        return;
    }
    size_t first = 0;
    while (*start != '\0' && first < listing.count &&
           strcmp(irsa_arena_format(kube->arena, "%s/", listing.keys[first]), start) <= 0)
        first++;
    size_t end = limit > 0 && listing.count - first > (size_t)limit ? first + (size_t)limit : listing.count;
    const char *token = end < listing.count ? make_continue(kube, listing.keys[end - 1]) : NULL;
    struct irsa_text out;
    irsa_text_init(&out, kube->arena, LIST_MAX_BYTES);
    write_head(kube, &out, token, listing.count - end);
    for (size_t i = first; i < end; i++) {
        irsa_text_add(&out, i == first ? "" : ",");
        write_item(&out, listing.jsons[i]);
    }
    irsa_text_add(&out, "]}");
    kube->call->reply->status = 200;
    kube->call->reply->content_type = "application/json";
    kube->call->reply->body = out.at;
    kube->call->reply->body_length = out.length;
}
