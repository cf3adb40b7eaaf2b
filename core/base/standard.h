/*
 * Standard input, output and error.
 */
#ifndef IRSA_BASE_STANDARD_H
#define IRSA_BASE_STANDARD_H

/*
 * The first thing that a program does: a standard descriptor that it was started without is taken, so that no connection
 * gets its number and then what is printed and logged. Reading and writing still fail there.
 */
void irsa_standard_occupy(void);

#endif
