/*
 * One walk finds the misfits; the texts are those of encoding/json and of structured-merge-diff, as kube-apiserver 1.35
 * answers them. What is inside of the items of a keyed list is not looked at.
 */
#include "sandbox/kube/misfit.h"

#include <string.h>

#include "core/base/arena.h"

#define TEXT_MAX_BYTES ((size_t)64 * 1024)

struct walk {
    struct irsa_arena *arena;
    struct irsa_sandbox_misfits found;
    size_t capacity;
};

static void add(struct walk *walk, struct irsa_sandbox_misfit misfit) {
    struct irsa_sandbox_misfits *found = &walk->found;
    if (found->count == walk->capacity) {
        size_t size = sizeof(found->at[0]);
        size_t capacity = walk->capacity == 0 ? 8 : walk->capacity * 2;
        found->at = irsa_arena_extend(walk->arena, found->at, walk->capacity * size, capacity * size);
        walk->capacity = capacity;
    }
    found->at[found->count++] = misfit;
}

static bool holds(enum irsa_sandbox_holds wanted, enum irsa_json_kind kind) {
    switch (wanted) {
    case IRSA_SANDBOX_TEXT:
        return kind == IRSA_JSON_STRING;
    case IRSA_SANDBOX_NUMBER:
        return kind == IRSA_JSON_NUMBER;
    case IRSA_SANDBOX_BOOLEAN:
        return kind == IRSA_JSON_TRUE || kind == IRSA_JSON_FALSE;
    case IRSA_SANDBOX_LIST:
        return kind == IRSA_JSON_ARRAY;
    case IRSA_SANDBOX_ANYTHING:
        break;
    }
    return true;
}

static bool is_type_right(const struct irsa_sandbox_schema *schema, enum irsa_json_kind kind) {
    if (kind == IRSA_JSON_NULL)
        return true;
    switch (schema->shape) {
    case IRSA_SANDBOX_STRUCT:
    case IRSA_SANDBOX_MAP:
        return kind == IRSA_JSON_OBJECT;
    case IRSA_SANDBOX_SET:
    case IRSA_SANDBOX_KEYED:
        return kind == IRSA_JSON_ARRAY;
    case IRSA_SANDBOX_LEAF:
        break;
    }
    return holds(schema->holds, kind);
}

static void look_into_map(struct walk *walk, struct irsa_sandbox_misfit misfit, const struct irsa_json *map) {
    for (misfit.value = map->first; misfit.value != NULL; misfit.value = misfit.value->next)
        if (misfit.value->kind != IRSA_JSON_NULL && misfit.value->kind != IRSA_JSON_STRING)
            add(walk, misfit);
}

/* What an item of a list is known by: itself, or its key. */
static const struct irsa_json *identity(const struct irsa_sandbox_schema *schema, const struct irsa_json *item) {
    return schema->shape == IRSA_SANDBOX_SET ? item : irsa_json_get(item, schema->key);
}

static bool is_repeated(const struct irsa_sandbox_schema *schema, const struct irsa_json *list,
                        const struct irsa_json *item) {
    const struct irsa_json *wanted = identity(schema, item);
    for (const struct irsa_json *other = list->first; other != item; other = other->next)
        if (identity(schema, other) != NULL && irsa_json_equal(identity(schema, other), wanted))
            return true;
    return false;
}

static void look_into_list(struct walk *walk, struct irsa_sandbox_misfit misfit, const struct irsa_json *list) {
    const struct irsa_sandbox_schema *schema = misfit.schema;
    bool is_set = schema->shape == IRSA_SANDBOX_SET;
    for (misfit.value = list->first; misfit.value != NULL; misfit.value = misfit.value->next, misfit.index++) {
        enum irsa_json_kind kind = misfit.value->kind;
        if (kind == IRSA_JSON_NULL)
            misfit.kind = IRSA_SANDBOX_MISFIT_NULL;
        else if (kind != (is_set ? IRSA_JSON_STRING : IRSA_JSON_OBJECT))
            misfit.kind = IRSA_SANDBOX_MISFIT_ITEM;
        else if (identity(schema, misfit.value) == NULL)
            misfit.kind = IRSA_SANDBOX_MISFIT_KEYLESS;
        else if (!is_set && !holds(IRSA_SANDBOX_TEXT, identity(schema, misfit.value)->kind))
            misfit.kind = IRSA_SANDBOX_MISFIT_KEY;
        else if (is_repeated(schema, list, misfit.value))
            misfit.kind = IRSA_SANDBOX_MISFIT_REPEATED;
        else
            continue;
        add(walk, misfit);
    }
}

