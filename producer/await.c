/*
 * The loop that waits.
 */
#include "producer/await.h"

#include <stdio.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "producer/interrupt.h"
#include "producer/terminal.h"

#define POLL_MS    50
#define SILENCE_MS 15000 /* without any result, after which there may be no worker */

static int64_t now_ms(void) {
    return irsa_clock_monotonic_ms(irsa_clock_system());
}

static bool is_table(const struct irsa_await *await) {
    return await->session->arguments->output == IRSA_OUTPUT_TABLE;
}

void irsa_await_begin(struct irsa_await *await, const struct irsa_session *session) {
    *await = (struct irsa_await){.session = session, .timeout_ms = IRSA_WAIT_DEFAULT_MS};
    if (!is_table(await))
        irsa_output_begin(&await->output, (enum irsa_output_format)session->arguments->output, stdout);
}

void irsa_await_settled(void *self, const struct irsa_json *data) {
    struct irsa_await *await = self;
    if (is_table(await))
        return;
    irsa_status_clear();
    irsa_output_add_value(&await->output, data);
}

void irsa_await_end(struct irsa_await *await) {
    if (!is_table(await))
        irsa_output_end(&await->output);
}

bool irsa_await_timeout(const char *flag, const char *text, int64_t *out_timeout_ms, struct irsa_error *err) {
    *out_timeout_ms = IRSA_WAIT_DEFAULT_MS;
    if (irsa_text_is_empty(text) || irsa_duration_parse(text, out_timeout_ms, err))
        return true;
    return irsa_error_wrap(err, "%s", flag);
}

/* Until all are settled or something else ends it. */
static enum irsa_exit wait_for_all(struct irsa_await *await, int64_t started_ms) {
    const struct irsa_tally *tally = irsa_watch_tally(await->watch);
    struct irsa_progress progress;
    struct irsa_error err;
    bool has_asked = false;
    irsa_progress_start(&progress, started_ms);
    while (tally->settled < tally->expected || tally->expected == 0) {
        if (irsa_interrupted())
            return IRSA_EXIT_INTERRUPTED;
        if (now_ms() - started_ms >= await->timeout_ms)
            return IRSA_EXIT_TIMEOUT;
        if (!irsa_watch_poll(await->watch, POLL_MS, &err)) {
            irsa_complain("reading the results: %s", err.message);
            return IRSA_EXIT_BROKER;
        }
        if (!has_asked && tally->settled + tally->retrying == 0 && now_ms() - started_ms >= SILENCE_MS) {
            irsa_say("no result yet; is a worker running?");
            has_asked = true;
        }
        irsa_progress_show(&progress, tally, now_ms());
    }
    return tally->failed > 0 ? IRSA_EXIT_FAILED : IRSA_EXIT_DONE;
}

static void sum_up(const struct irsa_await *await, enum irsa_exit exit, int64_t elapsed_ms) {
    const struct irsa_tally *tally = irsa_watch_tally(await->watch);
    char room[512];
    struct irsa_text line;
    irsa_text_init_fixed(&line, room, sizeof room);
    if (exit == IRSA_EXIT_DONE || exit == IRSA_EXIT_FAILED) {
        irsa_tally_write(&line, tally);
        irsa_text_add(&line, " in ");
        irsa_duration_write(&line, elapsed_ms);
        irsa_say("%s", line.at);
        return;
    }
    irsa_text_add(&line, exit == IRSA_EXIT_TIMEOUT ? "timed out after " : "stopped after ");
    irsa_duration_write(&line, elapsed_ms);
    irsa_text_add(&line, ": ");
    irsa_progress_write(&line, tally, 0);
    irsa_say("%s", line.at);
    irsa_say("the requests go on; to wait again: %s", await->resume);
}

enum irsa_exit irsa_await_run(struct irsa_await *await) {
    struct irsa_error err;
    int64_t started_ms = now_ms();
    enum irsa_exit exit = wait_for_all(await, started_ms);
    int64_t elapsed_ms = now_ms() - started_ms;
    irsa_status_clear();
    irsa_await_end(await);
    if (is_table(await) && !irsa_watch_print(await->watch, stdout, &err)) {
        irsa_complain("%s", err.message);
        exit = exit == IRSA_EXIT_DONE ? IRSA_EXIT_FAILED : exit;
    }
    fflush(stdout);
    sum_up(await, exit, elapsed_ms);
    return exit;
}
