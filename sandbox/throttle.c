/*
 * Buckets in thousandths of a token, filled when they are looked at.
 */
#include "sandbox/throttle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/map.h"

#define TOKEN 1000 /* one token per second is one thousandth per millisecond */

struct bucket {
    int64_t level;
    int64_t filled_ms;
};

struct irsa_sandbox_throttle {
    struct irsa_map *buckets;
};

struct irsa_sandbox_throttle *irsa_sandbox_throttle_new(void) {
    struct irsa_sandbox_throttle *throttle = irsa_new(sizeof(*throttle));
    throttle->buckets = irsa_map_new();
    return throttle;
}

void irsa_sandbox_throttle_free(struct irsa_sandbox_throttle *throttle) {
    irsa_map_free(throttle->buckets, free);
    free(throttle);
}

void irsa_sandbox_throttle_clear(struct irsa_sandbox_throttle *throttle) {
    irsa_map_free(throttle->buckets, free);
    throttle->buckets = irsa_map_new();
}

static struct bucket *bucket_of(struct irsa_sandbox_throttle *throttle, const char *key, int64_t rate, int64_t now_ms) {
    struct bucket *bucket = irsa_map_find(throttle->buckets, key, strlen(key));
    if (bucket == NULL) {
        bucket = irsa_new(sizeof(*bucket));
        *bucket = (struct bucket){.level = rate * TOKEN, .filled_ms = now_ms};
        (void)irsa_map_put(throttle->buckets, key, strlen(key), bucket);
    }
    int64_t passed_ms = now_ms - bucket->filled_ms;
    if (passed_ms > TOKEN)
        passed_ms = TOKEN; /* a second fills it */
    if (passed_ms > 0)
        bucket->level += passed_ms * rate;
    if (bucket->level > rate * TOKEN)
        bucket->level = rate * TOKEN;
    bucket->filled_ms = now_ms;
    return bucket;
}

bool irsa_sandbox_throttle_allows(struct irsa_sandbox_throttle *throttle, const struct irsa_sandbox_model *model,
                                  enum irsa_sandbox_service service, bool is_write, const char *owner, int64_t now_ms) {
    const struct irsa_sandbox_rates *rates = &model->rates[service];
    int64_t rate[2] = {rates->all, is_write ? rates->writes : rates->reads};
    const char *class[2] = {"all", is_write ? "writes" : "reads"};
    struct bucket *taken[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        if (rate[i] == 0)
            continue;
        char key[160];
        (void)snprintf(key, sizeof(key), "%d/%s/%s", (int)service, class[i], owner == NULL ? "" : owner);
        taken[i] = bucket_of(throttle, key, rate[i], now_ms);
        if (taken[i]->level < TOKEN)
            return false;
    }
    for (int i = 0; i < 2; i++)
        if (taken[i] != NULL)
            taken[i]->level -= TOKEN;
    return true;
}
