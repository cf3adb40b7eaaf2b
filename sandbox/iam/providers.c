/*
 * OIDC providers.
 */
#include <string.h>

#include "core/base/arena.h"
#include "core/base/url.h"
#include "sandbox/iam/iam.h"
#include "sandbox/inside.h"
#include "sandbox/xml.h"

#define MAX_URL         255
#define MAX_CLIENT_ID   255
#define MAX_THUMBPRINTS 5
#define SCHEME          "https://"

/* What stands behind ":oidc-provider/" of the ARN, which is the key; NULL when the call has failed. */
static const char *key_of(struct irsa_sandbox_iam *iam) {
    const char *arn = irsa_sandbox_iam_get(iam, "OpenIDConnectProviderArn");
    const char *prefix = irsa_sandbox_iam_arn(iam, "oidc-provider/", "", "");
    if (irsa_text_starts_with(arn, prefix) && arn[strlen(prefix)] != '\0')
        return arn + strlen(prefix);
    irsa_sandbox_iam_fail(iam, "InvalidInput", "Invalid ARN:  Could not be parsed!");
    return NULL;
}

static bool fail_absent(struct irsa_sandbox_iam *iam) {
    return irsa_sandbox_iam_fail(iam, "NoSuchEntity", "OpenIDConnect Provider not found for arn %s",
                                 irsa_sandbox_iam_get(iam, "OpenIDConnectProviderArn"));
}

static const struct irsa_sandbox_provider *find(struct irsa_sandbox_iam *iam, bool is_for_change) {
    const char *key = key_of(iam);
    if (key == NULL)
        return NULL;
    const struct irsa_sandbox_provider *provider = irsa_sandbox_shelf_seen(iam->account->providers, key, iam->moment);
    if (provider != NULL && is_for_change)
        provider = irsa_sandbox_shelf_now(iam->account->providers, key);
    if (provider == NULL)
        fail_absent(iam);
    return provider;
}

static struct irsa_sandbox_provider *edit(struct irsa_sandbox_iam *iam, const struct irsa_sandbox_provider *provider) {
    return irsa_sandbox_shelf_edit(iam->account->providers, provider->url, iam->moment);
}

static bool check_url(struct irsa_sandbox_iam *iam, const char *text) {
    struct irsa_url url;
    struct irsa_error err;
    if (strlen(text) <= MAX_URL && irsa_text_starts_with(text, SCHEME) &&
        irsa_url_parse(iam->arena, text, &url, &err) && url.port == -1 && *url.query == '\0')
        return true;
    return irsa_sandbox_iam_fail(iam, "ValidationError", "Invalid Open ID Connect Provider URL");
}

