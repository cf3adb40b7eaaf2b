/*
 * Rows of outcomes.
 */
#include "producer/outcome_row.h"

#include <irsa/result.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/text.h"
#include "producer/batch.h"

#define DETAIL_MAX_BYTES 1024

const char *const irsa_outcome_headings[] = {"SERVICE ACCOUNT", "CLUSTER", "OUTCOME", "ROLE ARN", "DETAIL", NULL};

static enum irsa_colour colour_of(const char *name) {
    enum irsa_outcome outcome;
    if (!irsa_outcome_find(name, &outcome))
        return IRSA_COLOUR_NONE;
    switch (outcome) {
    case IRSA_OUTCOME_SUCCEEDED:
        return IRSA_COLOUR_GOOD;
    case IRSA_OUTCOME_UNCHANGED:
    case IRSA_OUTCOME_PLANNED:
    case IRSA_OUTCOME_SUPERSEDED:
        return IRSA_COLOUR_QUIET;
    case IRSA_OUTCOME_FAILED:
    case IRSA_OUTCOME_DENIED:
    case IRSA_OUTCOME_EXPIRED:
    case IRSA_OUTCOME_CANCELLED:
        return IRSA_COLOUR_BAD;
    case IRSA_OUTCOME_RETRYING:
        return IRSA_COLOUR_WAITING;
    case IRSA_OUTCOME_COUNT:
        break;
    }
    return IRSA_COLOUR_NONE;
}

static const char *text_or(const char *text, const char *otherwise) {
    return text != NULL ? text : otherwise;
}

/* "access_denied: not authorized to …", else the notes, else nothing. */
static const char *detail_of(struct irsa_arena *arena, const struct irsa_json *data) {
    struct irsa_text text;
    const struct irsa_json *error = irsa_json_get(data, "error");
    const struct irsa_json *notes = irsa_json_get(data, "notes");
    irsa_text_init(&text, arena, DETAIL_MAX_BYTES);
    if (error != NULL)
        irsa_text_addf(&text, "%s: %s", text_or(irsa_json_get_text(error, "code"), "?"),
                       text_or(irsa_json_get_text(error, "message"), "?"));
    for (const struct irsa_json *note = notes != NULL ? notes->first : NULL; note != NULL && error == NULL;
         note = note->next)
        if (note->kind == IRSA_JSON_STRING)
            irsa_text_addf(&text, "%s%s", text.length > 0 ? ", " : "", note->text);
    return text.at;
}

void irsa_outcome_row_fill(struct irsa_outcome_row *row, struct irsa_arena *arena, const struct irsa_json *data,
                           const char *subject, const char *id) {
    const struct irsa_json *request = irsa_json_get(data, "request");
    const char *own_subject = irsa_json_get_text(request, "subject");
    if (own_subject == NULL)
        own_subject = subject;
    struct irsa_target target = {text_or(id, text_or(irsa_json_get_text(request, "id"), "")), ""};
    if (own_subject != NULL)
        target = irsa_target_of_subject(arena, own_subject);
    const char *outcome = data == NULL ? "pending" : text_or(irsa_json_get_text(data, "outcome"), "?");
    row->cells[IRSA_ROW_ACCOUNT] = target.account[0] != '\0' ? target.account : "-";
    row->cells[IRSA_ROW_CLUSTER] = target.cluster;
    row->cells[IRSA_ROW_OUTCOME] = outcome;
    row->cells[IRSA_ROW_ROLE] = text_or(irsa_json_get_text(data, "roleARN"), "");
    row->cells[IRSA_ROW_DETAIL] = detail_of(arena, data);
    row->colour = data == NULL ? IRSA_COLOUR_WAITING : colour_of(outcome);
}

static char sign_of(const char *step) {
    static const char *const takes_away[] = {"delete-", "detach-", "release-", "remove-"};
    for (size_t i = 0; i < sizeof takes_away / sizeof *takes_away; i++)
        if (strncmp(step, takes_away[i], strlen(takes_away[i])) == 0)
            return '-';
    return '+';
}

/* A plan's steps are what would be done; a step that would change nothing is left out. */
void irsa_outcome_print_steps(const struct irsa_json *data, FILE *out) {
    const struct irsa_json *steps = irsa_json_get(data, "steps");
    for (const struct irsa_json *step = steps != NULL ? steps->first : NULL; step != NULL; step = step->next) {
        char room[IRSA_CELL_MAX_BYTES];
        struct irsa_text line;
        const struct irsa_json *changed = irsa_json_get(step, "changed");
        if (changed != NULL && changed->kind == IRSA_JSON_FALSE)
            continue;
        const char *name = text_or(irsa_json_get_text(step, "name"), "?");
        irsa_text_init_fixed(&line, room, sizeof room);
        irsa_text_add_printable(&line, name, 64);
        irsa_text_add(&line, "  ");
        irsa_text_add_printable(&line, text_or(irsa_json_get_text(step, "target"), ""), 1024);
        fprintf(out, "  %c %s\n", sign_of(name), line.at);
    }
}
