/*
 * The copies that go over the board.
 */
#include "worker/engine/board.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/base/arena.h"

struct irsa_board {
    pthread_mutex_t mutex;
    struct irsa_partition_figures *partitions; /* guarded, as the rest */
    size_t count, capacity;
    struct irsa_accounts_figures accounts;
};

struct irsa_board *irsa_board_new(void) {
    struct irsa_board *board = irsa_new(sizeof *board);
    pthread_mutex_init(&board->mutex, NULL);
    return board;
}

void irsa_board_free(struct irsa_board *board) {
    if (board == NULL)
        return;
    pthread_mutex_destroy(&board->mutex);
    free(board->partitions);
    free(board);
}

void irsa_board_show(struct irsa_board *board, const struct irsa_partition_figures *partitions, size_t count) {
    pthread_mutex_lock(&board->mutex);
    if (count > board->capacity) {
        board->partitions = irsa_grow(board->partitions, count, sizeof *partitions);
        board->capacity = count;
    }
    for (size_t i = 0; i < count; i++)
        board->partitions[i] = partitions[i];
    board->count = count;
    pthread_mutex_unlock(&board->mutex);
}

void irsa_board_read(struct irsa_board *board, struct irsa_arena *arena,
                     const struct irsa_partition_figures **out_partitions, size_t *out_count) {
    pthread_mutex_lock(&board->mutex);
    struct irsa_partition_figures *copy = IRSA_NEW_ARRAY(arena, struct irsa_partition_figures, board->count);
    for (size_t i = 0; i < board->count; i++)
        copy[i] = board->partitions[i];
    *out_count = board->count;
    pthread_mutex_unlock(&board->mutex);
    *out_partitions = copy;
}

void irsa_board_show_accounts(struct irsa_board *board, const struct irsa_accounts_figures *accounts) {
    pthread_mutex_lock(&board->mutex);
    board->accounts = *accounts;
    pthread_mutex_unlock(&board->mutex);
}

void irsa_board_read_accounts(struct irsa_board *board, struct irsa_accounts_figures *out_accounts) {
    pthread_mutex_lock(&board->mutex);
    *out_accounts = board->accounts;
    pthread_mutex_unlock(&board->mutex);
}
