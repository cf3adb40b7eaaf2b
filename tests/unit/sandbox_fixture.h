/*
 * A sandbox in process, with a clock that stands still until a test moves it.
 */
#ifndef IRSA_TESTS_SANDBOX_FIXTURE_H
#define IRSA_TESTS_SANDBOX_FIXTURE_H

#include "core/base/arena.h"
#include "core/base/json.h"
#include "sandbox/sandbox.h"
#include "tests/support/test.h"

#define ACCOUNT "111122223333"
#define REGION  "us-west-2"
#define CLUSTER "cluster-13"
#define ADMIN   "admin-token" /* a static token of the cluster */

struct box {
    struct irsa_arena *arena;
    struct irsa_clock clock;
    int64_t now_ms;
    int64_t skew_ms; /* how far the caller's clock goes ahead */
    struct irsa_sandbox *sandbox;
};

/* cmocka's set-up and tear-down; *state is a struct box *. */
int box_open(void **state);
int box_close(void **state);

/* A form of IAM's, without Action's version: "Action=GetRole&RoleName=x". Signed with the account's key. */
struct irsa_httpd_reply box_iam(struct box *box, const char *form);

/* A call of the cluster's API server as its administrator. `type` NULL: application/json. */
struct irsa_httpd_reply box_kube(struct box *box, const char *method, const char *target, const char *body,
                                 const char *type);

/* A call of the control API that must succeed; its answer. */
const struct irsa_json *box_control(struct box *box, const char *method, const char *path, const char *body);

/* Any call as it is. */
struct irsa_httpd_reply box_call(struct box *box, struct irsa_sandbox_origin origin,
                                 const struct irsa_httpd_request *request);

const struct irsa_json *box_json(struct box *box, const struct irsa_httpd_reply *reply);

/* The reply has this status and its body holds the text. */
#define assert_reply(reply, wanted_status, text)                                                                       \
    do {                                                                                                               \
        const struct irsa_httpd_reply checked = (reply);                                                               \
        if (checked.status != (wanted_status) || strstr(checked.body == NULL ? "" : checked.body, (text)) == NULL)     \
            fail_msg("%d %s", checked.status, checked.body);                                                           \
    } while (0)

#define TRUST                                                                                                          \
    "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B" \
    "%22Service%22%3A%22ec2.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"

#endif
