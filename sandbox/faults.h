/*
 * The script of faults (POST /faults): which calls fail, and how.
 */
#ifndef IRSA_SANDBOX_FAULTS_H
#define IRSA_SANDBOX_FAULTS_H

#include <stdint.h>

#include "core/base/error.h"
#include "sandbox/service.h"

struct irsa_json;
struct irsa_json_writer;

enum irsa_sandbox_fault_kind {
    IRSA_SANDBOX_FAULT_STATUS,
    IRSA_SANDBOX_FAULT_PAGE, /* not the service answers, but something on the way to it */
    IRSA_SANDBOX_FAULT_DROP,
    IRSA_SANDBOX_FAULT_RESET,
    IRSA_SANDBOX_FAULT_TRUNCATE,
    IRSA_SANDBOX_FAULT_DELAY,
    IRSA_SANDBOX_FAULT_KIND_COUNT,
};

struct irsa_sandbox_fault {
    enum irsa_sandbox_service service;
    char action[64]; /* "": any */
    char owner[128]; /* account or cluster key; "": any */
    int64_t nth;     /* the first matching call that fails, from 1 */
    int64_t times;   /* how many in a row; 0: for ever */
    enum irsa_sandbox_fault_kind kind;
    bool is_after; /* the effect happens and the answer is lost or altered */
    int status;
    char code[64];         /* the service's error code; "": one that goes with the status */
    char message[256];     /* its words; "": the sandbox's own */
    char cause[64];        /* the reason of the one cause of a Status; "": none */
    int64_t retry_after_s; /* 0: no header */
    int64_t delay_ms;      /* of the effect for a delay before it, else of the answer or its loss */

    int64_t seen; /* matching calls so far */
};

struct irsa_sandbox_faults;

struct irsa_sandbox_faults *irsa_sandbox_faults_new(void);
void irsa_sandbox_faults_free(struct irsa_sandbox_faults *faults);
void irsa_sandbox_faults_clear(struct irsa_sandbox_faults *faults);

/*
 * Add the faults of an array (or one object).
 *
 * fails    INVALID with the place, and nothing is added
 */
IRSA_MUST_CHECK bool irsa_sandbox_faults_add(struct irsa_sandbox_faults *faults, const struct irsa_json *array,
                                             struct irsa_error *err);

/* The fault that this call meets, or NULL. Every fault that matches counts the call; the first that is due wins. */
const struct irsa_sandbox_fault *irsa_sandbox_faults_meet(struct irsa_sandbox_faults *faults,
                                                          enum irsa_sandbox_service service, const char *action,
                                                          const char *owner);

const char *irsa_sandbox_fault_kind_name(enum irsa_sandbox_fault_kind kind);

/* An array, each with "seen". */
void irsa_sandbox_faults_write(const struct irsa_sandbox_faults *faults, struct irsa_json_writer *w);

#endif
