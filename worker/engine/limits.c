/*
 * The load of each cluster.
 */
#include "worker/engine/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "worker/engine/pace.h"

/* A cluster that at least one task is enrolled with. */
struct irsa_cluster_load {
    char *name;
    size_t enrolled;
    unsigned running;
    unsigned offered;        /* given back from the park and not asked for again yet */
    struct irsa_link parked; /* tasks, the longest waiting first */
    struct irsa_pace pace;
    struct irsa_timer timer; /* set while tasks are parked that nobody who leaves would wake */
};

struct irsa_limits {
    unsigned per_cluster;
    int64_t now_ms;
    struct irsa_map *clusters;
    struct irsa_timers timers;
};

struct irsa_limits *irsa_limits_new(unsigned per_cluster) {
    struct irsa_limits *limits = irsa_new(sizeof *limits);
    limits->per_cluster = per_cluster;
    limits->clusters = irsa_map_new();
    return limits;
}

void irsa_limits_free(struct irsa_limits *limits) {
    if (limits == NULL)
        return;
    assert(irsa_map_count(limits->clusters) == 0);
    irsa_map_free(limits->clusters, NULL);
    irsa_timers_done(&limits->timers);
    free(limits);
}

void irsa_limits_enrol(struct irsa_limits *limits, struct irsa_task *task) {
    const char *name = task->job.cluster;
    if (name == NULL)
        return;
    struct irsa_cluster_load *cluster = irsa_map_find(limits->clusters, name, strlen(name));
    if (cluster == NULL) {
        cluster = irsa_new(sizeof *cluster);
        cluster->name = irsa_new_copy(name);
        irsa_link_init(&cluster->parked);
        irsa_map_put(limits->clusters, name, strlen(name), cluster);
    }
    cluster->enrolled++;
    task->cluster = cluster;
}

/* --- room ---------------------------------------------------------------------------------------------------------------- */

/* When there is room beside so many, if nobody leaves; INT64_MAX: then never. */
static int64_t room_beside_ms(const struct irsa_limits *limits, struct irsa_cluster_load *cluster, unsigned load) {
    if (load >= limits->per_cluster)
        return INT64_MAX;
    irsa_pace_move(&cluster->pace, limits->per_cluster, limits->now_ms);
    return irsa_pace_start_ms(&cluster->pace, load);
}

static int64_t room_ms(const struct irsa_limits *limits, struct irsa_cluster_load *cluster) {
    return room_beside_ms(limits, cluster, cluster->running + cluster->offered);
}

/* What a pace costs is known only when they start: so one at a time then. */
static bool may_offer(const struct irsa_limits *limits, struct irsa_cluster_load *cluster) {
    return !irsa_list_is_empty(&cluster->parked) && (cluster->offered == 0 || !cluster->pace.is_limited) &&
           room_ms(limits, cluster) <= limits->now_ms;
}

/* The longest parked ones, as many as there is room for. */
static void offer(struct irsa_limits *limits, struct irsa_cluster_load *cluster, struct irsa_link *out_tasks) {
    while (may_offer(limits, cluster)) {
        struct irsa_task *task = IRSA_OBJECT(irsa_list_take_first(&cluster->parked), struct irsa_task, of_queue);
        cluster->offered++;
        task->is_offered = true;
        irsa_list_append(out_tasks, &task->of_queue);
    }
}

/* While a pace is what keeps them, nobody need leave for the next one to start. */
static void watch(struct irsa_limits *limits, struct irsa_cluster_load *cluster) {
    bool is_awaited = !irsa_list_is_empty(&cluster->parked) && cluster->offered == 0;
    int64_t due_ms = is_awaited ? room_ms(limits, cluster) : INT64_MAX;
    if (due_ms == INT64_MAX)
        irsa_timers_clear(&limits->timers, &cluster->timer);
    else
        irsa_timers_set(&limits->timers, &cluster->timer, due_ms);
}

static void end_offer(struct irsa_task *task) {
    if (task->is_offered)
        task->cluster->offered--;
    task->is_offered = false;
}

