// Whose threads oneDNN's loops run on.
//
// A loop of OpenMP's waits for every thread of its team. A network of small operators has a hundred
// loops of ten microseconds: one thread that sleeps, or has lost its processor to another program,
// holds up each of them, and threads that look for work all the time hold up everybody else. The
// parts of oneDNN's loops are independent, so here they run on whichever of this package's threads
// are there; the caller does what nobody else has begun.
#ifndef LOOPS_H
#define LOOPS_H

#include <stdint.h>

/// Makes the loops of a loaded oneDNN ask this package, where its calls of GCC's OpenMP runtime can
/// be found; otherwise leaves them alone.
void take_loops(void *handle);

/// Not 0 where they ask this package.
int loops_are_ours(void);

/// Calls `body(context)`; the loops in it run on at most `threads` threads of this package's team
/// (0: as many as they want), whole whatever the number.
void run_with_our_loops(int32_t threads, void (*body)(void *), void *context);

#endif
