/*
 * Ctrl-C and SIGTERM: the first one is noticed where we wait, the second one ends the process.
 */
#ifndef IRSA_PRODUCER_INTERRUPT_H
#define IRSA_PRODUCER_INTERRUPT_H

#include <stdbool.h>

/* From here on. Once, in commands that send or wait. */
void irsa_interrupt_catch(void);

bool irsa_interrupted(void);

#endif