static bool add_client(struct irsa_sandbox_iam *iam, struct irsa_sandbox_bag *clients, const char *id) {
    int64_t most = iam->call->sandbox->model.quotas.clients_per_provider;
    if (*id == '\0' || strlen(id) > MAX_CLIENT_ID)
        return irsa_sandbox_iam_fail(iam, "ValidationError",
                                     "1 validation error detected: Value '%s' at 'clientID' failed to satisfy "
                                     "constraint: Member must have length from 1 to %d",
                                     id, MAX_CLIENT_ID);
    irsa_sandbox_bag_put(clients, id, NULL);
    if ((int64_t)clients->count > most)
        return irsa_sandbox_iam_fail(
            iam, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: %lld", (long long)most);
    return true;
}

static bool read_lists(struct irsa_sandbox_iam *iam, struct irsa_sandbox_provider *provider) {
    const char *text;
    for (size_t n = 1; (text = irsa_sandbox_iam_member(iam, "ClientIDList", n, "")) != NULL; n++)
        if (!add_client(iam, &provider->clients, text))
            return false;
    for (size_t n = 1; (text = irsa_sandbox_iam_member(iam, "ThumbprintList", n, "")) != NULL; n++) {
        if (n > MAX_THUMBPRINTS || strlen(text) != 40 || text[strspn(text, "0123456789abcdefABCDEF")] != '\0')
            return irsa_sandbox_iam_fail(iam, "InvalidInput",
                                         "Thumbprint list must contain up to %d thumbprints of 40 "
                                         "hexadecimal digits.",
                                         MAX_THUMBPRINTS);
        irsa_sandbox_bag_put(&provider->thumbprints, text, NULL);
    }
    return irsa_sandbox_iam_read_tags(iam, &provider->tags);
}

static bool check_new(struct irsa_sandbox_iam *iam, const char *key) {
    int64_t most = iam->call->sandbox->model.quotas.providers;
    if (irsa_sandbox_shelf_now(iam->account->providers, key) != NULL)
        return irsa_sandbox_iam_fail(iam, "EntityAlreadyExists", "Provider with url " SCHEME "%s already exists.", key);
    if ((int64_t)irsa_sandbox_shelf_count(iam->account->providers) >= most)
        return irsa_sandbox_iam_fail(iam, "LimitExceeded",
                                     "Cannot exceed quota for OpenIdConnectProvidersPerAccount: %lld", (long long)most);
    return true;
}

static bool create(struct irsa_sandbox_iam *iam) {
    const char *url = irsa_sandbox_iam_get(iam, "Url");
    if (!check_url(iam, url))
        return false;
    const char *key = url + strlen(SCHEME);
    struct irsa_sandbox_provider *provider = irsa_sandbox_provider_new();
    if (!read_lists(iam, provider) || !check_new(iam, key)) {
        irsa_sandbox_provider_free(provider);
        return false;
    }
    irsa_sandbox_set_text(&provider->url, key);
    irsa_sandbox_set_text(&provider->arn, irsa_sandbox_iam_arn(iam, "oidc-provider/", "", key));
    provider->created_ms = iam->moment.now_ms;
    irsa_sandbox_shelf_put(iam->account->providers, key, provider, iam->moment);
    irsa_sandbox_xml_text(&iam->out, "OpenIDConnectProviderArn", provider->arn);
    if (provider->tags.count > 0)
        irsa_sandbox_iam_write_tags(iam, &provider->tags);
    return true;
}

static void write_set(struct irsa_sandbox_iam *iam, const char *name, const struct irsa_sandbox_bag *bag) {
    irsa_sandbox_xml_open(&iam->out, name);
    for (size_t i = 0; i < bag->count; i++)
        irsa_sandbox_xml_text(&iam->out, "member", bag->at[i].key);
    irsa_sandbox_xml_close(&iam->out, name);
}

static bool get(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_provider *provider = find(iam, false);
    if (provider == NULL)
        return false;
    irsa_sandbox_xml_text(&iam->out, "Url", provider->url);
    write_set(iam, "ClientIDList", &provider->clients);
    write_set(iam, "ThumbprintList", &provider->thumbprints);
    irsa_sandbox_xml_time(&iam->out, "CreateDate", provider->created_ms);
    if (provider->tags.count > 0)
        irsa_sandbox_iam_write_tags(iam, &provider->tags);
    return true;
}

static bool list(struct irsa_sandbox_iam *iam) {
    const void *const *providers;
    size_t count = irsa_sandbox_shelf_list(iam->account->providers, iam->arena, iam->moment, &providers);
    irsa_sandbox_xml_open(&iam->out, "OpenIDConnectProviderList");
    for (size_t i = 0; i < count; i++) {
        irsa_sandbox_xml_open(&iam->out, "member");
        irsa_sandbox_xml_text(&iam->out, "Arn", ((const struct irsa_sandbox_provider *)providers[i])->arn);
        irsa_sandbox_xml_close(&iam->out, "member");
    }
    irsa_sandbox_xml_close(&iam->out, "OpenIDConnectProviderList");
    return true;
}

/* IAM deletes a provider that is not there without a word. */
static bool delete (struct irsa_sandbox_iam *iam) {
    const char *key = key_of(iam);
    if (key == NULL)
        return false;
    if (irsa_sandbox_shelf_now(iam->account->providers, key) != NULL)
        irsa_sandbox_shelf_remove(iam->account->providers, key, iam->moment);
    return true;
}

static bool add_audience(struct irsa_sandbox_iam *iam) {
    const char *id = irsa_sandbox_iam_get(iam, "ClientID");
    const struct irsa_sandbox_provider *provider = find(iam, true);
    if (provider == NULL)
        return false;
    if (irsa_sandbox_bag_find(&provider->clients, id) != NULL)
        return true;
    struct irsa_sandbox_bag clients;
    irsa_sandbox_bag_copy(&provider->clients, &clients);
    bool is_good = add_client(iam, &clients, id);
    irsa_sandbox_bag_done(&clients);
    if (is_good)
        irsa_sandbox_bag_put(&edit(iam, provider)->clients, id, NULL);
    return is_good;
}

static bool remove_audience(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_provider *provider = find(iam, true);
    if (provider == NULL)
        return false;
    (void)irsa_sandbox_bag_remove(&edit(iam, provider)->clients, irsa_sandbox_iam_get(iam, "ClientID"));
    return true;
}

static bool tag(struct irsa_sandbox_iam *iam) {
    const struct irsa_sandbox_provider *provider = find(iam, true);
    if (provider == NULL)
        return false;
    struct irsa_sandbox_bag tags;
    irsa_sandbox_bag_copy(&provider->tags, &tags);
    if (!irsa_sandbox_iam_read_tags(iam, &tags)) {
        irsa_sandbox_bag_done(&tags);
        return false;
    }
    struct irsa_sandbox_provider *changed = edit(iam, provider);
    irsa_sandbox_bag_done(&changed->tags);
    changed->tags = tags;
    return true;
}

/* clang-format off */
#define ARN    {"OpenIDConnectProviderArn", true, IRSA_SANDBOX_RULE_ANY, 20, 2048}
#define CLIENT {"ClientID", true, IRSA_SANDBOX_RULE_ANY, 1, 255}

static const struct irsa_sandbox_iam_action actions[] = {
    {"CreateOpenIDConnectProvider", create, true, true, {{"Url", true, IRSA_SANDBOX_RULE_ANY, 1, 255}}},
    {"GetOpenIDConnectProvider", get, false, true, {ARN}},
    {"ListOpenIDConnectProviders", list, false, true, {{0}}},
    {"DeleteOpenIDConnectProvider", delete, true, false, {ARN}},
    {"AddClientIDToOpenIDConnectProvider", add_audience, true, false, {ARN, CLIENT}},
    {"RemoveClientIDFromOpenIDConnectProvider", remove_audience, true, false, {ARN, CLIENT}},
    {"TagOpenIDConnectProvider", tag, true, false, {ARN}},
};
/* clang-format on */

const struct irsa_sandbox_iam_group irsa_sandbox_iam_providers = {actions, sizeof(actions) / sizeof(actions[0])};
