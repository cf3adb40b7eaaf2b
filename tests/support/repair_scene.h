/*
 * A pair of ours among others' things, and what is said and done about it.
 */
#ifndef IRSA_TESTS_REPAIR_SCENE_H
#define IRSA_TESTS_REPAIR_SCENE_H

#include "core/base/json.h"
#include "tests/support/repair_table.h"
#include "tests/support/stage.h"

/* Roles, providers and service accounts of others, and of ours for others. */
void repair_put_bystanders(struct stage *stage);

/* Those, and the pair of REPAIR_CREATE from the record at offset 1; the world as it then is. */
const struct irsa_json *repair_set_the_scene(struct stage *stage);

/* JSON of the table, with its quotes and the document that $DNS stands for. */
const char *repair_json(struct stage *stage, const char *text);

/* The same for stage_must_deliver() and PUT /world. */
struct irsa_result repair_deliver(struct stage *stage, const char *request, int64_t offset);
void repair_put(struct stage *stage, const char *changes);

const struct irsa_json *repair_world(struct stage *stage);

/* What is different from the world before, by the table's words. */
const char *repair_diff(struct stage *stage, const struct irsa_json *before);

/* "tag-role, attach-policy AmazonS3ReadOnlyAccess, …": with targets where a role has more than one. All have changed something. */
const char *repair_steps(struct stage *stage, const struct irsa_result *result);

/* The calls that these steps make: "iam.TagRole, iam.AttachRolePolicy, …". */
const char *repair_calls(struct stage *stage, const struct irsa_result *result);

/* The writes that had an effect since DELETE /calls, in the order in which the services saw them. */
const char *repair_writes(struct stage *stage);

const char *repair_joined(struct stage *stage, struct irsa_strings strings);

/* The pair that a result speaks of is the one that is there. */
void repair_check_facts(struct stage *stage, const struct irsa_result *result);

#endif
