/*
 * The counters, and the text of them.
 */
#include "worker/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/base/clock.h"
#include "core/base/text.h"

#define CALLS_MAX      64         /* kinds of calls: more than the clients know */
#define ATTEMPTS_MAX   512        /* combinations of action, outcome and code that occur; the rest is left out */
#define TEXT_MAX_BYTES (4u << 20) /* thousands of partitions */

static const int64_t BOUNDS_MS[] = {5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000};
#define BOUNDS (sizeof BOUNDS_MS / sizeof *BOUNDS_MS)

/* By the first digit of the status; the first is for calls without an answer. */
static const char *const STATUS_CLASSES[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
#define CLASSES (sizeof STATUS_CLASSES / sizeof *STATUS_CLASSES)

struct calls {
    const char *service, *action;
    uint64_t by_class[CLASSES];
    uint64_t by_bound[BOUNDS + 1]; /* the last: over all of them */
    uint64_t count;
    uint64_t throttled;
    int64_t sum_ms;
};

struct attempts {
    const char *action;
    enum irsa_outcome outcome;
    enum irsa_code code;
    uint64_t count;
};

struct irsa_metrics {
    pthread_mutex_t mutex; /* guards the rest */
    struct calls calls[CALLS_MAX];
    size_t call_count;
    struct attempts attempts[ATTEMPTS_MAX];
    size_t attempt_count;
};

struct irsa_metrics *irsa_metrics_new(void) {
    struct irsa_metrics *metrics = irsa_new(sizeof *metrics);
    pthread_mutex_init(&metrics->mutex, NULL);
    return metrics;
}

void irsa_metrics_free(struct irsa_metrics *metrics) {
    if (metrics == NULL)
        return;
    pthread_mutex_destroy(&metrics->mutex);
    free(metrics);
}

/* --- counting ------------------------------------------------------------------------------------------------------------ */

static struct calls *find_calls(struct irsa_metrics *metrics, const char *service, const char *action) {
    for (size_t i = 0; i < metrics->call_count; i++)
        if (irsa_text_equal(metrics->calls[i].action, action) && irsa_text_equal(metrics->calls[i].service, service))
            return &metrics->calls[i];
    if (metrics->call_count == CALLS_MAX)
        return NULL;
    struct calls *calls = &metrics->calls[metrics->call_count++];
    *calls = (struct calls){.service = service, .action = action};
    return calls;
}

static size_t bound_of(int64_t duration_ms) {
    size_t bound = 0;
    while (bound < BOUNDS && duration_ms > BOUNDS_MS[bound])
        bound++;
    return bound;
}

void irsa_metrics_count_call(struct irsa_metrics *metrics, const struct irsa_called *call) {
    size_t class = call->status >= 100 && call->status < 600 ? (size_t)call->status / 100 : 0;
    pthread_mutex_lock(&metrics->mutex);
    struct calls *calls = find_calls(metrics, call->service, call->action);
    if (calls != NULL) {
        calls->by_class[class]++;
        calls->by_bound[bound_of(call->duration_ms)]++;
        calls->count++;
        calls->throttled += call->code == IRSA_CODE_THROTTLED;
        calls->sum_ms += call->duration_ms;
    }
    pthread_mutex_unlock(&metrics->mutex);
}

void irsa_metrics_count_attempt(struct irsa_metrics *metrics, const char *action, enum irsa_outcome outcome,
                                enum irsa_code code) {
    const struct attempts wanted = {.action = action != NULL ? action : "unknown", .outcome = outcome, .code = code};
    pthread_mutex_lock(&metrics->mutex);
    size_t i = 0;
    while (i < metrics->attempt_count &&
           !(metrics->attempts[i].outcome == outcome && metrics->attempts[i].code == code &&
             irsa_text_equal(metrics->attempts[i].action, wanted.action)))
        i++;
    if (i == metrics->attempt_count && i < ATTEMPTS_MAX)
        metrics->attempts[metrics->attempt_count++] = wanted;
    if (i < ATTEMPTS_MAX)
        metrics->attempts[i].count++;
    pthread_mutex_unlock(&metrics->mutex);
}

/* --- the text of what was counted ---------------------------------------------------------------------------------------- */

static void describe(struct irsa_text *text, const char *name, const char *type, const char *help) {
    irsa_text_addf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_attempts(struct irsa_text *text, const struct irsa_metrics *metrics) {
    describe(text, "irsa_attempts_total", "counter", "Attempts at requests that ended, by what came of them.");
    for (size_t i = 0; i < metrics->attempt_count; i++) {
        const struct attempts *attempts = &metrics->attempts[i];
        const char *code = attempts->code == IRSA_CODE_NONE ? "" : irsa_code_name(attempts->code);
        irsa_text_addf(text, "irsa_attempts_total{action=\"%s\",outcome=\"%s\",code=\"%s\"} %" PRIu64 "\n",
                       attempts->action, irsa_outcome_name(attempts->outcome), code, attempts->count);
    }
}

static void add_statuses(struct irsa_text *text, const struct irsa_metrics *metrics) {
    describe(text, "irsa_calls_total", "counter", "Outgoing calls by the class of their status; none: no answer.");
    for (size_t i = 0; i < metrics->call_count; i++) {
        const struct calls *calls = &metrics->calls[i];
        for (size_t class = 0; class < CLASSES; class ++)
            if (calls->by_class[class] > 0)
                irsa_text_addf(text, "irsa_calls_total{service=\"%s\",action=\"%s\",status=\"%s\"} %" PRIu64 "\n",
                               calls->service, calls->action, STATUS_CLASSES[class], calls->by_class[class]);
    }
}

static void add_throttled(struct irsa_text *text, const struct irsa_metrics *metrics) {
    describe(text, "irsa_calls_throttled_total", "counter", "Outgoing calls that were refused for being too many.");
    for (size_t i = 0; i < metrics->call_count; i++)
        if (metrics->calls[i].throttled > 0)
            irsa_text_addf(text, "irsa_calls_throttled_total{service=\"%s\",action=\"%s\"} %" PRIu64 "\n",
                           metrics->calls[i].service, metrics->calls[i].action, metrics->calls[i].throttled);
}

static void add_durations(struct irsa_text *text, const struct calls *calls) {
    uint64_t within = 0;
    char owner[160];
    struct irsa_text name;
    irsa_text_init_fixed(&name, owner, sizeof owner);
    irsa_text_addf(&name, "service=\"%s\",action=\"%s\"", calls->service, calls->action);
    for (size_t i = 0; i < BOUNDS; i++) {
        within += calls->by_bound[i];
        irsa_text_addf(text, "irsa_call_duration_seconds_bucket{%s,le=\"%g\"} %" PRIu64 "\n", owner,
                       (double)BOUNDS_MS[i] / 1000, within);
    }
    irsa_text_addf(text, "irsa_call_duration_seconds_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", owner, calls->count);
    irsa_text_addf(text, "irsa_call_duration_seconds_sum{%s} %.3f\n", owner, (double)calls->sum_ms / 1000);
    irsa_text_addf(text, "irsa_call_duration_seconds_count{%s} %" PRIu64 "\n", owner, calls->count);
}

static void add_counted(struct irsa_text *text, struct irsa_metrics *metrics) {
    pthread_mutex_lock(&metrics->mutex);
    add_attempts(text, metrics);
    add_statuses(text, metrics);
    add_throttled(text, metrics);
    describe(text, "irsa_call_duration_seconds", "histogram", "How long outgoing calls took.");
    for (size_t i = 0; i < metrics->call_count; i++)
        add_durations(text, &metrics->calls[i]);
    pthread_mutex_unlock(&metrics->mutex);
}

/* --- the text of what the engine tells ----------------------------------------------------------------------------------- */

static void add_one(struct irsa_text *text, const char *name, const char *type, const char *help, uint64_t value) {
    describe(text, name, type, help);
    irsa_text_addf(text, "%s %" PRIu64 "\n", name, value);
}

static void add_engine(struct irsa_text *text, const struct irsa_engine_figures *figures) {
    add_one(text, "irsa_ready", "gauge", "1 while requests are taken.", figures->is_ready);
    add_one(text, "irsa_halted", "gauge", "1 while credentials or settings keep the worker from working.",
            figures->is_halted);
    add_one(text, "irsa_requests_taken_total", "counter", "Records that became work.", figures->taken);
    add_one(text, "irsa_requests_settled_total", "counter", "Requests whose outcome the broker has acknowledged.",
            figures->settled);
    add_one(text, "irsa_duplicates_dropped_total", "counter", "Records that were settled, or in hand, already.",
            figures->duplicates_dropped);
    add_one(text, "irsa_offsets_committed_total", "counter", "Offsets that committed ones have passed.",
            figures->committed);
    add_one(text, "irsa_requests_in_flight", "gauge", "Requests in the hands of executors.", figures->in_flight);
    add_one(text, "irsa_restarts_total", "counter", "Times that the worker died and was started anew.",
            figures->restarts);
    add_one(text, "irsa_suspects", "gauge", "Requests that the worker has died with.", figures->suspects);
    add_one(text, "irsa_requests_waiting", "gauge", "Requests taken that do not run at the moment.", figures->waiting);
}

enum column { WATERMARK, HIGHEST, INCOMPLETE, OLDEST };

static double value_of(const struct irsa_partition_figures *figures, enum column column, int64_t now_ms) {
    switch (column) {
    case WATERMARK:
        return (double)figures->watermark;
    case HIGHEST:
        return (double)figures->highest;
    case INCOMPLETE:
        return (double)figures->incomplete;
    case OLDEST:
        break;
    }
    bool is_young = figures->oldest_ms == IRSA_NO_TIME || figures->oldest_ms > now_ms;
    return is_young ? 0 : (double)(now_ms - figures->oldest_ms) / 1000;
}

static void add_partitions(struct irsa_text *text, const struct irsa_partition_figures *figures, size_t count) {
    static const struct {
        const char *name, *help;
    } COLUMNS[] = {
        [WATERMARK] = {"irsa_partition_watermark_offset", "The first offset that is not settled."},
        [HIGHEST] = {"irsa_partition_highest_offset", "The newest offset taken."},
        [INCOMPLETE] = {"irsa_partition_incomplete_offsets", "Offsets from the watermark on that are not settled."},
        [OLDEST] = {"irsa_partition_oldest_request_age_seconds", "Age of the oldest request in hand."},
    };
    int64_t now_ms = irsa_clock_now_ms(irsa_clock_system());
    for (size_t column = 0; column < sizeof COLUMNS / sizeof *COLUMNS; column++) {
        describe(text, COLUMNS[column].name, "gauge", COLUMNS[column].help);
        for (size_t i = 0; i < count; i++)
            if (figures[i].watermark >= 0)
                irsa_text_addf(text, "%s{partition=\"%d\"} %.15g\n", COLUMNS[column].name, (int)figures[i].partition,
                               value_of(&figures[i], (enum column)column, now_ms));
    }
}

static void add_stops(struct irsa_text *text, const struct irsa_partition_figures *figures, size_t count) {
    describe(text, "irsa_partition_intake_stopped", "gauge", "1 while the next records of a partition have to wait.");
    for (size_t i = 0; i < count; i++)
        if (figures[i].stopped_by != NULL)
            irsa_text_addf(text, "irsa_partition_intake_stopped{partition=\"%d\",by=\"%s\",account=\"%s\"} 1\n",
                           (int)figures[i].partition, figures[i].stopped_by, figures[i].stopped_for);
}

/* --- accounts ------------------------------------------------------------------------------------------------------------ */

#define OTHERS "other" /* accounts are digits: none is called so */

static void add_account_counts(struct irsa_text *text, const struct irsa_accounts_figures *accounts) {
    describe(text, "irsa_account_requests_in_flight", "gauge", "Requests of an account in the hands of executors.");
    for (size_t i = 0; i < accounts->count; i++)
        irsa_text_addf(text, "irsa_account_requests_in_flight{account=\"%s\"} %zu\n", accounts->at[i].account,
                       accounts->at[i].in_flight);
    irsa_text_addf(text, "irsa_account_requests_in_flight{account=\"" OTHERS "\"} %zu\n", accounts->rest.in_flight);
    describe(text, "irsa_account_requests_waiting", "gauge", "Requests of an account that do not run at the moment.");
    for (size_t i = 0; i < accounts->count; i++)
        irsa_text_addf(text, "irsa_account_requests_waiting{account=\"%s\"} %zu\n", accounts->at[i].account,
                       accounts->at[i].waiting);
    irsa_text_addf(text, "irsa_account_requests_waiting{account=\"" OTHERS "\"} %zu\n", accounts->rest.waiting);
    describe(text, "irsa_account_limiter_wait_seconds_total", "counter",
             "How long an account had requests that only its own limits kept from starting.");
    for (size_t i = 0; i < accounts->count; i++)
        irsa_text_addf(text, "irsa_account_limiter_wait_seconds_total{account=\"%s\"} %.3f\n", accounts->at[i].account,
                       (double)accounts->at[i].held_ms / 1000);
}

enum limit_column { RATE, WINDOW };

static void add_limits(struct irsa_text *text, const struct irsa_accounts_figures *accounts, enum limit_column column) {
    static const char *const NAMES[] = {[IRSA_BURDEN_READS] = "read", [IRSA_BURDEN_WRITES] = "write"};
    static const struct {
        const char *name, *help;
    } COLUMNS[] = {
        [RATE] = {"irsa_account_limit_calls_per_second", "The rate that an account is held to since it was throttled."},
        [WINDOW] = {"irsa_account_limit_requests", "Requests at a time that an account is held to likewise."},
    };
    describe(text, COLUMNS[column].name, "gauge", COLUMNS[column].help);
    for (size_t i = 0; i < accounts->count; i++)
        for (size_t class = 0; class < IRSA_ACCOUNT_PACES; class ++) {
            const struct irsa_account_limit *limit = &accounts->at[i].limits[class];
            if (limit->is_set)
                irsa_text_addf(text, "%s{account=\"%s\",class=\"%s\"} %.3f\n", COLUMNS[column].name,
                               accounts->at[i].account, NAMES[class], column == RATE ? limit->rate : limit->window);
        }
}

static void add_accounts(struct irsa_text *text, const struct irsa_engine *engine) {
    struct irsa_accounts_figures accounts = {.count = 0};
    if (engine != NULL)
        irsa_engine_read_accounts(engine, &accounts);
    add_account_counts(text, &accounts);
    add_limits(text, &accounts, RATE);
    add_limits(text, &accounts, WINDOW);
}

const char *irsa_metrics_text(struct irsa_metrics *metrics, const struct irsa_engine *engine,
                              struct irsa_arena *arena) {
    struct irsa_text text;
    struct irsa_engine_figures figures = {.taken = 0};
    const struct irsa_partition_figures *partitions = NULL;
    size_t count = 0;
    if (engine != NULL) {
        irsa_engine_read_figures(engine, &figures);
        irsa_engine_read_partitions(engine, arena, &partitions, &count);
    }
    irsa_text_init(&text, arena, TEXT_MAX_BYTES);
    describe(&text, "irsa_build_info", "gauge", "The version, as a label.");
    irsa_text_addf(&text, "irsa_build_info{version=\"%s\"} 1\n", IRSA_VERSION);
    add_engine(&text, &figures);
    add_partitions(&text, partitions, count);
    add_stops(&text, partitions, count);
    add_accounts(&text, engine);
    add_counted(&text, metrics);
    return text.at;
}
