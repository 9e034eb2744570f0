#define _GNU_SOURCE
#include "Loops.h"

#if defined(__linux__) && defined(__LP64__)

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "Team.h"

// What a thread is at: outside of our loops, everything goes to the OpenMP runtime.
static _Thread_local struct {
  /// Whether loops begun on this thread are ours, and how many threads may work on one.
  int is_on;
  int32_t limit;
  /// The part of a loop that runs on this thread, and the number of parts; 0: none.
  int part, parts;
} here;

// The OpenMP runtime's own functions, once the library's calls come here.
static void (*gomp_parallel)(void (*)(void *), void *, unsigned, unsigned);
static int (*gomp_thread)(void);
static int (*gomp_threads)(void);
static int (*gomp_is_parallel)(void);
static int is_taken;

enum { MAX_PARTS = 64 };

typedef struct {
  void (*body)(void *);
  void *data;
  int32_t parts;
  int32_t members;
  /// A bit for every part that somebody has begun.
  _Atomic uint64_t begun;
} loop;

static int begin(loop *l, int32_t part) {
  const uint64_t bit = (uint64_t)1 << part;
  return !(atomic_fetch_or_explicit(&l->begun, bit, memory_order_relaxed) & bit);
}

static void run_part(void (*body)(void *), void *data, int32_t part, int32_t parts) {
  const int32_t outer_part = here.part, outer_parts = here.parts;
  here.part = part;
  here.parts = parts;
  body(data);
  here.part = outer_part;
  here.parts = outer_parts;
}

// Each member's own parts first, which are the same in the next loop and so in its cache.
static void work(void *context, int32_t member) {
  loop *l = context;
  for (int32_t part = member; part < l->parts; part += l->members)
    if (begin(l, part)) run_part(l->body, l->data, part, l->parts);
  for (int32_t part = 0; part < l->parts; part++)
    if (begin(l, part)) run_part(l->body, l->data, part, l->parts);
}

static void parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags) {
  const int32_t parts = (int32_t)threads;
  if (here.parts > 0) {
    // A loop inside of a loop.
    for (int32_t part = 0; part < parts; part++) run_part(body, data, part, parts);
    return;
  }
  if (!here.is_on || parts < 2 || parts > MAX_PARTS) {
    gomp_parallel(body, data, threads, flags);
    return;
  }
  loop l = {body, data, parts, here.limit > 0 && here.limit < parts ? here.limit : parts, 0};
  team_run(l.members, work, &l);
}

static int thread(void) { return here.parts > 0 ? here.part : gomp_thread(); }

static int threads(void) { return here.parts > 0 ? here.parts : gomp_threads(); }

static int is_parallel(void) { return here.parts > 0 || gomp_is_parallel(); }

static const struct {
  const char *name;
  void *ours;
  void **theirs;
} calls[] = {
    {"GOMP_parallel", (void *)parallel, (void **)&gomp_parallel},
    {"omp_get_thread_num", (void *)thread, (void **)&gomp_thread},
    {"omp_get_num_threads", (void *)threads, (void **)&gomp_threads},
    {"omp_in_parallel", (void *)is_parallel, (void **)&gomp_is_parallel},
};
enum { CALLS = sizeof calls / sizeof *calls };

// The dynamic section has addresses, or offsets where the C library leaves them so.
static const void *address(const struct link_map *map, ElfW(Addr) value) {
  return (const void *)(value < map->l_addr ? value + map->l_addr : value);
}

/// Finds the slots through which the library calls functions of `calls`. Returns how many.
static int find_slots(const struct link_map *map, void **slots[CALLS]) {
  const ElfW(Rela) *relocations = NULL;
  const ElfW(Sym) *symbols = NULL;
  const char *names = NULL;
  size_t size = 0;
  for (const ElfW(Dyn) *d = map->l_ld; d->d_tag != DT_NULL; d++) {
    switch (d->d_tag) {
      case DT_JMPREL: relocations = address(map, d->d_un.d_ptr); break;
      case DT_SYMTAB: symbols = address(map, d->d_un.d_ptr); break;
      case DT_STRTAB: names = address(map, d->d_un.d_ptr); break;
      case DT_PLTRELSZ: size = d->d_un.d_val; break;
      case DT_PLTREL:
        if (d->d_un.d_val != DT_RELA) return 0;
    }
  }
  if (!relocations || !symbols || !names) return 0;
  int found = 0;
  for (size_t i = 0; i < size / sizeof *relocations; i++) {
    const char *name = names + symbols[ELF64_R_SYM(relocations[i].r_info)].st_name;
    for (int c = 0; c < CALLS; c++) {
      if (strcmp(name, calls[c].name) != 0) continue;
      slots[c] = (void **)(map->l_addr + relocations[i].r_offset);
      found++;
    }
  }
  return found;
}

typedef struct {
  ElfW(Addr) base;
  uintptr_t place;
  int is_protected;
} protection;

// True where the loader has made the place read-only after it had filled it in.
static int look_up_protection(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  protection *p = context;
  if (info->dlpi_addr != p->base) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *h = &info->dlpi_phdr[i];
    const uintptr_t start = info->dlpi_addr + h->p_vaddr;
    if (h->p_type == PT_GNU_RELRO && p->place >= start && p->place < start + h->p_memsz)
      p->is_protected = 1;
  }
  return 1;
}

/// Returns 0 where the memory cannot be written.
static int write_slot(const struct link_map *map, void **slot, void *function) {
  protection p = {map->l_addr, (uintptr_t)slot, 0};
  dl_iterate_phdr(look_up_protection, &p);
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  void *start = (void *)((uintptr_t)slot & ~(page - 1));
  if (p.is_protected && mprotect(start, page, PROT_READ | PROT_WRITE) != 0) return 0;
  *slot = function;
  if (p.is_protected) mprotect(start, page, PROT_READ);
  return 1;
}

void take_loops(void *handle) {
  struct link_map *map;
  void **slots[CALLS] = {NULL};
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || find_slots(map, slots) != CALLS) return;
  // The slots are filled in already: the library is opened with RTLD_NOW.
  for (int c = 0; c < CALLS; c++) {
    if (!slots[c]) return;
    *calls[c].theirs = *slots[c];
  }
  // Until a loop is ours, every function passes on to the one that it replaces: a failure here
  // leaves things as they were.
  for (int c = 0; c < CALLS; c++)
    if (!write_slot(map, slots[c], calls[c].ours)) return;
  is_taken = 1;
}

int loops_are_ours(void) { return is_taken; }

void run_with_our_loops(int32_t limit, void (*body)(void *), void *context) {
  const int32_t outer = here.limit;
  const int was_on = here.is_on;
  here.is_on = 1;
  here.limit = limit;
  body(context);
  here.is_on = was_on;
  here.limit = outer;
}

#else

void take_loops(void *handle) { (void)handle; }

int loops_are_ours(void) { return 0; }

void run_with_our_loops(int32_t threads, void (*body)(void *), void *context) {
  (void)threads;
  body(context);
}

#endif
