/*
 * Shell-like patterns as eksctl's --include and --exclude have them: * ? [a-z] [!a] {a,b} and \x. No character is
 * special to * and ?, so they also match '/'.
 */
#ifndef IRSA_BASE_GLOB_H
#define IRSA_BASE_GLOB_H

#include "core/base/error.h"

/* Refuse a pattern that cannot be read: an open bracket or brace, a trailing backslash, over 1,024 bytes. */
IRSA_MUST_CHECK bool irsa_glob_check(const char *pattern, struct irsa_error *err);

/* Whole-text match; `pattern` has passed irsa_glob_check. Time is bounded by the product of both lengths per brace. */
bool irsa_glob_matches(const char *pattern, const char *text);

#endif
