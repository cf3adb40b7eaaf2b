/*
 * Finding the action, reading the form, wrapping the result, and lists by pages.
 */
#include "sandbox/iam/iam.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"
#include "core/base/url.h"
#include "sandbox/inside.h"
#include "sandbox/xml.h"

#define VERSION          "2010-05-08"
#define ANSWER_MAX_BYTES ((size_t)8 * 1024 * 1024)
#define MAX_PAIRS        2048
#define DEFAULT_PAGE     100
#define MARKER_PREFIX    "page:"

static const struct irsa_sandbox_iam_group *const groups[] = {
    &irsa_sandbox_iam_roles,     &irsa_sandbox_iam_attachments, &irsa_sandbox_iam_inlines,  &irsa_sandbox_iam_tags,
    &irsa_sandbox_iam_providers, &irsa_sandbox_iam_policies,    &irsa_sandbox_iam_profiles, &irsa_sandbox_iam_summaries,
};

#define GROUP_COUNT (sizeof(groups) / sizeof(groups[0]))

size_t irsa_sandbox_iam_action_names(const char *out_names[IRSA_SANDBOX_MAX_ACTIONS]) {
    size_t count = 0;
    for (size_t g = 0; g < GROUP_COUNT; g++)
        for (size_t i = 0; i < groups[g]->count; i++)
            out_names[count++] = groups[g]->actions[i].name;
    return count;
}

static const struct irsa_sandbox_iam_action *find_action(const char *name) {
    for (size_t g = 0; g < GROUP_COUNT; g++)
        for (size_t i = 0; i < groups[g]->count; i++)
            if (irsa_text_equal(groups[g]->actions[i].name, name))
                return &groups[g]->actions[i];
    return NULL;
}

void irsa_sandbox_iam_name(struct irsa_sandbox_call *call) {
    const char *name = irsa_httpd_parameter(call->request, call->request->body, "Action");
    const struct irsa_sandbox_iam_action *action = name == NULL ? NULL : find_action(name);
    call->action = action == NULL ? "unknown" : action->name;
    call->is_write = action != NULL && action->is_write;
}

/* Split a form into its pairs. False when it is broken or too long. */
static bool read_form(struct irsa_arena *arena, const char *body, struct irsa_pairs *out_form) {
    struct irsa_pair *pairs = IRSA_NEW_ARRAY(arena, struct irsa_pair, MAX_PAIRS);
    size_t count = 0;
    while (*body != '\0') {
        size_t length = strcspn(body, "&");
        size_t name_length = strcspn(body, "=&");
        size_t skipped = name_length < length ? name_length + 1 : name_length;
        struct irsa_pair *pair = &pairs[count];
        if (count == MAX_PAIRS || !irsa_url_decode(arena, body, name_length, true, &pair->key) ||
            !irsa_url_decode(arena, body + skipped, length - skipped, true, &pair->value))
            return false;
        count++;
        body += length + (body[length] == '&' ? 1 : 0);
    }
    *out_form = (struct irsa_pairs){.at = pairs, .count = count};
    return true;
}

struct irsa_sandbox_document_place irsa_sandbox_iam_place(const struct irsa_sandbox_iam *iam) {
    return (struct irsa_sandbox_document_place){
        .world = &iam->call->sandbox->world, .account = iam->account, .moment = iam->moment, .arena = iam->arena};
}

const char *irsa_sandbox_iam_get(const struct irsa_sandbox_iam *iam, const char *name) {
    for (size_t i = 0; i < iam->form.count; i++)
        if (strcmp(iam->form.at[i].key, name) == 0)
            return iam->form.at[i].value;
    return NULL;
}

const char *irsa_sandbox_iam_member(const struct irsa_sandbox_iam *iam, const char *list, size_t n,
                                    const char *member) {
    char name[96];
    (void)snprintf(name, sizeof(name), "%s.member.%zu%s%s", list, n, *member == '\0' ? "" : ".", member);
    return irsa_sandbox_iam_get(iam, name);
}

static int status_of(const char *code) {
    static const struct {
        const char *code;
        int status;
    } rows[] = {
        {"NoSuchEntity", 404},           {"EntityAlreadyExists", 409}, {"DeleteConflict", 409}, {"LimitExceeded", 409},
        {"ConcurrentModification", 409}, {"UnmodifiableEntity", 400},  {"ServiceFailure", 500}, {"AccessDenied", 403},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].code, code) == 0)
            return rows[i].status;
    return 400;
}

bool irsa_sandbox_iam_fail(struct irsa_sandbox_iam *iam, const char *code, const char *format, ...) {
    char message[2048];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    return irsa_sandbox_fail(iam->call, status_of(code), code, "%s", message);
}

