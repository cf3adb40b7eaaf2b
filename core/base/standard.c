/*
 * Standard input, output and error.
 */
#include "core/base/standard.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* open() gives the lowest free number, and those below `fd` are taken by then. */
void irsa_standard_occupy(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            abort();
}
