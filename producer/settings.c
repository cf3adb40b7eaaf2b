/*
 * The table of irsactl's settings.
 */
#include "producer/settings.h"

#include "core/contract/topics.h"

#define MEMBER(name) offsetof(struct irsa_ctl_settings, name)

static const struct irsa_setting settings[] = {
    {.key = "topics.prefix",
     .environment = "IRSA_TOPICS_PREFIX",
     .flag = "--topics-prefix",
     .kind = IRSA_SETTING_TEXT,
     .offset = MEMBER(topics_prefix),
     .fallback = IRSA_DEFAULT_TOPICS_PREFIX,
     .value_name = "PREFIX",
     .prose = "What the topics' names begin with: PREFIX.requests, PREFIX.results and so on"},
    {.key = "source",
     .environment = "IRSA_SOURCE",
     .flag = "--source",
     .kind = IRSA_SETTING_TEXT,
     .offset = MEMBER(source),
     .fallback = "urn:irsa:irsactl",
     .value_name = "URI",
     .prose = "CloudEvents source of what is enqueued; with the id it is a request's identity"},
    {.key = "broker.timeout",
     .environment = "IRSA_BROKER_TIMEOUT",
     .flag = "--broker-timeout",
     .kind = IRSA_SETTING_DURATION,
     .offset = MEMBER(broker_timeout_ms),
     .min = 100,
     .max = 3600000,
     .fallback = "10s",
     .value_name = "DURATION",
     .prose = "How long the broker may take to answer, or to acknowledge anything at all, before we give up"},
};

const struct irsa_setting_table irsa_ctl_settings_table = {settings, sizeof settings / sizeof *settings};
