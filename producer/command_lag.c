/*
 * lag: how far the workers have come, per partition, with what they have settled out of order.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/contract/checkpoint.h"
#include "core/contract/topics.h"
#include "core/kafka/group.h"
#include "producer/commands.h"
#include "producer/output.h"
#include "producer/progress.h"
#include "producer/send.h"
#include "producer/table.h"
#include "producer/terminal.h"

static const char *const headings[] = {"PARTITION",     "COMMITTED", "END",    "LEFT",
                                       "SETTLED AHEAD", "OLDEST",    "REMARK", NULL};

/*
 * left     offsets that are not settled as far as the group has committed; gaps that nobody has seen are counted
 * ahead    offsets behind the committed one that are settled
 * age_ms   of the oldest request that is left; IRSA_NO_TIME: none is
 */
struct lag_row {
    int32_t partition;
    int64_t committed, end, left, ahead, age_ms;
    const char *remark;
};

static int64_t count_bits(const uint8_t *bits, size_t length) {
    int64_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += __builtin_popcount(bits[i]);
    return count;
}

static struct lag_row measure(struct irsa_arena *arena, const struct irsa_group_partition *partition, int64_t now_ms) {
    struct lag_row row = {.partition = partition->partition,
                          .committed = partition->committed,
                          .end = partition->end,
                          .age_ms = IRSA_NO_TIME};
    const uint8_t *bits = NULL;
    size_t length = 0;
    struct irsa_error err;
    int64_t from = partition->committed > partition->begin ? partition->committed : partition->begin;
    if (partition->committed < 0 && partition->end > partition->begin)
        row.remark = "nothing committed yet";
    if (partition->committed >= 0 && (partition->committed < partition->begin || partition->committed > partition->end))
        row.remark = "the committed offset is out of range";
    if (partition->committed >= 0 &&
        !irsa_checkpoint_decode(arena, partition->metadata, partition->committed, &bits, &length, &err))
        row.remark = irsa_arena_format(arena, "%s", err.message);
    row.ahead = count_bits(bits, length);
    row.left = partition->end > from + row.ahead ? partition->end - from - row.ahead : 0;
    if (row.left > 0 && partition->first_ms != IRSA_NO_TIME)
        row.age_ms = now_ms > partition->first_ms ? now_ms - partition->first_ms : 0;
    return row;
}

/* --- output -------------------------------------------------------------------------------------------------------------- */

static const char *number(struct irsa_arena *arena, int64_t value) {
    return value < 0 ? "-" : irsa_arena_format(arena, "%lld", (long long)value);
}

static const char *duration(struct irsa_arena *arena, int64_t duration_ms) {
    struct irsa_text text;
    if (duration_ms == IRSA_NO_TIME)
        return "-";
    irsa_text_init(&text, arena, 64);
    irsa_duration_write(&text, duration_ms);
    return text.at;
}

struct lag_table {
    struct irsa_arena *arena;
    const struct lag_row *rows;
};

static enum irsa_colour fill_row(void *self, size_t index, const char **out_cells) {
    const struct lag_table *lags = self;
    const struct lag_row *row = &lags->rows[index];
    out_cells[0] = number(lags->arena, row->partition);
    out_cells[1] = number(lags->arena, row->committed);
    out_cells[2] = number(lags->arena, row->end);
    out_cells[3] = number(lags->arena, row->left);
    out_cells[4] = number(lags->arena, row->ahead);
    out_cells[5] = duration(lags->arena, row->age_ms);
    out_cells[6] = row->remark;
    return row->remark != NULL ? IRSA_COLOUR_BAD : IRSA_COLOUR_NONE;
}

static void print_table(struct irsa_arena *arena, const struct lag_row *rows, size_t count) {
    struct irsa_table table;
    irsa_table_init(&table, headings, stdout);
    irsa_table_print_all(&table, count, fill_row, &(struct lag_table){arena, rows});
}

static void print_item(struct irsa_output *output, const struct lag_row *row) {
    char room[2048];
    struct irsa_text text;
    struct irsa_json_writer w;
    irsa_text_init_fixed(&text, room, sizeof room);
    irsa_json_begin(&w, &text);
    irsa_json_open_object(&w, NULL);
    irsa_json_add_integer(&w, "partition", row->partition);
    if (row->committed >= 0)
        irsa_json_add_integer(&w, "committed", row->committed);
    irsa_json_add_integer(&w, "end", row->end);
    irsa_json_add_integer(&w, "left", row->left);
    irsa_json_add_integer(&w, "settledAhead", row->ahead);
    if (row->age_ms != IRSA_NO_TIME)
        irsa_json_add_integer(&w, "oldestMs", row->age_ms);
    irsa_json_add_text(&w, "remark", row->remark);
    irsa_json_close_object(&w);
    irsa_output_add(output, text.at, text.length);
}

static void print_items(const struct irsa_session *session, const struct lag_row *rows, size_t count) {
    struct irsa_output output;
    irsa_output_begin(&output, (enum irsa_output_format)session->arguments->output, stdout);
    for (size_t i = 0; i < count; i++)
        print_item(&output, &rows[i]);
    irsa_output_end(&output);
}

static void say_sum(struct irsa_arena *arena, const struct lag_row *rows, size_t count) {
    int64_t left = 0, oldest_ms = IRSA_NO_TIME;
    for (size_t i = 0; i < count; i++) {
        left += rows[i].left;
        if (rows[i].age_ms != IRSA_NO_TIME && (oldest_ms == IRSA_NO_TIME || rows[i].age_ms > oldest_ms))
            oldest_ms = rows[i].age_ms;
    }
    if (oldest_ms == IRSA_NO_TIME)
        irsa_say("%lld requests left", (long long)left);
    else
        irsa_say("%lld requests left, the oldest for %s", (long long)left, duration(arena, oldest_ms));
}

/* ------------------------------------------------------------------------------------------------------------------------ */

enum irsa_exit irsa_run_lag(struct irsa_session *session) {
    struct irsa_arena *arena = session->arena;
    const char *group = session->arguments->group != NULL ? session->arguments->group : IRSA_DEFAULT_GROUP;
    const char *topic = irsa_topic_name(arena, session->settings.topics_prefix, IRSA_TOPIC_REQUESTS);
    const struct irsa_group_partition *partitions;
    struct irsa_error err;
    size_t count;
    if (!irsa_session_has_broker(session, &err)) {
        irsa_complain("%s", err.message);
        return IRSA_EXIT_USAGE;
    }
    if (!irsa_group_read(session->kafka, group, topic, (int)session->settings.broker_timeout_ms, arena, &partitions,
                         &count, &err)) {
        (void)irsa_broker_explain(session, topic, &err);
        irsa_complain("%s", err.message);
        return IRSA_EXIT_BROKER;
    }
    struct lag_row *rows = IRSA_NEW_ARRAY(arena, struct lag_row, count);
    int64_t now_ms = irsa_clock_now_ms(irsa_clock_system());
    for (size_t i = 0; i < count; i++)
        rows[i] = measure(arena, &partitions[i], now_ms);
    if (session->arguments->output == IRSA_OUTPUT_TABLE)
        print_table(arena, rows, count);
    else
        print_items(session, rows, count);
    say_sum(arena, rows, count);
    return IRSA_EXIT_DONE;
}
