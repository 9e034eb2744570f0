#include "Library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "CDnnlLoader.h"
#include "Loops.h"
#include "Team.h"

struct dl_library dl_library;

static char message[512];
static char version[32] = "";
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

// The major version of the headers: another one has another binary interface.
static const char *const candidates[] = {
#if defined(__APPLE__)
    "libdnnl." TEXT(DNNL_VERSION_MAJOR) ".dylib",
    "/opt/homebrew/lib/libdnnl." TEXT(DNNL_VERSION_MAJOR) ".dylib",
    "/usr/local/lib/libdnnl." TEXT(DNNL_VERSION_MAJOR) ".dylib",
#else
    "libdnnl.so." TEXT(DNNL_VERSION_MAJOR),
#endif
};

static void load(void) {
  // For loops that stay OpenMP's (Loops.h). Its threads wait between loops: asleep, each costs a
  // wake-up; spinning for long slows everything down when a core is busy with something else. A
  // thousand turns are some twenty microseconds. Read once, when the runtime is loaded.
  if (!getenv("OMP_WAIT_POLICY")) {
    setenv("GOMP_SPINCOUNT", "1000", 0);
    setenv("KMP_BLOCKTIME", "1", 0);
  }

  void *handle = NULL;
  for (size_t i = 0; !handle && i < sizeof candidates / sizeof *candidates; i++)
    handle = dlopen(candidates[i], RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    snprintf(message, sizeof message, "%s", reason ? reason : candidates[0]);
    return;
  }
#define DL_FIND(name)                                                          \
  if (!(dl_library.name = (__typeof__(name) *)dlsym(handle, #name))) {         \
    snprintf(message, sizeof message, "%s lacks " #name, candidates[0]);       \
    return;                                                                    \
  }
  DL_FUNCTIONS(DL_FIND)
#undef DL_FIND
  *(void **)&dl_library.set_threads = dlsym(handle, "omp_set_num_threads");
  *(void **)&dl_library.parallel = dlsym(handle, "GOMP_parallel");
  *(void **)&dl_library.teams = dlsym(handle, "GOMP_teams_reg");

  take_loops(handle);

  const dnnl_version_t *v = dl_library.dnnl_version();
  snprintf(version, sizeof version, "%d.%d.%d", v->major, v->minor, v->patch);
  if (dl_library.dnnl_engine_create(&dl_library.engine, dnnl_cpu, 0) != dnnl_success ||
      dl_library.dnnl_stream_create(&dl_library.stream, dl_library.engine,
                                    dnnl_stream_default_flags) != dnnl_success)
    snprintf(message, sizeof message, "oneDNN %s has no engine for this processor", version);
}

const char *dl_load(void) {
  pthread_once(&once, load);
  return message[0] ? message : NULL;
}

const char *dl_version(void) { return version; }

void dl_set_threads(int32_t count) {
  if (dl_library.set_threads) dl_library.set_threads(count);
}

int32_t dl_can_limit_threads(void) { return loops_are_ours() || dl_library.teams != NULL; }

// Iterations that one member begins with, or that all take in turns, in a cache line of its own.
typedef struct {
  _Alignas(64) _Atomic int64_t next;
  int64_t end;
  /// Where the order is turned, an iteration and the one in its place make this.
  int64_t sum;
} range;

enum { MAX_MEMBERS = 256 };

typedef struct {
  void (*body)(void *, int32_t, int64_t);
  void *context;
  int32_t members, range_count, is_backwards;
  _Atomic int32_t arrived;
  range ranges[MAX_MEMBERS];
} shared_loop;

// Each member's own iterations first, then what the others have not begun.
static void take(void *context, int32_t member) {
  shared_loop *l = context;
  for (int32_t step = 0; step < l->range_count; step++) {
    range *r = &l->ranges[(member + step) % l->range_count];
    while (atomic_load_explicit(&r->next, memory_order_relaxed) < r->end) {
      const int64_t index = atomic_fetch_add_explicit(&r->next, 1, memory_order_relaxed);
      if (index >= r->end) break;
      l->body(l->context, member, l->is_backwards ? r->sum - index : index);
    }
  }
}

static void arrive(void *context) {
  shared_loop *l = context;
  take(l, atomic_fetch_add_explicit(&l->arrived, 1, memory_order_relaxed));
}

void dl_run_parallel(int32_t threads, int64_t count, int32_t in_turns, int32_t backwards,
                     void (*body)(void *, int32_t, int64_t), void *context) {
  shared_loop l;
  l.body = body;
  l.context = context;
  l.members = threads < 1 ? 1 : threads > MAX_MEMBERS ? MAX_MEMBERS : threads;
  l.range_count = in_turns ? 1 : l.members;
  l.is_backwards = backwards;
  atomic_init(&l.arrived, 0);
  // The first ranges have one more, where the iterations cannot be divided.
  const int64_t share = count / l.range_count, rest = count % l.range_count;
  for (int32_t i = 0; i < l.range_count; i++) {
    const int64_t begin = i * share + (i < rest ? i : rest);
    atomic_init(&l.ranges[i].next, begin);
    l.ranges[i].end = begin + share + (i < rest ? 1 : 0);
    l.ranges[i].sum = begin + l.ranges[i].end - 1;
  }
  // Two teams of threads would wake each other up: where oneDNN's loops stay OpenMP's, so do these.
  if (dl_library.parallel && !loops_are_ours()) {
    dl_library.parallel(arrive, &l, (unsigned)l.members, 0);
  } else {
    team_run(l.members, take, &l);
  }
}
