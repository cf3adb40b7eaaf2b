/*
 * The kinds of flags: how the text of each becomes a member of struct irsa_arguments.
 */
#include "producer/arguments_store.h"

#include <string.h>

#include "core/base/text.h"

/* The list's array, which is const to its readers only: room for one more. Arrays double when `count` is a power of two. */
static void *make_room(struct irsa_arena *arena, const void *list_at, size_t count, size_t size) {
    void *at;
    memcpy(&at, list_at, sizeof at);
    bool is_full = (count & (count - 1)) == 0;
    return is_full ? irsa_arena_extend(arena, at, count * size, (count == 0 ? 1 : count * 2) * size) : at;
}

void irsa_strings_append(struct irsa_arena *arena, struct irsa_strings *list, const char *text) {
    const char **at = make_room(arena, &list->at, list->count, sizeof *at);
    at[list->count] = text;
    *list = (struct irsa_strings){at, list->count + 1};
}

void irsa_pairs_append(struct irsa_arena *arena, struct irsa_pairs *list, const char *key, const char *value) {
    struct irsa_pair *at = make_room(arena, &list->at, list->count, sizeof *at);
    at[list->count] = (struct irsa_pair){key, value};
    *list = (struct irsa_pairs){at, list->count + 1};
}

/* Bytes up to the next comma; in patterns those within braces and brackets do not count. */
static size_t item_length(const char *at, bool is_glob) {
    int braces = 0;
    size_t length = 0;
    for (; at[length] != '\0' && (at[length] != ',' || braces > 0); length++) {
        if (!is_glob)
            continue;
        if (at[length] == '\\' && at[length + 1] != '\0')
            length++;
        else if (at[length] == '{' || at[length] == '[')
            braces++;
        else if (at[length] == '}' || at[length] == ']')
            braces--;
    }
    return length;
}

static bool store_pair(const struct irsa_flag *flag, struct irsa_arena *arena, char *item, struct irsa_pairs *list,
                       struct irsa_error *err) {
    char *equals = strchr(item, '=');
    if (equals == NULL || equals == item)
        return IRSA_FAIL(err, INVALID, "%s takes KEY=VALUE, not \"%s\"", flag->name, item);
    *equals = '\0';
    irsa_pairs_append(arena, list, item, equals + 1);
    return true;
}

static bool store_item(const struct irsa_flag *flag, struct irsa_arena *arena, char *item, void *list,
                       struct irsa_error *err) {
    if (item[0] == '\0')
        return IRSA_FAIL(err, INVALID, "%s has an empty item in its list", flag->name);
    if (flag->kind == IRSA_FLAG_PAIRS)
        return store_pair(flag, arena, item, list, err);
    irsa_strings_append(arena, list, item);
    return true;
}

static bool store_items(const struct irsa_flag *flag, struct irsa_arena *arena, const char *value, void *list,
                        struct irsa_error *err) {
    for (const char *at = value;; at++) {
        size_t length = item_length(at, flag->kind == IRSA_FLAG_GLOBS);
        if (!store_item(flag, arena, irsa_arena_copy_bytes(arena, at, length), list, err))
            return false;
        at += length;
        if (*at == '\0')
            return true;
    }
}

static bool store_switch(const struct irsa_flag *flag, const char *value, bool *out, struct irsa_error *err) {
    if (value != NULL && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
        return IRSA_FAIL(err, INVALID, "%s is a switch: write it alone, or with =true or =false", flag->name);
    *out = value == NULL || strcmp(value, "true") == 0;
    return true;
}

static bool store_choice(const struct irsa_flag *flag, const char *value, int *out, struct irsa_error *err) {
    char room[256];
    struct irsa_text names;
    irsa_text_init_fixed(&names, room, sizeof room);
    for (int i = 0; flag->choices[i] != NULL; i++) {
        if (strcmp(flag->choices[i], value) == 0) {
            *out = i;
            return true;
        }
        irsa_text_addf(&names, "%s%s", i == 0 ? "" : ", ", flag->choices[i]);
    }
    return IRSA_FAIL(err, INVALID, "%s is one of %s, not \"%s\"", flag->name, names.at, value);
}

bool irsa_flag_store(const struct irsa_flag *flag, struct irsa_arena *arena, const char *value,
                     struct irsa_arguments *out, struct irsa_error *err) {
    void *member = (char *)out + flag->offset;
    switch (flag->kind) {
    case IRSA_FLAG_SWITCH:
        return store_switch(flag, value, member, err);
    case IRSA_FLAG_TEXT:
    case IRSA_FLAG_OPTIONAL:
        *(const char **)member = value != NULL ? value : "";
        return true;
    case IRSA_FLAG_CHOICE:
        return store_choice(flag, value, member, err);
    case IRSA_FLAG_OPTIONAL_CHOICE:
        return store_choice(flag, value != NULL ? value : flag->choices[0], member, err);
    case IRSA_FLAG_LIST:
    case IRSA_FLAG_GLOBS:
    case IRSA_FLAG_PAIRS:
        return store_items(flag, arena, value, member, err);
    case IRSA_FLAG_PAIR:
        return store_pair(flag, arena, irsa_arena_copy(arena, value), member, err);
    case IRSA_FLAG_TEXTS:
        irsa_strings_append(arena, member, value);
        return true;
    }
    return true;
}
