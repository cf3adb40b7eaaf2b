/*
 * The client object: its options, its credentials, its idea of the services' time.
 */
#include "core/aws/client.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/crypto.h"

#define REFRESH_BEFORE_MS (INT64_C(5) * 60 * 1000)

struct irsa_aws *irsa_aws_new(const struct irsa_aws_options *options) {
    struct irsa_aws *aws = irsa_new(sizeof *aws);
    struct irsa_arena *arena = irsa_arena_new();
    const char *extra = options->user_agent_extra;
    aws->options = *options;
    aws->user_agent = irsa_new_copy(extra == NULL ? "irsa/" IRSA_VERSION
                                                  : irsa_arena_format(arena, "irsa/" IRSA_VERSION " app/%s", extra));
    irsa_arena_free(arena);
    pthread_mutex_init(&aws->mutex, NULL);
    return aws;
}

void irsa_aws_free(struct irsa_aws *aws) {
    if (aws == NULL)
        return;
    pthread_mutex_destroy(&aws->mutex);
    free(aws->user_agent);
    irsa_wipe(&aws->credentials, sizeof aws->credentials);
    free(aws);
}

static bool expires_within(const struct irsa_credentials *credentials, int64_t now_ms, int64_t margin_ms) {
    return credentials->expires_ms != IRSA_NO_TIME && credentials->expires_ms - now_ms <= margin_ms;
}

/*
 * Called with the mutex held. A source that fails is no reason to stop while what it gave last is still valid: its next
 * call may succeed.
 */
static bool renew(struct irsa_aws *aws, struct irsa_error *err) {
    int64_t now_ms = irsa_clock_now_ms(aws->options.clock);
    struct irsa_credentials fresh;
    if (aws->has_credentials && !expires_within(&aws->credentials, now_ms, REFRESH_BEFORE_MS))
        return true;
    memset(&fresh, 0, sizeof fresh);
    fresh.expires_ms = IRSA_NO_TIME;
    bool is_fetched = aws->options.credentials->fetch(aws->options.credentials->self, &fresh, err);
    if (is_fetched) {
        aws->credentials = fresh;
        aws->has_credentials = true;
    }
    irsa_wipe(&fresh, sizeof fresh);
    return is_fetched || (aws->has_credentials && !expires_within(&aws->credentials, now_ms, 0));
}

bool irsa_aws_credentials(struct irsa_aws *aws, struct irsa_credentials *out_credentials, struct irsa_error *err) {
    pthread_mutex_lock(&aws->mutex);
    bool has_some = renew(aws, err);
    if (has_some)
        *out_credentials = aws->credentials;
    pthread_mutex_unlock(&aws->mutex);
    return has_some;
}

void irsa_aws_credentials_forget(struct irsa_aws *aws) {
    pthread_mutex_lock(&aws->mutex);
    aws->has_credentials = false;
    irsa_wipe(&aws->credentials, sizeof aws->credentials);
    pthread_mutex_unlock(&aws->mutex);
}

int64_t irsa_aws_now_ms(struct irsa_aws *aws) {
    return irsa_clock_now_ms(aws->options.clock) + atomic_load_explicit(&aws->skew_ms, memory_order_relaxed);
}

struct irsa_sigv4_keys irsa_aws_keys(const struct irsa_credentials *credentials) {
    const char *token = credentials->session_token;
    return (struct irsa_sigv4_keys){credentials->access_key_id, credentials->secret_access_key,
                                    *token == '\0' ? NULL : token};
}

/* True when the value fits; an unset variable is the empty text. */
static bool copy_variable(const char *name, char *out, size_t size) {
    const char *value = getenv(name);
    size_t length = value == NULL ? 0 : strlen(value);
    if (length >= size)
        return false;
    memcpy(out, value == NULL ? "" : value, length + 1);
    return true;
}

/* A line feed at the end comes with many a file that a variable was filled from. */
static bool check_variable(const char *name, const char *value, struct irsa_error *err) {
    for (; *value != '\0'; value++)
        if ((unsigned char)*value <= ' ' || (unsigned char)*value > '~')
            return IRSA_FAIL(err, CREDENTIALS, "%s has a space, a line feed or another character that none has", name);
    return true;
}

static bool fetch_from_environment(void *self, struct irsa_credentials *out, struct irsa_error *err) {
    (void)self;
    bool fits = copy_variable("AWS_ACCESS_KEY_ID", out->access_key_id, sizeof out->access_key_id) &&
                copy_variable("AWS_SECRET_ACCESS_KEY", out->secret_access_key, sizeof out->secret_access_key) &&
                copy_variable("AWS_SESSION_TOKEN", out->session_token, sizeof out->session_token);
    if (!fits)
        return IRSA_FAIL(err, CREDENTIALS,
                         "a variable AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN "
                         "is too long for what it should hold");
    if (*out->access_key_id == '\0' || *out->secret_access_key == '\0')
        return IRSA_FAIL(err, CREDENTIALS,
                         "there are no AWS credentials: set AWS_ACCESS_KEY_ID and "
                         "AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for temporary ones)");
    out->expires_ms = IRSA_NO_TIME;
    return check_variable("AWS_ACCESS_KEY_ID", out->access_key_id, err) &&
           check_variable("AWS_SECRET_ACCESS_KEY", out->secret_access_key, err) &&
           check_variable("AWS_SESSION_TOKEN", out->session_token, err);
}

const struct irsa_credentials_source *irsa_credentials_environment(void) {
    static const struct irsa_credentials_source source = {fetch_from_environment, NULL};
    return &source;
}
