/*
 * The signals' flag.
 */
#include "producer/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t was_interrupted;

static void on_signal(int number) {
    (void)number;
    was_interrupted = 1;
}

void irsa_interrupt_catch(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool irsa_interrupted(void) {
    return was_interrupted != 0;
}
