/*
 * Progress on standard error.
 */
#include "producer/progress.h"

#include "producer/terminal.h"

#define BAR_WIDTH        24
#define TERMINAL_STEP_MS 100
#define LINE_STEP_MS     5000
#define RATE_AFTER_MS    1000 /* earlier, a rate says nothing */

bool irsa_outcome_is_good(enum irsa_outcome outcome) {
    switch (outcome) {
    case IRSA_OUTCOME_SUCCEEDED:
    case IRSA_OUTCOME_UNCHANGED:
    case IRSA_OUTCOME_PLANNED:
    case IRSA_OUTCOME_SUPERSEDED: /* a newer request has what it wants */
        return true;
    case IRSA_OUTCOME_FAILED:
    case IRSA_OUTCOME_DENIED:
    case IRSA_OUTCOME_EXPIRED:
    case IRSA_OUTCOME_CANCELLED:
    case IRSA_OUTCOME_RETRYING:
    case IRSA_OUTCOME_COUNT:
        return false;
    }
    return false;
}

void irsa_duration_write(struct irsa_text *out, int64_t duration_ms) {
    int64_t seconds = duration_ms / 1000;
    if (duration_ms < 1000)
        irsa_text_addf(out, "%lldms", (long long)duration_ms);
    else if (seconds < 60)
        irsa_text_addf(out, "%lld.%llds", (long long)seconds, (long long)(duration_ms % 1000 / 100));
    else if (seconds < 3600)
        irsa_text_addf(out, "%lldm%02llds", (long long)(seconds / 60), (long long)(seconds % 60));
    else
        irsa_text_addf(out, "%lldh%02lldm", (long long)(seconds / 3600), (long long)(seconds % 3600 / 60));
}

static void add_rate(struct irsa_text *out, const struct irsa_tally *tally, int64_t elapsed_ms) {
    if (elapsed_ms < RATE_AFTER_MS || tally->settled == 0)
        return;
    double rate = (double)tally->settled * 1000.0 / (double)elapsed_ms;
    irsa_text_addf(out, rate < 10 ? ", %.1f/s" : ", %.0f/s", rate);
    if (tally->settled == tally->expected)
        return;
    irsa_text_add(out, ", ");
    irsa_duration_write(out, (int64_t)((double)(tally->expected - tally->settled) / rate) * 1000);
    irsa_text_add(out, " left");
}

void irsa_progress_write(struct irsa_text *out, const struct irsa_tally *tally, int64_t elapsed_ms) {
    const struct {
        const char *name;
        size_t count;
    } parts[] = {
        {"failed", tally->failed},
        {"retrying", tally->retrying},
        {"queued", tally->expected - tally->settled - tally->retrying},
    };
    irsa_text_addf(out, "%zu of %zu done", tally->settled - tally->failed, tally->expected);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].count > 0)
            irsa_text_addf(out, ", %zu %s", parts[i].count, parts[i].name);
    add_rate(out, tally, elapsed_ms);
}

void irsa_progress_write_bar(struct irsa_text *out, const struct irsa_tally *tally, unsigned width) {
    size_t cells = width - 2;
    size_t full = tally->expected == 0 ? 0 : tally->settled * cells / tally->expected;
    irsa_text_add_char(out, '[');
    for (size_t i = 0; i < cells; i++)
        irsa_text_add_char(out, i < full ? '#' : '-');
    irsa_text_add_char(out, ']');
}

void irsa_tally_write(struct irsa_text *out, const struct irsa_tally *tally) {
    const char *separator = "";
    for (int i = 0; i < IRSA_OUTCOME_COUNT; i++) {
        if (tally->outcomes[i] == 0)
            continue;
        irsa_text_addf(out, "%s%zu %s", separator, tally->outcomes[i], irsa_outcome_name((enum irsa_outcome)i));
        separator = ", ";
    }
}

void irsa_progress_start(struct irsa_progress *progress, int64_t now_ms) {
    *progress = (struct irsa_progress){.started_ms = now_ms, .shown_ms = now_ms};
}

void irsa_progress_show(struct irsa_progress *progress, const struct irsa_tally *tally, int64_t now_ms) {
    char room[256];
    struct irsa_text line;
    bool is_terminal = irsa_terminal_is(stderr);
    if (now_ms - progress->shown_ms < (is_terminal ? TERMINAL_STEP_MS : LINE_STEP_MS))
        return;
    progress->shown_ms = now_ms;
    /* a line that wraps could not be taken back */
    unsigned columns = irsa_terminal_width();
    irsa_text_init_fixed(&line, room, is_terminal && columns < sizeof room ? columns : sizeof room);
    if (is_terminal) {
        irsa_progress_write_bar(&line, tally, BAR_WIDTH);
        irsa_text_add_char(&line, ' ');
    }
    irsa_progress_write(&line, tally, now_ms - progress->started_ms);
    if (is_terminal)
        irsa_status_show(line.at);
    else
        irsa_say("%s", line.at);
}
