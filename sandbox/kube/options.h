/*
 * The options of a write, which stand in its query: fieldManager, force, dryRun, fieldValidation.
 */
#ifndef IRSA_SANDBOX_KUBE_OPTIONS_H
#define IRSA_SANDBOX_KUBE_OPTIONS_H

#include "sandbox/kube/kube.h"

/* Fill manager, force, is_dry_run, is_strict and warns. False when they are invalid: 422 has been answered. */
IRSA_MUST_CHECK bool irsa_sandbox_kube_options(struct irsa_sandbox_kube *kube, bool is_apply);

/* Does a parameter say yes? The server reads anything but "0" and "false" so. NULL is no. */
bool irsa_sandbox_is_true(const char *value);

#endif
