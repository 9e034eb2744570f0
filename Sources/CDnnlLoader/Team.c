#define _GNU_SOURCE
#include "Team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

// A helper looks for the next loop for some time before it sleeps, because a network's loops follow
// each other within microseconds and waking a thread takes tens of them. After the first moments it
// offers its processor to others between looks: where one waits, looking on would cost it a turn.
enum { LOOKS = 400, PATIENCE_NS = 200 * 1000, MAX_HELPERS = 255 };

// The loop at hand in one word, so that a helper joins exactly the one that it has seen.
enum { OPEN = 1 << 16, ONE_ACTIVE = 1, ACTIVE = 0xffff, LIMIT_SHIFT = 20, GENERATION_SHIFT = 32 };
#define LIMIT(state) ((int32_t)((state) >> LIMIT_SHIFT & 0xfff))

static _Atomic uint64_t state;
static void (*loop_body)(void *, int32_t);
static void *loop_context;
static atomic_flag is_taken = ATOMIC_FLAG_INIT;
static int32_t helpers;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static _Atomic int32_t sleepers;

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int is_open(uint64_t seen, int32_t member) {
  return (seen & OPEN) && member <= LIMIT(seen);
}

/// Waits until a loop is open that `member` may join and that is not the one joined last.
///
/// Loops that come and go before the helper is there say that there will be more: it looks on.
static uint64_t wait_for_loop(int32_t member, uint64_t last) {
  uint64_t seen = atomic_load_explicit(&state, memory_order_acquire);
  for (;;) {
    uint64_t generation = seen >> GENERATION_SHIFT;
    for (int look = 0; look < LOOKS; look++) {
      seen = atomic_load_explicit(&state, memory_order_acquire);
      if (is_open(seen, member) && seen >> GENERATION_SHIFT != last) return seen;
      pause_briefly();
    }
    int64_t end = now() + PATIENCE_NS;
    do {
      sched_yield();
      seen = atomic_load_explicit(&state, memory_order_acquire);
      if (is_open(seen, member) && seen >> GENERATION_SHIFT != last) return seen;
      if (seen >> GENERATION_SHIFT != generation && member <= LIMIT(seen)) {
        generation = seen >> GENERATION_SHIFT;
        end = now() + PATIENCE_NS;
      }
    } while (now() < end);

    pthread_mutex_lock(&mutex);
    atomic_fetch_add(&sleepers, 1);
    while (seen = atomic_load(&state),
           seen >> GENERATION_SHIFT == generation || member > LIMIT(seen))
      pthread_cond_wait(&opened, &mutex);
    atomic_fetch_sub(&sleepers, 1);
    pthread_mutex_unlock(&mutex);
  }
}

static void *help(void *argument) {
  const int32_t member = (int32_t)(intptr_t)argument;
  uint64_t last = 0;
  for (;;) {
    uint64_t seen = wait_for_loop(member, last);
    // Others may join and leave at the same time; the loop may close.
    const uint64_t generation = seen >> GENERATION_SHIFT;
    while (seen >> GENERATION_SHIFT == generation && (seen & OPEN) &&
           !atomic_compare_exchange_weak_explicit(&state, &seen, seen + ONE_ACTIVE,
                                                  memory_order_acquire, memory_order_acquire)) {
    }
    if (seen >> GENERATION_SHIFT != generation || !(seen & OPEN)) continue;
    last = generation;
    loop_body(loop_context, member);
    atomic_fetch_sub_explicit(&state, ONE_ACTIVE, memory_order_release);
  }
  return NULL;
}

/// Fewer than asked for where the system refuses a thread.
static void start_helpers(int32_t count) {
  pthread_attr_t detached;
  if (helpers >= count || pthread_attr_init(&detached) != 0) return;
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  while (helpers < count &&
         pthread_create(&thread, &detached, help, (void *)(intptr_t)(helpers + 1)) == 0)
    helpers++;
  pthread_attr_destroy(&detached);
}

void team_run(int32_t threads, void (*body)(void *, int32_t), void *context) {
  const int32_t wanted = threads - 1 < MAX_HELPERS ? threads - 1 : MAX_HELPERS;
  if (wanted <= 0 || atomic_flag_test_and_set_explicit(&is_taken, memory_order_acquire)) {
    body(context, 0);
    return;
  }
  start_helpers(wanted);
  loop_body = body;
  loop_context = context;
  const uint64_t generation = (atomic_load(&state) >> GENERATION_SHIFT) + 1;
  atomic_store(&state, generation << GENERATION_SHIFT | (uint64_t)wanted << LIMIT_SHIFT | OPEN);
  if (atomic_load(&sleepers) > 0) {
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&opened);
    pthread_mutex_unlock(&mutex);
  }
  body(context, 0);
  atomic_fetch_and_explicit(&state, ~(uint64_t)OPEN, memory_order_acq_rel);
  for (int look = 0; atomic_load_explicit(&state, memory_order_acquire) & ACTIVE; look++) {
    if (look < LOOKS * 10) pause_briefly();
    else sched_yield();
  }
  atomic_flag_clear_explicit(&is_taken, memory_order_release);
}
