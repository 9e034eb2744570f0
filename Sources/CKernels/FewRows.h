// One variant of products of few rows for one element type; included by ElementTypes.h, with the macros
// that it names.
//
// What is read of the source serves few rows, so that a copy of it would cost as much as the product:
// it is read where it is, a few of its lines at a time. The sums of a slice wait in memory meanwhile.

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

/// What the tiles of some summands have in common.
typedef struct TYPED(few_task) {
  const ck_term *terms;
  int64_t depth;
  int64_t a_row_stride, channel_step, sums_stride, c_row_stride;
  /// Null where there is none to add.
  const SCALAR *bias;
  /// The first summands of a slice, the last ones, and those of the first slice.
  int32_t begins, ends, is_first;
} TYPED(few_task);

TARGET INLINE TYPED(vector) TYPED(load_few)(const SCALAR *place, int64_t count) {
  if (count == LANES) return *(const TYPED(unaligned) *)place;
#ifdef MASK
  return (TYPED(vector))MASKED_LOAD((MASK)((1u << count) - 1), place);
#else
  TYPED(vector) value = {0};
  for (int64_t i = 0; i < count; i++) value[i] = place[i];
  return value;
#endif
}

TARGET INLINE void TYPED(store_few)(SCALAR *place, TYPED(vector) value, int64_t count) {
  if (count == LANES) {
    *(TYPED(unaligned) *)place = value;
    return;
  }
#ifdef MASK
  MASKED_STORE(place, (MASK)((1u << count) - 1), value);
#else
  for (int64_t i = 0; i < count; i++) place[i] = value[i];
#endif
}

// `count` lanes of each vector.
TARGET INLINE void TYPED(few_tile)(const TYPED(few_task) *task, const SCALAR *a, const SCALAR *b,
                                   SCALAR *sums, SCALAR *c, int64_t row, int64_t count,
                                   const int rows, const int vectors) {
  TYPED(vector) sum[24];
  UNROLLED for (int i = 0; i < rows; i++)
    UNROLLED for (int j = 0; j < vectors; j++)
      sum[i * vectors + j] =
          task->begins ? (TYPED(vector)){0}
                       : ((const TYPED(unaligned) *)(sums + i * task->sums_stride))[j];
  for (int64_t k = 0; k < task->depth; k++, b += task->channel_step) {
    const SCALAR *factors = a + task->terms[k].a;
    TYPED(vector) line[3];
    UNROLLED for (int j = 0; j < vectors; j++) line[j] = TYPED(load_few)(b + j * LANES, count);
    // The next column's: a processor does not follow this many streams by itself.
    UNROLLED for (int j = 0; j < vectors; j++) __builtin_prefetch(b + (vectors + j) * LANES, 0, 3);
    UNROLLED for (int i = 0; i < rows; i++) {
      TYPED(vector) factor = factors[i * task->a_row_stride] - (TYPED(vector)){0};
      // Left alone, the compiler loads the factors of all rows at once and spills sums for them.
      IN_REGISTER(factor);
      UNROLLED for (int j = 0; j < vectors; j++) sum[i * vectors + j] += factor * line[j];
    }
  }
  UNROLLED for (int i = 0; i < rows; i++) {
    if (!task->ends) {
      TYPED(unaligned) *const wait = (TYPED(unaligned) *)(sums + i * task->sums_stride);
      UNROLLED for (int j = 0; j < vectors; j++) wait[j] = sum[i * vectors + j];
      continue;
    }
    const TYPED(vector) bias = (task->bias ? task->bias[row + i] : 0) - (TYPED(vector)){0};
    UNROLLED for (int j = 0; j < vectors; j++) {
      SCALAR *const place = c + i * task->c_row_stride + j * LANES;
      const TYPED(vector) addend = task->is_first ? bias : TYPED(load_few)(place, count);
      TYPED(store_few)(place, sum[i * vectors + j] + addend, count);
    }
  }
}

#define ROWS(count_of_rows)                                                                      \
  for (; row + count_of_rows <= rows; row += count_of_rows)                                      \
    TYPED(few_tile)                                                                              \
    (task, a + row * task->a_row_stride, b, sums + row * task->sums_stride,                      \
     c + row * task->c_row_stride, row, count, count_of_rows, vectors);

// All rows of a column of vectors.
TARGET INLINE void TYPED(few_column)(const TYPED(few_task) *task, int64_t rows, const SCALAR *a,
                                     const SCALAR *b, SCALAR *sums, SCALAR *c, int64_t count,
                                     const int vectors) {
  int64_t row = 0;
#ifdef MANY_REGISTERS
  ROWS(8)
#endif
  ROWS(4)
  ROWS(2)
  ROWS(1)
}
#undef ROWS

TARGET static void TYPED(three_vectors)(const TYPED(few_task) *task, int64_t rows, const SCALAR *a,
                                        const SCALAR *b, SCALAR *sums, SCALAR *c) {
  TYPED(few_column)(task, rows, a, b, sums, c, LANES, 3);
}

TARGET static void TYPED(one_vector)(const TYPED(few_task) *task, int64_t rows, const SCALAR *a,
                                     const SCALAR *b, SCALAR *sums, SCALAR *c) {
  TYPED(few_column)(task, rows, a, b, sums, c, LANES, 1);
}

TARGET static void TYPED(part_of_vector)(const TYPED(few_task) *task, int64_t rows, const SCALAR *a,
                                         const SCALAR *b, SCALAR *sums, SCALAR *c, int64_t count) {
  TYPED(few_column)(task, rows, a, b, sums, c, count, 1);
}

TARGET static void TYPED(few_rows)(const ck_product *p, const OPERANDS *operands, int64_t count,
                                  int64_t block, void *scratch) {
  int64_t begin[3], length[3];
  const int64_t target = place_block(p, block, begin, length);
  SCALAR *const sums = scratch;
  TYPED(few_task) task = {
      .a_row_stride = p->a_row_stride,
      .channel_step = p->channel_step,
      .sums_stride = sums_stride(p, SCALAR_BYTES),
      .c_row_stride = p->c_row_stride,
  };
  for (const OPERANDS *o = operands; o < operands + count; o++) {
    task.bias = o->bias;
    for (int64_t k = 0; k < p->depth; k += task.depth) {
      const int64_t slice = k / CK_DEPTH * CK_DEPTH;
      const int64_t end = slice + CK_DEPTH < p->depth ? slice + CK_DEPTH : p->depth;
      task.depth = end - k < CK_STREAMS ? end - k : CK_STREAMS;
      task.terms = p->terms + k;
      task.begins = k == slice;
      task.ends = k + task.depth == end;
      task.is_first = slice == 0;
      const SCALAR *const b = o->b + k * p->channel_step + begin[2];
      SCALAR *const c = o->c + target;
      int64_t x = 0;
      for (; x + 3 * LANES <= length[2]; x += 3 * LANES)
        TYPED(three_vectors)(&task, p->rows, o->a, b + x, sums + x, c + x);
      for (; x + LANES <= length[2]; x += LANES)
        TYPED(one_vector)(&task, p->rows, o->a, b + x, sums + x, c + x);
      if (x < length[2])
        TYPED(part_of_vector)(&task, p->rows, o->a, b + x, sums + x, c + x, length[2] - x);
    }
  }
}

#undef INLINE
#undef UNROLLED
