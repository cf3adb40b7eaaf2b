/*
 * {"cancel": {"id": …, "source": …} or {"batch": …}, "sender": …}
 */
#include "core/contract/control.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/contract/fields.h"

#define CONTROL(member) offsetof(struct irsa_control, member)
#define COUNT(array)    (sizeof(array) / sizeof(array)[0])
#define MAX_DEPTH       4

/* clang-format off */
static const struct irsa_field cancel_rows[] = {
    {.key = "id", .kind = IRSA_FIELD_TEXT, .offset = CONTROL(id), .rule = irsa_rule_event_id},
    {.key = "source", .kind = IRSA_FIELD_TEXT, .offset = CONTROL(source), .rule = irsa_rule_event_source},
    {.key = "batch", .kind = IRSA_FIELD_TEXT, .offset = CONTROL(batch), .rule = irsa_rule_event_id},
};
static const struct irsa_fields cancel_fields = {"cancel", cancel_rows, COUNT(cancel_rows), false};

static const struct irsa_field control_rows[] = {
    {.key = "cancel", .kind = IRSA_FIELD_OBJECT, .is_required = true, .nested = &cancel_fields},
    {.key = "sender", .kind = IRSA_FIELD_TEXT, .is_required = true, .offset = CONTROL(sender),
     .rule = irsa_rule_event_id},
};
static const struct irsa_fields control_fields = {"a word to the workers", control_rows, COUNT(control_rows), false};
/* clang-format on */

/* Which fields of "cancel" are there is a matter of its form, as the schema sees it. */
static bool names_requests(const struct irsa_control *control, struct irsa_error *err) {
    bool is_one = control->id != NULL && control->source != NULL && control->batch == NULL;
    bool is_batch = control->batch != NULL && control->id == NULL && control->source == NULL;
    if (is_one || is_batch)
        return true;
    IRSA_FAIL(err, SCHEMA, "needs the id and the source of one request, or a batch and neither of them");
    irsa_error_at(err, "/cancel");
    return irsa_error_name_place(err);
}

bool irsa_control_decode(struct irsa_arena *arena, const struct irsa_record *record, struct irsa_control *out_control,
                         struct irsa_error *err) {
    const struct irsa_json_limits limits = {IRSA_CONTROL_MAX_BYTES, MAX_DEPTH};
    struct irsa_control control = {.id = NULL};
    const struct irsa_json *value;
    if (record->value == NULL)
        return IRSA_FAIL(err, SCHEMA, "the record has no value, so it says nothing");
    if (!irsa_json_parse(arena, record->value, record->value_length, limits, &value, err))
        return false;
    if (!irsa_fields_decode(&control_fields, arena, value, "", &control, err) || !names_requests(&control, err) ||
        !irsa_fields_check(&control_fields, &control, "", err))
        return irsa_error_find_line(err, value);
    *out_control = control;
    return true;
}

const char *irsa_control_value(struct irsa_arena *arena, const struct irsa_control *control) {
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init(&text, arena, IRSA_CONTROL_MAX_BYTES);
    irsa_json_begin(&w, &text);
    irsa_fields_encode(&control_fields, control, NULL, &w);
    return text.at;
}

bool irsa_control_encode(struct irsa_arena *arena, const struct irsa_control *control, const char *topic,
                         struct irsa_record *out_record, struct irsa_error *err) {
    static const struct irsa_header content_type = {"content-type", "application/json", sizeof "application/json" - 1};
    if (control->sender == NULL)
        return IRSA_FAIL(err, INVALID, "sender is missing");
    if (!names_requests(control, err)) {
        err->code = IRSA_CODE_INVALID; /* there is no message yet whose form could be wrong */
        return false;
    }
    if (!irsa_fields_check(&control_fields, control, "", err))
        return false;
    const char *value = irsa_control_value(arena, control);
    *out_record = (struct irsa_record){.topic = topic,
                                       .partition = -1,
                                       .offset = -1,
                                       .timestamp_ms = IRSA_NO_TIME,
                                       .value = value,
                                       .value_length = strlen(value),
                                       .headers = &content_type,
                                       .header_count = 1};
    return true;
}
