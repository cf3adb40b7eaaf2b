/*
 * results: the audit stream, as it is and as it grows.
 */
#include <irsa/result.h>
#include <stdio.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/contract/event.h"
#include "core/contract/topics.h"
#include "producer/commands.h"
#include "producer/interrupt.h"
#include "producer/outcome_row.h"
#include "producer/output.h"
#include "producer/since.h"
#include "producer/terminal.h"
#include "producer/topic_read.h"

#define COLOURED 2 /* the column of the outcome */

/* What streams cannot be measured first: columns have these widths, and longer cells push the others. */
static const char *const headings[] = {"TIME", "ACTION", "OUTCOME", "SERVICE ACCOUNT", "CLUSTER", "DETAIL", NULL};
static const char *const widths[] = {"2026-11-24T10:00:00.000Z",
                                     "associate-oidc",
                                     "superseded",
                                     "namespace-of-some-team/account-name",
                                     "us-gov-west-1/cluster-13",
                                     "why"};

struct listing {
    const struct irsa_session *session;
    unsigned outcomes; /* bits of enum irsa_outcome; 0: all */
    int64_t since_ms;
    struct irsa_output output;
    struct irsa_table table;
    size_t unread;
    bool has_begun;
};

static bool choose_outcomes(struct listing *listing, struct irsa_error *err) {
    const struct irsa_strings *names = &listing->session->arguments->outcomes;
    const char *known[IRSA_OUTCOME_COUNT];
    enum irsa_outcome outcome;
    for (int i = 0; i < IRSA_OUTCOME_COUNT; i++)
        known[i] = irsa_outcome_name((enum irsa_outcome)i);
    for (size_t i = 0; i < names->count; i++) {
        if (irsa_outcome_find(names->at[i], &outcome)) {
            listing->outcomes |= 1u << outcome;
            continue;
        }
        const char *nearest = irsa_text_nearest(names->at[i], known, IRSA_OUTCOME_COUNT);
        return IRSA_FAIL(err, INVALID, "--outcome: there is no outcome \"%s\"%s%s%s", names->at[i],
                         nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
                         nearest != NULL ? "\"?" : "");
    }
    return true;
}

static bool is_wanted(const struct listing *listing, const struct irsa_event *event) {
    const char *batch = listing->session->arguments->batch;
    enum irsa_outcome outcome;
    const char *name = irsa_json_get_text(event->data, "outcome");
    if (batch != NULL && !irsa_text_equal(batch, event->correlation_id))
        return false;
    return listing->outcomes == 0 ||
           (name != NULL && irsa_outcome_find(name, &outcome) && (listing->outcomes >> outcome & 1) != 0);
}

static void print_row(struct listing *listing, struct irsa_arena *arena, const struct irsa_event *event) {
    struct irsa_outcome_row row;
    char time[IRSA_TIMESTAMP_BYTES];
    irsa_outcome_row_fill(&row, arena, event->data, NULL, NULL);
    irsa_timestamp_format(event->time_ms, time);
    const char *action = irsa_json_get_text(irsa_json_get(event->data, "request"), "action");
    const char *detail = row.cells[IRSA_ROW_DETAIL];
    const char *cells[] = {time,
                           action != NULL ? action : "-",
                           row.cells[IRSA_ROW_OUTCOME],
                           row.cells[IRSA_ROW_ACCOUNT],
                           row.cells[IRSA_ROW_CLUSTER],
                           detail[0] != '\0' ? detail : row.cells[IRSA_ROW_ROLE]};
    irsa_table_print(&listing->table, cells, row.colour);
    fflush(stdout);
}

static bool take(void *self, struct irsa_arena *arena, const struct irsa_record *record, struct irsa_error *err) {
    struct listing *listing = self;
    struct irsa_event event;
    if (!irsa_event_decode(arena, record, &event, err) || event.data == NULL) {
        listing->unread++;
        return true;
    }
    if (!is_wanted(listing, &event))
        return true;
    if (listing->session->arguments->output == IRSA_OUTPUT_TABLE)
        print_row(listing, arena, &event);
    else
        irsa_output_add_value(&listing->output, event.data);
    return true;
}

static void begin(void *self) {
    struct listing *listing = self;
    listing->has_begun = true;
    enum irsa_output_format format = (enum irsa_output_format)listing->session->arguments->output;
    if (format != IRSA_OUTPUT_TABLE) {
        irsa_output_begin(&listing->output, format, stdout);
        return;
    }
    irsa_table_init(&listing->table, headings, stdout);
    irsa_table_measure(&listing->table, widths);
    listing->table.coloured = COLOURED;
    irsa_table_print_headings(&listing->table);
}

static void end(struct listing *listing) {
    if (listing->session->arguments->output != IRSA_OUTPUT_TABLE)
        irsa_output_end(&listing->output);
    if (listing->unread > 0)
        irsa_say("%zu record%s of the results' topic could not be read and %s passed over", listing->unread,
                 listing->unread == 1 ? "" : "s", listing->unread == 1 ? "was" : "were");
}

static enum irsa_exit list(struct listing *listing) {
    const struct irsa_session *session = listing->session;
    struct irsa_error err;
    const struct irsa_topic_reading reading = {.topic = IRSA_TOPIC_RESULTS,
                                               .since_ms = listing->since_ms,
                                               .follow = session->arguments->follow,
                                               .opened = begin,
                                               .take = take,
                                               .self = listing};
    bool is_fine = irsa_topic_read(session, &reading, &err);
    if (listing->has_begun)
        end(listing);
    if (is_fine)
        return irsa_interrupted() ? IRSA_EXIT_INTERRUPTED : IRSA_EXIT_DONE;
    irsa_complain("%s", err.message);
    return IRSA_EXIT_BROKER;
}

enum irsa_exit irsa_run_results(struct irsa_session *session) {
    struct listing listing = {.session = session};
    struct irsa_error err;
    if (!choose_outcomes(&listing, &err) ||
        !irsa_since_parse(session->arguments->since, irsa_clock_now_ms(irsa_clock_system()), &listing.since_ms, &err) ||
        !irsa_session_has_broker(session, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_USAGE;
    }
    return list(&listing);
}
