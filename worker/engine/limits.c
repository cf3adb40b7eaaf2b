/*
 * The load of each cluster.
 */
#include "worker/engine/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/map.h"

/* A cluster that at least one task is enrolled with. */
struct irsa_cluster_load {
    char *name;
    size_t enrolled;
    unsigned running;
    unsigned offered;        /* given back from the park and not asked for again yet */
    struct irsa_link parked; /* tasks, the longest waiting first */
};

struct irsa_limits {
    unsigned per_cluster;
    struct irsa_map *clusters;
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

/* The longest parked one, when there is room for it beside those that run and those that were given back before. */
static struct irsa_task *offer(const struct irsa_limits *limits, struct irsa_cluster_load *cluster) {
    if (irsa_list_is_empty(&cluster->parked) || cluster->running + cluster->offered >= limits->per_cluster)
        return NULL;
    struct irsa_task *task = IRSA_OBJECT(irsa_list_take_first(&cluster->parked), struct irsa_task, of_queue);
    cluster->offered++;
    task->is_offered = true;
    return task;
}

static void end_offer(struct irsa_task *task) {
    if (task->is_offered)
        task->cluster->offered--;
    task->is_offered = false;
}

struct irsa_task *irsa_limits_leave(struct irsa_limits *limits, struct irsa_task *task) {
    struct irsa_cluster_load *cluster = task->cluster;
    if (cluster == NULL)
        return NULL;
    end_offer(task);
    task->cluster = NULL;
    if (--cluster->enrolled > 0)
        return offer(limits, cluster);
    irsa_map_remove(limits->clusters, cluster->name, strlen(cluster->name));
    free(cluster->name);
    free(cluster);
    return NULL;
}

bool irsa_limits_admit(struct irsa_limits *limits, struct irsa_task *task) {
    struct irsa_cluster_load *cluster = task->cluster;
    if (cluster == NULL)
        return true;
    end_offer(task);
    if (cluster->running + cluster->offered < limits->per_cluster) {
        cluster->running++;
        return true;
    }
    task->state = IRSA_TASK_PARKED;
    irsa_list_append(&cluster->parked, &task->of_queue);
    return false;
}

struct irsa_task *irsa_limits_relieve(struct irsa_limits *limits, struct irsa_task *task) {
    struct irsa_cluster_load *cluster = task->cluster;
    if (cluster == NULL)
        return NULL;
    cluster->running--;
    return offer(limits, cluster);
}
