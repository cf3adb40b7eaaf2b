/*
 * Ctrl-C and SIGTERM: the first one is noticed where we wait, the second one ends the process.
 */
#ifndef IRSA_PRODUCER_INTERRUPT_H
#define IRSA_PRODUCER_INTERRUPT_H

#include <stdbool.h>

/* From here on; until then a signal ends the process at once. Again is nothing to do. */
void irsa_interrupt_catch(void);

bool irsa_interrupted(void);

#endif
