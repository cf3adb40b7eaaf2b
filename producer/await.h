/*
 * Waiting for outcomes: progress on standard error, the table of outcomes on standard output.
 */
#ifndef IRSA_PRODUCER_AWAIT_H
#define IRSA_PRODUCER_AWAIT_H

#include "producer/session.h"
#include "producer/watch.h"

#define IRSA_WAIT_DEFAULT_MS 600000

/*
 * output      takes each final result as it comes when -o is not table; see irsa_await_begin
 * timeout_ms  from the call on
 * resume      the command that goes on waiting, for those who stop
 */
struct irsa_await {
    const struct irsa_session *session;
    struct irsa_watch *watch;
    struct irsa_output output;
    int64_t timeout_ms;
    const char *resume;
};

/* Begin the output, before the first result can come. irsa_await_run ends it. */
void irsa_await_begin(struct irsa_await *await, const struct irsa_session *session);

/* For irsa_watch_options.settled; self is a struct irsa_await. */
void irsa_await_settled(void *self, const struct irsa_json *data);

/* End the output without waiting. */
void irsa_await_end(struct irsa_await *await);

/* returns  DONE, FAILED, TIMEOUT, INTERRUPTED or BROKER */
enum irsa_exit irsa_await_run(struct irsa_await *await);

/* "10m" of --wait or --timeout; "" and NULL give the default. fails INVALID */
IRSA_MUST_CHECK bool irsa_await_timeout(const char *flag, const char *text, int64_t *out_timeout_ms,
                                        struct irsa_error *err);

#endif
