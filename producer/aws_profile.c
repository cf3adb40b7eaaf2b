/*
 * ~/.aws/config: sections in brackets, "key = value" lines, comments by '#' and ';' (AWS SDKs and Tools Reference Guide,
 * "Shared config and credentials files").
 */
#include "producer/aws_profile.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/config/file.h"

#define CONFIG_MAX_BYTES ((size_t)1024 * 1024)

/* The next line without a comment and white space at its end; moves *at behind it. NULL at the end of the text. */
static char *take_line(struct irsa_arena *arena, const char **at) {
    const char *start = *at;
    if (*start == '\0')
        return NULL;
    size_t whole = strcspn(start, "\n");
    *at = start + whole + (start[whole] == '\n');
    const char *comment = memmem(start, whole, " #", 2);
    size_t length = comment != NULL ? (size_t)(comment - start) : whole;
    while (length > 0 && isspace((unsigned char)start[length - 1]))
        length--;
    return irsa_arena_copy_bytes(arena, start, length);
}

static bool is_section_of(const char *line, const char *profile) {
    const char *name = line + 1 + strspn(line + 1, " \t");
    if (strncmp(name, "profile", 7) == 0 && (name[7] == ' ' || name[7] == '\t'))
        name += 7 + strspn(name + 7, " \t");
    else if (strcmp(profile, "default") != 0)
        return false; /* other profiles' sections begin with the word */
    size_t length = strlen(profile);
    if (strncmp(name, profile, length) != 0)
        return false;
    return name[length + strspn(name + length, " \t")] == ']';
}

static const char *value_of(const char *line, const char *key) {
    size_t length = strlen(key);
    if (strncmp(line, key, length) != 0)
        return NULL;
    const char *at = line + length + strspn(line + length, " \t");
    if (*at != '=')
        return NULL;
    at += 1 + strspn(at + 1, " \t");
    return *at != '\0' ? at : NULL;
}

const char *irsa_aws_config_region(struct irsa_arena *arena, const char *text, const char *profile,
                                   bool *out_has_profile) {
    const char *region = NULL;
    bool is_inside = false;
    *out_has_profile = false;
    for (char *line = take_line(arena, &text); line != NULL; line = take_line(arena, &text)) {
        if (line[0] == '[') {
            is_inside = is_section_of(line, profile);
            *out_has_profile |= is_inside;
        } else if (is_inside && value_of(line, "region") != NULL) {
            region = value_of(line, "region");
        }
    }
    return region;
}

static const char *config_path(struct irsa_arena *arena) {
    const char *path = getenv("AWS_CONFIG_FILE");
    if (!irsa_text_is_empty(path))
        return path;
    const char *home = getenv("HOME");
    return irsa_text_is_empty(home) ? NULL : irsa_arena_format(arena, "%s/.aws/config", home);
}

bool irsa_aws_profile_region(struct irsa_arena *arena, const char *profile, const char **out_region,
                             struct irsa_error *err) {
    const char *named = profile != NULL ? profile : getenv("AWS_PROFILE");
    const char *path = config_path(arena);
    bool has_profile = false;
    *out_region = NULL;
    if (path != NULL && access(path, F_OK) == 0) {
        char *text;
        size_t length;
        if (!irsa_file_read(arena, path, CONFIG_MAX_BYTES, &text, &length, err))
            return false;
        *out_region =
            irsa_aws_config_region(arena, text, named == NULL || named[0] == '\0' ? "default" : named, &has_profile);
    }
    if (!irsa_text_is_empty(profile) && !has_profile)
        return IRSA_FAIL(err, INVALID, "there is no profile %s in %s", profile, path != NULL ? path : "~/.aws/config");
    return true;
}
