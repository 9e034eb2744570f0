// Threads that help with one loop at a time. Who calls works; a helper that is late misses the loop
// and is not waited for.
#ifndef TEAM_H
#define TEAM_H

#include <stdint.h>

/// Calls `body` on the calling thread and on those of `threads - 1` helpers that arrive before it
/// has returned there, and returns when all calls have. `member` is 0 for the calling thread and
/// different for each. The bodies have to share out the work among as many as come.
///
/// Where the team is busy with another thread's loop, only the caller works.
void team_run(int32_t threads, void (*body)(void *context, int32_t member), void *context);

#endif
