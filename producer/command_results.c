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
#include "core/kafka/reader.h"
#include "producer/commands.h"
#include "producer/interrupt.h"
#include "producer/outcome_row.h"
#include "producer/output.h"
#include "producer/send.h"
#include "producer/since.h"
#include "producer/terminal.h"

#define POLL_MS  200
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
    struct irsa_reader *reader;
    struct irsa_output output;
    struct irsa_table table;
    size_t unread;
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

static void take(struct listing *listing, struct irsa_arena *arena, const struct irsa_record *record) {
    struct irsa_event event;
    struct irsa_error err;
    if (!irsa_event_decode(arena, record, &event, &err) || event.data == NULL) {
        listing->unread++;
        return;
    }
    if (!is_wanted(listing, &event))
        return;
    if (listing->session->arguments->output == IRSA_OUTPUT_TABLE)
        print_row(listing, arena, &event);
    else
        irsa_output_add_value(&listing->output, event.data);
}

/* Until the end of what is there, or for ever. */
static enum irsa_exit read_on(struct listing *listing) {
    struct irsa_arena *arena = irsa_arena_new();
    struct irsa_error err;
    bool is_over = false;
    enum irsa_exit exit = IRSA_EXIT_DONE;
    while (!is_over && !irsa_interrupted()) {
        struct irsa_record record;
        irsa_arena_clear(arena);
        switch (irsa_reader_next(listing->reader, arena, POLL_MS, &record, &err)) {
        case IRSA_READER_RECORD:
            take(listing, arena, &record);
            break;
        case IRSA_READER_NOTHING:
            break;
        case IRSA_READER_CAUGHT_UP:
            is_over = !listing->session->arguments->follow;
            break;
        case IRSA_READER_FAILED:
            if (irsa_code_fate(err.code) == IRSA_FATE_RETRY)
                break;
            irsa_complain("reading the results: %s", err.message);
            exit = IRSA_EXIT_BROKER;
            is_over = true;
            break;
        }
    }
    irsa_arena_free(arena);
    return irsa_interrupted() ? IRSA_EXIT_INTERRUPTED : exit;
}

static void begin(struct listing *listing) {
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

static enum irsa_exit list(struct listing *listing) {
    const struct irsa_session *session = listing->session;
    struct irsa_error err;
    const char *topic = irsa_topic_name(session->arena, session->settings.topics_prefix, IRSA_TOPIC_RESULTS);
    enum irsa_reader_start start = listing->since_ms == IRSA_NO_TIME ? IRSA_READER_BEGINNING : IRSA_READER_TIME;
    listing->reader = irsa_reader_open(session->kafka, topic, start, listing->since_ms,
                                       (int)session->settings.broker_timeout_ms, &err);
    if (listing->reader == NULL) {
        irsa_broker_explain(session, topic, &err);
        irsa_complain("%s", err.message);
        return IRSA_EXIT_BROKER;
    }
    irsa_interrupt_catch();
    begin(listing);
    enum irsa_exit exit = read_on(listing);
    irsa_reader_close(listing->reader);
    if (session->arguments->output != IRSA_OUTPUT_TABLE)
        irsa_output_end(&listing->output);
    if (listing->unread > 0)
        irsa_say("%zu record%s of %s could not be read and %s passed over", listing->unread,
                 listing->unread == 1 ? "" : "s", topic, listing->unread == 1 ? "was" : "were");
    return exit;
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
