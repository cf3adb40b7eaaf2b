/*
 * The help text of a table of settings.
 */
#include <string.h>

#include "core/base/text.h"
#include "core/config/settings.h"

#define PROSE_COLUMN 29
#define LINE_COLUMNS 100

/* Words of `text`, broken into lines that begin at PROSE_COLUMN. `*column` is where the line stands. */
static void add_prose(struct irsa_text *out, const char *text, size_t *column) {
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        if (*column > PROSE_COLUMN && *column + 1 + length > LINE_COLUMNS) {
            irsa_text_addf(out, "\n%*s", PROSE_COLUMN, "");
            *column = PROSE_COLUMN;
        }
        if (*column > PROSE_COLUMN) {
            irsa_text_add_char(out, ' ');
            ++*column;
        }
        irsa_text_add_bytes(out, text, length);
        *column += length;
        text += length + (text[length] == ' ');
    }
}

static void add_setting(struct irsa_text *out, const struct irsa_setting *setting, struct irsa_arena *arena) {
    const char *label = irsa_arena_format(arena, "  %s%s%s", setting->flag == NULL ? setting->key : setting->flag,
                                          setting->value_name == NULL ? "" : " ",
                                          setting->value_name == NULL ? "" : setting->value_name);
    irsa_text_addf(out, "%-*s", PROSE_COLUMN, label);
    if (strlen(label) >= PROSE_COLUMN)
        irsa_text_addf(out, "\n%*s", PROSE_COLUMN, "");
    size_t column = PROSE_COLUMN;
    add_prose(out, setting->prose, &column);
    add_prose(out,
              irsa_arena_format(arena, "[%s; %s%s%s]", setting->environment, setting->key,
                                setting->fallback == NULL ? "" : "; default ",
                                setting->fallback == NULL ? "" : setting->fallback),
              &column);
    irsa_text_add_char(out, '\n');
}

const char *irsa_settings_help(const struct irsa_setting_table *table, struct irsa_arena *arena) {
    struct irsa_text out;
    irsa_text_init(&out, arena, SIZE_MAX);
    for (size_t i = 0; i < table->count; i++)
        add_setting(&out, &table->at[i], arena);
    return out.at;
}
