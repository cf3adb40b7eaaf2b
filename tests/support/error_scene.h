/*
 * For each call that provisioning makes: a world and a request that make it.
 */
#ifndef IRSA_TESTS_ERROR_SCENE_H
#define IRSA_TESTS_ERROR_SCENE_H

#include "tests/support/stage.h"

/*
 * call      as docs/provisioning.md names it; some calls are made for two reasons that make a difference
 * service   as the sandbox counts it
 * action    the same
 * is_usual  what the page says of "any call" holds for it
 */
struct error_scene {
    const char *call;
    const char *service, *action;
    void (*arrange)(struct stage *stage);
    const char *request;
    bool is_usual;
};

extern const struct error_scene ERROR_SCENES[];
extern const size_t ERROR_SCENE_COUNT;

/* The offset of the record that the request comes from: it is newer than what has arranged the world. */
#define ERROR_SCENE_OFFSET 2

/* A fresh worker before the world of the scene. */
void error_scene_open(const struct error_scene *scene, struct stage *stage);

/* The scene of that call, or NULL. */
const struct error_scene *error_scene_find(const char *call);

/* "iam" for "any call to IAM", or NULL. */
const char *error_scene_any(const char *call);

#endif
