/*
 * Kafka settings: librdkafka's own names, with our defaults below them.
 */
#ifndef IRSA_KAFKA_SETTINGS_H
#define IRSA_KAFKA_SETTINGS_H

#include "core/base/arena.h"
#include "core/base/error.h"

/*
 * Judge names and values by the linked librdkafka. `-X` pairs may set client-wide and topic properties alike.
 *
 * fails    CONFIG: names the setting, the nearest match, the linked version
 */
IRSA_MUST_CHECK bool irsa_kafka_settings_check(struct irsa_pairs settings, struct irsa_error *err);

/* The value of a setting that was given, or NULL. The last one counts. */
const char *irsa_kafka_setting(struct irsa_pairs settings, const char *name);

/* "librdkafka 2.0.2". Static text. */
const char *irsa_kafka_version(void);

#endif
