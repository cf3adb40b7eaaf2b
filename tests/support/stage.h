/*
 * A stage for provisioning tests: the sandbox in this process behind a transport of its own, a clock that the test owns,
 * and a provisioner over both. No socket is opened and no time passes.
 */
#ifndef IRSA_TESTS_STAGE_H
#define IRSA_TESTS_STAGE_H

#include "core/provision/provision.h"
#include "sandbox/sandbox.h"

/* What the transport does to call number `at` (from 1) of those that follow; 0: nothing. */
enum stage_fault {
    STAGE_NO_FAULT,
    STAGE_LOSE_BEFORE, /* the request never arrives: connection reset */
    STAGE_LOSE_AFTER,  /* the effect happens, the answer is lost */
    STAGE_CUT_SHORT,   /* the effect happens, half of the answer arrives: the client refuses it */
    STAGE_SEND_TWICE,  /* the request arrives twice, as when libcurl repeats it on a dead connection */
};

struct stage {
    struct irsa_arena *arena; /* of the test; cleared by nobody */
    struct irsa_sandbox *sandbox;
    struct irsa_transport transport;
    struct irsa_clock clock;
    _Atomic int64_t now_ms; /* a server's thread may look at it */
    struct irsa_credentials_source credentials;
    const struct stage_place *place; /* NULL: AWS is one address in us-west-2 */
    const char *aws_url;             /* that address */
    struct irsa_aws *aws;
    struct irsa_provisioner *provisioner;
    unsigned calls; /* through the transport since stage_fault() */
    enum stage_fault fault;
    unsigned fault_at;
    bool is_dead; /* after the fault nothing arrives any more: the process died there */
    bool dies;
    const struct irsa_json *forgotten_calls; /* counts that stage_calls() leaves out */
};

/* A region and where AWS is reached for it: the services' own hosts. */
struct stage_place {
    const char *region;
    const char *hosts[3]; /* iam, sts, eks; a call to any other fails the test */
};

void stage_open(struct stage *stage);

/* With one cluster, cluster-13 in that region, and IAM that takes signatures for its own region only. */
void stage_open_at(struct stage *stage, const struct stage_place *place);
void stage_close(struct stage *stage);

/* A new worker process: caches and connections are gone, the world is as it was. */
void stage_restart(struct stage *stage);

void stage_fault(struct stage *stage, enum stage_fault fault, unsigned at, bool dies);

/* One attempt at a request's data (JSON), from the record at `offset`; its result, in the stage's arena. */
bool stage_attempt(struct stage *stage, const char *data, int64_t offset, struct irsa_result *out_result,
                   struct irsa_error *err);

/*
 * As the engine would: attempts until one succeeds or fails for good, a new worker after a death. At most ten.
 */
bool stage_deliver(struct stage *stage, const char *data, int64_t offset, struct irsa_result *out_result,
                   struct irsa_error *err);

/* The same; a failure fails the test. */
struct irsa_result stage_must_deliver(struct stage *stage, const char *data, int64_t offset);

/* A stage of its own for each case, for cmocka_unit_test_setup_teardown(). */
int stage_set_up(void **state);
int stage_tear_down(void **state);

/* A call to the control API; its answer, or fails the test. */
const struct irsa_json *stage_control(struct stage *stage, const char *method, const char *path, const char *body);

/* GET /world without what differs from run to run: ids, uids, versions, times. */
const char *stage_world(struct stage *stage);

/* "iam.CreateRole 1, kubernetes.apply 1, …" since stage_open or stage_forget_calls. */
const char *stage_calls(struct stage *stage);
void stage_forget_calls(struct stage *stage);

#endif