static void look(struct walk *walk, const struct irsa_sandbox_schema *schema, const struct irsa_json *value,
                 const char *path) {
    struct irsa_sandbox_misfit misfit = {
        .kind = IRSA_SANDBOX_MISFIT_TYPE, .path = path, .schema = schema, .value = value};
    if (!is_type_right(schema, value->kind)) {
        add(walk, misfit);
        return;
    }
    misfit.kind = IRSA_SANDBOX_MISFIT_ITEM;
    switch (schema->shape) {
    case IRSA_SANDBOX_MAP:
        look_into_map(walk, misfit, value);
        break;
    case IRSA_SANDBOX_SET:
    case IRSA_SANDBOX_KEYED:
        look_into_list(walk, misfit, value);
        break;
    case IRSA_SANDBOX_STRUCT:
        for (const struct irsa_json *member = value->first; member != NULL; member = member->next) {
            const struct irsa_sandbox_schema *known = irsa_sandbox_schema_member(schema, member->key);
            const char *inner = irsa_arena_format(walk->arena, "%s.%s", path, member->key);
            misfit = (struct irsa_sandbox_misfit){
                .kind = IRSA_SANDBOX_MISFIT_UNKNOWN, .path = inner, .schema = schema, .value = member};
            if (known == NULL)
                add(walk, misfit);
            else
                look(walk, known, member, inner);
        }
        break;
    case IRSA_SANDBOX_LEAF:
        break;
    }
}

struct irsa_sandbox_misfits irsa_sandbox_misfits_find(struct irsa_arena *arena,
                                                      const struct irsa_sandbox_schema *schema,
                                                      const struct irsa_json *value) {
    struct walk walk = {.arena = arena};
    look(&walk, schema, value, "");
    return walk.found;
}

/* --- encoding/json ----------------------------------------------------------------------------------------------- */

const char *irsa_sandbox_go_kind(enum irsa_json_kind kind) {
    static const char *const names[] = {
        [IRSA_JSON_NULL] = "null",     [IRSA_JSON_FALSE] = "bool",    [IRSA_JSON_TRUE] = "bool",
        [IRSA_JSON_NUMBER] = "number", [IRSA_JSON_STRING] = "string", [IRSA_JSON_ARRAY] = "array",
        [IRSA_JSON_OBJECT] = "object",
    };
    return names[kind];
}

/* Go names the struct that holds the field, and then the whole path. */
static const char *go_holder(const char *path, const char *kind) {
    static const struct {
        const char *prefix;
        const char *holder;
    } holders[] = {{".metadata.", "ObjectMeta"}, {".spec.", "NamespaceSpec"}, {".status.", "NamespaceStatus"}};
    for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++)
        if (irsa_text_starts_with(path, holders[i].prefix))
            return holders[i].holder;
    return kind;
}

const char *irsa_sandbox_misfits_go(struct irsa_arena *arena, const struct irsa_sandbox_misfits *misfits,
                                    const char *kind) {
    for (size_t i = 0; i < misfits->count; i++) {
        const struct irsa_sandbox_misfit *misfit = &misfits->at[i];
        bool is_item = misfit->kind == IRSA_SANDBOX_MISFIT_ITEM;
        if (misfit->kind == IRSA_SANDBOX_MISFIT_KEY)
            return irsa_arena_format(arena, "json: cannot unmarshal %s into Go struct field %s%s.%s of type string",
                                     irsa_sandbox_go_kind(identity(misfit->schema, misfit->value)->kind),
                                     misfit->schema->go_item + strlen("v1."), misfit->path, misfit->schema->key);
        if (!is_item && misfit->kind != IRSA_SANDBOX_MISFIT_TYPE)
            continue;
        return irsa_arena_format(arena, "json: cannot unmarshal %s into Go struct field %s%s of type %s",
                                 irsa_sandbox_go_kind(misfit->value->kind), go_holder(misfit->path, kind), misfit->path,
                                 is_item ? misfit->schema->go_item : misfit->schema->go_type);
    }
    return NULL;
}

/* --- structured-merge-diff --------------------------------------------------------------------------------------- */

/* "{…}" as Go prints it with %v; texts as they are. */
static void print_value(struct irsa_text *out, const struct irsa_json *value) {
    bool is_list = value->kind == IRSA_JSON_ARRAY;
    if (!is_list && value->kind != IRSA_JSON_OBJECT) {
        bool is_plain = value->kind == IRSA_JSON_STRING || value->kind == IRSA_JSON_NUMBER;
        const char *word = value->kind == IRSA_JSON_NULL ? "<nil>" : value->kind == IRSA_JSON_TRUE ? "true" : "false";
        irsa_text_add(out, is_plain ? value->text : word);
        return;
    }
    irsa_text_add(out, is_list ? "[" : "map[");
    for (const struct irsa_json *child = value->first; child != NULL; child = child->next) {
        if (!is_list)
            irsa_text_addf(out, "%s:", child->key);
        print_value(out, child);
        irsa_text_add(out, child->next == NULL ? "" : " ");
    }
    irsa_text_add(out, "]");
}