static void wrap(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_iam_action *action) {
    struct irsa_text xml;
    irsa_text_init(&xml, iam->arena, ANSWER_MAX_BYTES);
    irsa_text_addf(&xml, "<%sResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">", action->name);
    if (action->has_result) {
        irsa_text_addf(&xml, "<%sResult>", action->name);
        irsa_text_add_bytes(&xml, iam->out.at, iam->out.length);
        irsa_text_addf(&xml, "</%sResult>", action->name);
    }
    irsa_sandbox_xml_open(&xml, "ResponseMetadata");
    irsa_sandbox_xml_text(&xml, "RequestId", iam->call->request_id);
    irsa_sandbox_xml_close(&xml, "ResponseMetadata");
    irsa_text_addf(&xml, "</%sResponse>", action->name);
    if (iam->out.is_over || xml.is_over) {
        irsa_sandbox_iam_fail(iam, "ServiceFailure", "The answer is over %zu bytes", ANSWER_MAX_BYTES);
        return;
    }
    *iam->call->reply =
        (struct irsa_httpd_reply){.status = 200, .content_type = "text/xml", .body = xml.at, .body_length = xml.length};
}

void irsa_sandbox_iam_answer(struct irsa_sandbox_call *call) {
    struct irsa_sandbox_iam iam = {
        .call = call, .account = call->account, .arena = call->arena, .moment = call->moment};
    irsa_text_init(&iam.out, call->arena, ANSWER_MAX_BYTES);
    irsa_text_add(&iam.out, "");
    bool is_text = strlen(call->request->body) == call->request->body_length;
    if (!is_text || !read_form(call->arena, call->request->body, &iam.form)) {
        irsa_sandbox_fail(call, 400, "MalformedQueryString", "The body is no form that can be read");
        return;
    }
    const char *name = irsa_sandbox_iam_get(&iam, "Action");
    const char *version = irsa_sandbox_iam_get(&iam, "Version");
    const struct irsa_sandbox_iam_action *action = name == NULL ? NULL : find_action(name);
    if (action == NULL || !irsa_text_equal(version, VERSION)) {
        irsa_sandbox_fail(call, 400, "InvalidAction", "Could not find operation %s for version %s",
                          name == NULL ? "NO_ACTION" : name, version == NULL ? "NO_VERSION_SPECIFIED" : version);
        return;
    }
    if (irsa_sandbox_iam_check_parameters(&iam, action) && irsa_sandbox_iam_may(&iam, action->name) &&
        action->handle(&iam))
        wrap(&iam, action);
}

const char *irsa_sandbox_iam_arn(struct irsa_sandbox_iam *iam, const char *kind, const char *path, const char *name) {
    return irsa_arena_format(iam->arena, "arn:%s:iam::%s:%s%s%s", iam->account->partition, iam->account->id, kind, path,
                             name);
}

static bool read_marker(struct irsa_sandbox_iam *iam, const char **out_key) {
    const char *marker = irsa_sandbox_iam_get(iam, "Marker");
    uint8_t *bytes;
    size_t length;
    struct irsa_error err;
    *out_key = "";
    if (marker == NULL)
        return true;
    if (!irsa_base64_decode(iam->arena, IRSA_BASE64_URL, marker, strlen(marker), &bytes, &length, &err) ||
        length < strlen(MARKER_PREFIX) || memcmp(bytes, MARKER_PREFIX, strlen(MARKER_PREFIX)) != 0)
        return irsa_sandbox_iam_fail(iam, "ValidationError", "Invalid Marker.");
    *out_key = irsa_arena_copy_bytes(iam->arena, bytes + strlen(MARKER_PREFIX), length - strlen(MARKER_PREFIX));
    return true;
}

bool irsa_sandbox_iam_begin_page(struct irsa_sandbox_iam *iam, const char *const *keys, size_t count,
                                 struct irsa_sandbox_iam_page *out_page) {
    const char *after;
    if (!read_marker(iam, &after))
        return false;
    const char *max_items = irsa_sandbox_iam_get(iam, "MaxItems");
    int64_t size = DEFAULT_PAGE;
    int64_t most = iam->call->sandbox->model.page_size;
    if (max_items != NULL && !irsa_text_to_integer(max_items, 1, 1000, &size))
        size = DEFAULT_PAGE;
    if (most > 0 && most < size)
        size = most;
    size_t first = 0;
    while (*after != '\0' && first < count && strcmp(keys[first], after) <= 0)
        first++;
    size_t end = count - first > (size_t)size ? first + (size_t)size : count;
    *out_page = (struct irsa_sandbox_iam_page){.first = first, .end = end};
    if (end < count) {
        const char *plain = irsa_arena_format(iam->arena, MARKER_PREFIX "%s", keys[end - 1]);
        out_page->marker = irsa_base64_encode(iam->arena, IRSA_BASE64_URL, plain, strlen(plain));
    }
    return true;
}

void irsa_sandbox_iam_end_page(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_iam_page *page) {
    irsa_sandbox_xml_boolean(&iam->out, "IsTruncated", page->marker != NULL);
    irsa_sandbox_xml_text(&iam->out, "Marker", page->marker);
}

const char *const *irsa_sandbox_iam_bag_keys(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_bag *bag) {
    const char **keys = IRSA_NEW_ARRAY(iam->arena, const char *, bag->count);
    for (size_t i = 0; i < bag->count; i++)
        keys[i] = bag->at[i].key;
    return keys;
}