bool irsa_limits_has_room(struct irsa_limits *limits, const struct irsa_task *task) {
    struct irsa_cluster_load *cluster = task->cluster;
    return cluster == NULL || room_beside_ms(limits, cluster, cluster->running) <= limits->now_ms;
}

/* --- tasks come and go --------------------------------------------------------------------------------------------------- */

static void park(struct irsa_cluster_load *cluster, struct irsa_task *task, bool is_first) {
    task->state = IRSA_TASK_PARKED;
    if (is_first)
        irsa_list_prepend(&cluster->parked, &task->of_queue);
    else
        irsa_list_append(&cluster->parked, &task->of_queue);
}

void irsa_limits_count(struct irsa_task *task) {
    struct irsa_cluster_load *cluster = task->cluster;
    if (cluster == NULL)
        return;
    cluster->running++;
    task->prices[IRSA_BURDEN_CLUSTER] = irsa_pace_charge(&cluster->pace);
}

bool irsa_limits_admit(struct irsa_limits *limits, struct irsa_task *task) {
    struct irsa_cluster_load *cluster = task->cluster;
    if (cluster == NULL)
        return true;
    bool was_parked = task->is_offered;
    end_offer(task);
    bool is_in_turn = was_parked || irsa_list_is_empty(&cluster->parked);
    bool is_let_in = is_in_turn && room_ms(limits, cluster) <= limits->now_ms;
    if (is_let_in)
        irsa_limits_count(task);
    else
        park(cluster, task, was_parked);
    watch(limits, cluster);
    return is_let_in;
}

static void learn(struct irsa_limits *limits, struct irsa_cluster_load *cluster, const struct irsa_task *task,
                  bool has_run) {
    bool was_limited = cluster->pace.is_limited;
    const struct irsa_pace_report report = {.usage = task->job.usage[IRSA_BURDEN_CLUSTER],
                                            .price = task->prices[IRSA_BURDEN_CLUSTER],
                                            .has_run = has_run,
                                            .started_ms = task->run_started_ms,
                                            .running = cluster->running};
    irsa_pace_move(&cluster->pace, limits->per_cluster, limits->now_ms);
    irsa_pace_report(&cluster->pace, &report, limits->now_ms);
    if (cluster->pace.is_limited && !was_limited)
        IRSA_LOG(WARN, "cluster.throttled", IRSA_TEXT("cluster", cluster->name),
                 IRSA_NUMBER("calls_per_minute", (int64_t)(cluster->pace.rate * 60)),
                 IRSA_NUMBER("at_a_time", (int64_t)cluster->pace.window), IRSA_NUMBER("waiting", cluster->enrolled));
}

void irsa_limits_relieve(struct irsa_limits *limits, struct irsa_task *task, bool has_run,
                         struct irsa_link *out_tasks) {
    struct irsa_cluster_load *cluster = task->cluster;
    if (cluster == NULL)
        return;
    learn(limits, cluster, task, has_run);
    cluster->running--;
    offer(limits, cluster, out_tasks);
    watch(limits, cluster);
}

void irsa_limits_leave(struct irsa_limits *limits, struct irsa_task *task, struct irsa_link *out_tasks) {
    struct irsa_cluster_load *cluster = task->cluster;
    if (cluster == NULL)
        return;
    end_offer(task);
    task->cluster = NULL;
    if (--cluster->enrolled > 0) {
        offer(limits, cluster, out_tasks);
        watch(limits, cluster);
        return;
    }
    irsa_timers_clear(&limits->timers, &cluster->timer);
    irsa_map_remove(limits->clusters, cluster->name, strlen(cluster->name));
    free(cluster->name);
    free(cluster);
}

void irsa_limits_tick(struct irsa_limits *limits, int64_t now_ms, struct irsa_link *out_tasks) {
    struct irsa_timer *timer;
    limits->now_ms = now_ms;
    while ((timer = irsa_timers_take_due(&limits->timers, now_ms)) != NULL) {
        struct irsa_cluster_load *cluster = IRSA_OBJECT(timer, struct irsa_cluster_load, timer);
        offer(limits, cluster, out_tasks);
        watch(limits, cluster);
    }
}

int64_t irsa_limits_next_due_ms(const struct irsa_limits *limits) {
    return irsa_timers_next_ms(&limits->timers);
}
