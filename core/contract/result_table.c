/*
 * The tables of results and outcomes.
 */
#include "core/contract/result_table.h"

#include <stddef.h>

#include "core/base/text.h"

#define ROWS(rows)                                                                                                     \
    { rows, sizeof(rows) / sizeof(rows)[0] }
#define AT(member) offsetof(struct irsa_result, member)

static const struct irsa_result_row request_rows[] = {
    {"id", IRSA_RESULT_TEXT, AT(request_id)},    {"source", IRSA_RESULT_TEXT, AT(request_source)},
    {"action", IRSA_RESULT_TEXT, AT(action)},    {"subject", IRSA_RESULT_TEXT, AT(subject)},
    {"topic", IRSA_RESULT_TEXT, AT(topic)},      {"partition", IRSA_RESULT_SMALL, AT(partition)},
    {"offset", IRSA_RESULT_INTEGER, AT(offset)}, {"time", IRSA_RESULT_TIME, AT(request_time_ms)},
};
const struct irsa_result_rows irsa_result_request_rows = ROWS(request_rows);

static const struct irsa_result_row rows[] = {
    {"attempt", IRSA_RESULT_UNSIGNED, AT(attempt)},
    {"roleARN", IRSA_RESULT_TEXT, AT(role_arn)},
    {"roleID", IRSA_RESULT_TEXT, AT(role_id)},
    {"serviceAccountUID", IRSA_RESULT_TEXT, AT(service_account_uid)},
    {"accountID", IRSA_RESULT_TEXT, AT(account_id)},
    {"issuer", IRSA_RESULT_TEXT, AT(issuer)},
    {"nextRetryTime", IRSA_RESULT_TIME, AT(next_retry_ms)},
    {"startedTime", IRSA_RESULT_TIME, AT(started_ms)},
    {"finishedTime", IRSA_RESULT_TIME, AT(finished_ms)},
    {"sender", IRSA_RESULT_TEXT, AT(sender)},
    {"worker", IRSA_RESULT_TEXT, AT(worker)},
};
const struct irsa_result_rows irsa_result_rows = ROWS(rows);

const char *const irsa_observed_names[] = {
    [IRSA_STATE_UNKNOWN] = "unknown", [IRSA_STATE_PRESENT] = "present", [IRSA_STATE_ABSENT] = "absent"};

static const struct {
    const char *name;
    bool is_final, has_dead_letter, has_state;
} outcomes[IRSA_OUTCOME_COUNT] = {
#define ROW(outcome, name, is_final, has_dead_letter, has_state)                                                       \
    [IRSA_OUTCOME_##outcome] = {name, is_final, has_dead_letter, has_state},
    IRSA_OUTCOME_TABLE(ROW)
#undef ROW
};

const char *irsa_outcome_name(enum irsa_outcome outcome) {
    return outcomes[outcome].name;
}

bool irsa_outcome_find(const char *name, enum irsa_outcome *out_outcome) {
    for (int i = 0; i < IRSA_OUTCOME_COUNT; i++) {
        if (!irsa_text_equal(outcomes[i].name, name))
            continue;
        *out_outcome = (enum irsa_outcome)i;
        return true;
    }
    return false;
}

bool irsa_outcome_is_final(enum irsa_outcome outcome) {
    return outcomes[outcome].is_final;
}

bool irsa_outcome_has_dead_letter(enum irsa_outcome outcome) {
    return outcomes[outcome].has_dead_letter;
}

bool irsa_outcome_has_state(enum irsa_outcome outcome) {
    return outcomes[outcome].has_state;
}
