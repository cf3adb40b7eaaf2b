/*
 * Things that are due later: one thread that waits for the next of them, so that nobody else has to.
 */
#ifndef IRSA_HTTPD_DELAYS_H
#define IRSA_HTTPD_DELAYS_H

#include <stdbool.h>
#include <stdint.h>

/* Shared by threads; its mutex is its own. The thread starts with the first delay. */
struct irsa_delays;

/* Called by the thread of the delays, without its lock. */
typedef void irsa_delays_due_fn(void *thing);

struct irsa_delays *irsa_delays_new(irsa_delays_due_fn *due);

/* Hand `thing` to `due` in `delay_ms`. False when the delays are closed: it will not be called. */
bool irsa_delays_add(struct irsa_delays *delays, int64_t delay_ms, void *thing);

/* Hand over what still waits, now, and take no more. */
void irsa_delays_close(struct irsa_delays *delays);

void irsa_delays_free(struct irsa_delays *delays);

#endif
