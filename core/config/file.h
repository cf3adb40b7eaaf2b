/*
 * Reading files from outside, bounded.
 */
#ifndef IRSA_CONFIG_FILE_H
#define IRSA_CONFIG_FILE_H

#include "core/base/arena.h"
#include "core/base/error.h"

/* The whole file, terminated; "-" is standard input. fails INVALID (names the file and errno's text), TOO_LARGE */
IRSA_MUST_CHECK bool irsa_file_read(struct irsa_arena *arena, const char *path, size_t max_bytes, char **out_bytes,
                                    size_t *out_length, struct irsa_error *err);

/*
 * The files that a path names: itself, or, of a directory, its *.yaml, *.yml and *.json in byte order, not hidden ones
 * and not below. At most 100,000. fails INVALID, TOO_LARGE
 */
IRSA_MUST_CHECK bool irsa_file_list(struct irsa_arena *arena, const char *path, struct irsa_strings *out_paths,
                                    struct irsa_error *err);

#endif
