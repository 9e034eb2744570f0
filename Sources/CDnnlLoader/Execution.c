#include <stdlib.h>

#include "CDnnlLoader.h"
#include "Library.h"
#include "Loops.h"
#include "Primitive.h"

// Grows to what the largest primitive that the thread has executed wants.
static void *scratch_of_thread(size_t size) {
  static _Thread_local struct { void *base; size_t size; } scratch;
  if (scratch.size < size) {
    free(scratch.base);
    scratch.base = NULL;
    scratch.size = 0;
    if (posix_memalign(&scratch.base, 4096, size) != 0) return NULL;
    scratch.size = size;
  }
  return scratch.base;
}

// To be told an address costs oneDNN time (it clears the padding there), so it is told new ones only.
static dnnl_status_t bind(dl_primitive *p, int32_t argument, const void *place) {
  if (p->places[argument] == place) return dnnl_success;
  TRY(dl_library.dnnl_memory_set_data_handle(p->arguments[argument].memory, (void *)place));
  p->places[argument] = place;
  return dnnl_success;
}

typedef struct {
  dl_primitive *primitive;
  int32_t count, status;
} execution;

static void execute(void *context) {
  execution *e = context;
  e->status = dl_library.dnnl_primitive_execute(e->primitive->primitive, dl_library.stream,
                                                e->count, e->primitive->arguments);
  if (e->status == 0) e->status = dl_library.dnnl_stream_wait(dl_library.stream);
}

size_t dl_scratch_size(const dl_primitive *p) { return p->scratch_size; }

int32_t dl_execute(dl_primitive *p, const void *const *arguments, int32_t count, int32_t threads,
                   void *scratch) {
  if (count != p->count) return dnnl_invalid_arguments;
  for (int32_t i = 0; i < count; i++) TRY(bind(p, i, arguments[i]));
  if (p->scratch_size > 0) {
    if (!scratch) scratch = scratch_of_thread(p->scratch_size);
    if (!scratch) return dnnl_out_of_memory;
    TRY(bind(p, count, scratch));
    count++;
  }
  execution e = {p, count, 0};
  if (p->has_free_loops && loops_are_ours()) {
    run_with_our_loops(threads, execute, &e);
  } else if (threads > 0 && dl_library.teams) {
    // A team of the OpenMP runtime's with a limit, for oneDNN names the number that it wants itself.
    dl_library.teams(execute, &e, 1, (unsigned)threads, 0);
  } else {
    execute(&e);
  }
  return e.status;
}
