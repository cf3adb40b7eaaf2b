/*
 * Board: what the engine's thread shows to others of its partitions and accounts, and that it is alive.
 *
 * The engine's thread writes, others read: one mutex, held for a copy.
 */
#ifndef IRSA_ENGINE_BOARD_H
#define IRSA_ENGINE_BOARD_H

#include "worker/engine/engine.h"

struct irsa_board;

struct irsa_board *irsa_board_new(void);
void irsa_board_free(struct irsa_board *board);

/* Engine's thread: put these in place of the former ones. */
void irsa_board_show_accounts(struct irsa_board *board, const struct irsa_accounts_figures *accounts);
void irsa_board_show(struct irsa_board *board, const struct irsa_partition_figures *partitions, size_t count);

/* Any thread. */
void irsa_board_read_accounts(struct irsa_board *board, struct irsa_accounts_figures *out_accounts);
/* Any thread: a copy in the arena. */
void irsa_board_read(struct irsa_board *board, struct irsa_arena *arena,
                     const struct irsa_partition_figures **out_partitions, size_t *out_count);

#endif
