/*
 * irsactl's own settings, beside those of Kafka.
 */
#ifndef IRSA_PRODUCER_SETTINGS_H
#define IRSA_PRODUCER_SETTINGS_H

#include "core/config/settings.h"

struct irsa_ctl_settings {
    const char *topics_prefix;
    const char *source; /* CloudEvents source of what we enqueue */
    int64_t broker_timeout_ms;
};

extern const struct irsa_setting_table irsa_ctl_settings_table;

#endif
