/*
 * The rows of the flags' table and the headings that they stand under.
 */
#ifndef IRSA_PRODUCER_FLAGS_H
#define IRSA_PRODUCER_FLAGS_H

#include "producer/arguments.h"

/* Both are ended by an empty row. */
extern const struct irsa_flag irsa_ctl_flags[];
extern const struct irsa_group_heading irsa_ctl_headings[];

#endif
