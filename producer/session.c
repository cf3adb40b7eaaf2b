/*
 * Settings and region of one run.
 */
#include "producer/session.h"

#include <stdlib.h>

#include "core/base/text.h"
#include "core/contract/names.h"
#include "core/kafka/settings.h"
#include "producer/aws_profile.h"

static bool check_prefix(const struct irsa_session *session, struct irsa_error *err) {
    const char *prefix = session->settings.topics_prefix;
    const char *problem = irsa_rule_topic_prefix(prefix);
    return problem == NULL || IRSA_FAIL(err, CONFIG, "--topics-prefix: \"%s\" %s", prefix, problem);
}

bool irsa_session_read_settings(struct irsa_session *session, char **environment, struct irsa_error *err) {
    const struct irsa_arguments *arguments = session->arguments;
    const char *file = arguments->settings_file != NULL ? arguments->settings_file : getenv("IRSA_SETTINGS");
    struct irsa_setting_inputs inputs = {
        .flags = arguments->settings,
        .kafka = arguments->kafka,
        .file = irsa_text_is_empty(file) ? NULL : file,
        .environment = environment,
    };
    return irsa_settings_read(session->grammar->settings, session->arena, &inputs, &session->settings, &session->kafka,
                              err) &&
           check_prefix(session, err) && irsa_kafka_settings_check(session->kafka, err);
}

bool irsa_session_has_broker(const struct irsa_session *session, struct irsa_error *err) {
    if (!irsa_text_is_empty(irsa_kafka_setting(session->kafka, "bootstrap.servers")) ||
        !irsa_text_is_empty(irsa_kafka_setting(session->kafka, "metadata.broker.list")))
        return true;
    return IRSA_FAIL(
        err, CONFIG,
        "no broker is named: give -X bootstrap.servers=HOST:PORT, set IRSA_KAFKA_BOOTSTRAP_SERVERS, or write "
        "kafka.bootstrap.servers into the settings file");
}

bool irsa_session_was_given(const struct irsa_session *session, const char *flag) {
    return irsa_arguments_has(session->grammar, session->arguments, flag);
}

bool irsa_session_region(const struct irsa_session *session, const char **out_region, struct irsa_error *err) {
    const char *profile = session->arguments->profile;
    const char *ways[] = {session->arguments->region, getenv("AWS_REGION"), getenv("AWS_DEFAULT_REGION")};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        /* a profile that is named on the command line says more than the environment */
        if (i > 0 && profile != NULL)
            break;
        if (!irsa_text_is_empty(ways[i])) {
            *out_region = ways[i];
            return true;
        }
    }
    const char *region = NULL;
    if (!irsa_aws_profile_region(session->arena, profile, &region, err))
        return false;
    if (region == NULL)
        return IRSA_FAIL(
            err, INVALID,
            "the region of the cluster is missing: give --region, set AWS_REGION or AWS_DEFAULT_REGION, or "
            "write region = … into the profile%s%s in ~/.aws/config",
            profile != NULL ? " " : "", profile != NULL ? profile : "");
    *out_region = region;
    return true;
}
