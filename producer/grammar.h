/*
 * irsactl's own grammar: its commands, flags and settings.
 */
#ifndef IRSA_PRODUCER_GRAMMAR_H
#define IRSA_PRODUCER_GRAMMAR_H

#include "producer/arguments.h"

extern const struct irsa_grammar irsa_ctl_grammar;

#endif
