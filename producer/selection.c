/*
 * Include and exclude globs.
 */
#include "producer/selection.h"

#include <stdio.h>
#include <string.h>

#include "core/base/glob.h"
#include "core/base/text.h"

#define NAME_BYTES 512 /* a namespace has at most 63 bytes, a name at most 253 */

static bool check(const char *flag, struct irsa_strings globs, struct irsa_error *err) {
    for (size_t i = 0; i < globs.count; i++)
        if (!irsa_glob_check(globs.at[i], err))
            return irsa_error_wrap(err, "%s \"%s\"", flag, globs.at[i]);
    return true;
}

bool irsa_selection_init(struct irsa_selection *selection, struct irsa_arena *arena, struct irsa_strings include,
                         struct irsa_strings exclude, struct irsa_error *err) {
    *selection = (struct irsa_selection){.arena = arena, .include = include, .exclude = exclude};
    selection->has_matched = IRSA_NEW_ARRAY(arena, bool, include.count);
    return check("--include", include, err) && check("--exclude", exclude, err);
}

static void remember(struct irsa_selection *selection, const char *name) {
    for (size_t i = 0; i < selection->name_count; i++)
        if (strcmp(selection->names[i], name) == 0)
            return;
    if (selection->name_count < IRSA_SELECTION_NAMES)
        selection->names[selection->name_count++] = irsa_arena_copy(selection->arena, name);
    else
        selection->has_more_names = true;
}

bool irsa_selection_takes(struct irsa_selection *selection, const char *namespace_name, const char *name) {
    char full[NAME_BYTES];
    bool is_included = selection->include.count == 0;
    if (selection->include.count == 0 && selection->exclude.count == 0)
        return true;
    snprintf(full, sizeof full, "%s/%s", namespace_name, name);
    remember(selection, full);
    /* every include glob is asked, since each must fit something */
    for (size_t i = 0; i < selection->include.count; i++) {
        if (!irsa_glob_matches(selection->include.at[i], full))
            continue;
        selection->has_matched[i] = true;
        is_included = true;
    }
    for (size_t i = 0; i < selection->exclude.count && is_included; i++)
        is_included = !irsa_glob_matches(selection->exclude.at[i], full);
    return is_included;
}

static bool refuse(const struct irsa_selection *selection, const char *glob, struct irsa_error *err) {
    struct irsa_text names;
    irsa_text_init(&names, selection->arena, 1024);
    for (size_t i = 0; i < selection->name_count; i++)
        irsa_text_addf(&names, "%s%s", i == 0 ? "" : ", ", selection->names[i]);
    if (selection->name_count == 0)
        return IRSA_FAIL(err, INVALID, "--include \"%s\" fits nothing: there are no service accounts", glob);
    /* the commonest slip: a name without its namespace */
    const char *hint = strchr(glob, '/') == NULL ? " (a glob is matched against namespace/name)" : "";
    return IRSA_FAIL(err, INVALID, "--include \"%s\" fits nothing%s; there are: %s%s", glob, hint, names.at,
                     selection->has_more_names ? " and others" : "");
}

bool irsa_selection_finish(const struct irsa_selection *selection, struct irsa_error *err) {
    for (size_t i = 0; i < selection->include.count; i++)
        if (!selection->has_matched[i])
            return refuse(selection, selection->include.at[i], err);
    return true;
}
