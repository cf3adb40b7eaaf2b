/*
 * The region of a profile in the AWS configuration file, as the AWS tools read it.
 */
#ifndef IRSA_PRODUCER_AWS_PROFILE_H
#define IRSA_PRODUCER_AWS_PROFILE_H

#include "core/base/arena.h"
#include "core/base/error.h"

/*
 * profile     NULL: AWS_PROFILE, else "default". The file is AWS_CONFIG_FILE, else ~/.aws/config
 * out_region  NULL when there is no such file, profile or line
 * fails       INVALID: the file is there and cannot be read, or a named profile is not in it
 */
IRSA_MUST_CHECK bool irsa_aws_profile_region(struct irsa_arena *arena, const char *profile, const char **out_region,
                                             struct irsa_error *err);

/* The value of `region` in the section [profile NAME], or [default], of the file's text; NULL: there is none. */
const char *irsa_aws_config_region(struct irsa_arena *arena, const char *text, const char *profile,
                                   bool *out_has_profile);

#endif