static const char *wanted_type(const struct irsa_sandbox_schema *schema) {
    if (schema->shape == IRSA_SANDBOX_STRUCT || schema->shape == IRSA_SANDBOX_MAP)
        return "map";
    if (schema->shape != IRSA_SANDBOX_LEAF || schema->holds == IRSA_SANDBOX_LIST)
        return "list";
    return schema->holds == IRSA_SANDBOX_TEXT      ? "string"
           : schema->holds == IRSA_SANDBOX_BOOLEAN ? "boolean"
                                                   : "numeric";
}

/* A text that was wanted is printed in Go's syntax, anything else plainly. */
static void print_type(struct irsa_text *out, const char *wanted, const struct irsa_json *value) {
    bool is_text = strcmp(wanted, "string") == 0;
    irsa_text_addf(out, "expected %s, got &%s", wanted, is_text ? "value.valueUnstructured{Value:" : "{");
    print_value(out, value);
    irsa_text_add(out, "}");
}

static void print_item(struct irsa_text *out, struct irsa_arena *arena, const struct irsa_sandbox_misfit *misfit) {
    const char *path = misfit->path;
    if (misfit->schema->shape == IRSA_SANDBOX_MAP)
        irsa_text_addf(out, "%s.%s: ", path, misfit->value->key);
    else if (misfit->schema->shape == IRSA_SANDBOX_SET)
        irsa_text_addf(out, "%s[=%s]: ", path, irsa_json_to_text(arena, misfit->value));
    else {
        irsa_text_addf(out, "%s: element %zu: associative list with keys may not have non-map elements", path,
                       misfit->index);
        return;
    }
    print_type(out, "string", misfit->value);
}

static void print_misfit(struct irsa_text *out, struct irsa_arena *arena, const struct irsa_sandbox_misfit *misfit) {
    const struct irsa_sandbox_schema *schema = misfit->schema;
    bool is_set = schema->shape == IRSA_SANDBOX_SET;
    switch (misfit->kind) {
    case IRSA_SANDBOX_MISFIT_UNKNOWN:
        irsa_text_addf(out, "%s: field not declared in schema", misfit->path);
        break;
    case IRSA_SANDBOX_MISFIT_TYPE:
        irsa_text_addf(out, "%s: ", misfit->path);
        print_type(out, wanted_type(schema), misfit->value);
        break;
    case IRSA_SANDBOX_MISFIT_ITEM:
        print_item(out, arena, misfit);
        break;
    case IRSA_SANDBOX_MISFIT_NULL:
        irsa_text_addf(out, "%s: element %zu: associative list %s", misfit->path, misfit->index,
                       is_set ? "without keys has an element that's an explicit null"
                              : "with keys may not have a null element");
        break;
    case IRSA_SANDBOX_MISFIT_KEY:
        irsa_text_addf(out, "%s[%s=%s].%s: ", misfit->path, schema->key,
                       irsa_json_to_text(arena, identity(schema, misfit->value)), schema->key);
        print_type(out, "string", identity(schema, misfit->value));
        break;
    case IRSA_SANDBOX_MISFIT_KEYLESS:
        irsa_text_addf(out,
                       "%s: element %zu: associative list with keys has an element that omits all key fields [\"%s\"] "
                       "(and doesn't have default values for any key fields)",
                       misfit->path, misfit->index, schema->key);
        break;
    case IRSA_SANDBOX_MISFIT_REPEATED:
        irsa_text_addf(out, "%s: duplicate entries for key [%s=%s]", misfit->path, is_set ? "" : schema->key,
                       irsa_json_to_text(arena, identity(schema, misfit->value)));
        break;
    }
}

const char *irsa_sandbox_misfits_typed(struct irsa_arena *arena, const struct irsa_sandbox_misfits *misfits) {
    struct irsa_text text;
    if (misfits->count == 0)
        return NULL;
    irsa_text_init(&text, arena, TEXT_MAX_BYTES);
    if (misfits->count > 1)
        irsa_text_add(&text, "errors:");
    for (size_t i = 0; i < misfits->count; i++) {
        irsa_text_add(&text, misfits->count > 1 ? "\n  " : "");
        print_misfit(&text, arena, &misfits->at[i]);
    }
    return text.at;
}
