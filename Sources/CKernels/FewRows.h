// One variant of products of few rows for one element type; included by ElementTypes.h, with the macros
// that it names.
//
// What is read of the source serves few rows, so that a copy of it would cost as much as the product:
// it is read where it is, a few of its lines at a time. The sums of a slice wait in memory meanwhile.
// Where a line of the source has the summands of one result, as the weights of a fully connected layer
// do, small panels of it are turned, which stay in a level-1 cache.

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

/// What the tiles of some summands have in common.
typedef struct TYPED(few_task) {
  const ck_term *terms;
  int64_t depth;
  int64_t a_row_stride, channel_step, sums_stride, c_row_stride, c_column_step;
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

// Results that do not lie side by side: the `count` first lanes of each vector of some rows.
TARGET static __attribute__((noinline)) void TYPED(store_apart)(const TYPED(few_task) *task,
                                                                const TYPED(vector) *sum, SCALAR *c,
                                                                int64_t row, int64_t count, int rows,
                                                                int vectors) {
  for (int i = 0; i < rows; i++) {
    const SCALAR bias = task->bias ? task->bias[row + i] : 0;
    for (int j = 0; j < vectors; j++) {
      SCALAR *place = c + i * task->c_row_stride + j * LANES * task->c_column_step;
      for (int64_t lane = 0; lane < count; lane++, place += task->c_column_step)
        *place = sum[i * vectors + j][lane] + (task->is_first ? bias : *place);
    }
  }
}

// `count` lanes of each vector.
TARGET INLINE void TYPED(few_tile)(const TYPED(few_task) *task, const SCALAR *a, const SCALAR *b,
                                   SCALAR *sums, SCALAR *c, int64_t row, int64_t count,
                                   const int rows, const int vectors) {
  const int64_t a_row_stride = task->a_row_stride, channel_step = task->channel_step;
  const int64_t sums_stride = task->sums_stride, c_row_stride = task->c_row_stride;
  // Lines that a processor follows by itself.
  const int is_followed = task->depth <= CK_FOLLOWED_STREAMS;
  TYPED(vector) sum[24];
  UNROLLED for (int i = 0; i < rows; i++)
    UNROLLED for (int j = 0; j < vectors; j++)
      sum[i * vectors + j] = task->begins
                                 ? (TYPED(vector)){0}
                                 : ((const TYPED(unaligned) *)(sums + i * sums_stride))[j];
  const ck_term *const end = task->terms + task->depth;
  for (const ck_term *term = task->terms; term < end; term++, b += channel_step) {
    const SCALAR *factors = a + term->a;
    TYPED(vector) line[6];
    UNROLLED for (int j = 0; j < vectors; j++) line[j] = TYPED(load_few)(b + j * LANES, count);
    // The next column's.
    if (!is_followed)
      UNROLLED for (int j = 0; j < vectors; j++) __builtin_prefetch(b + (vectors + j) * LANES, 0, 3);
    UNROLLED for (int i = 0; i < rows; i++) {
      TYPED(vector) factor = factors[i * a_row_stride] - (TYPED(vector)){0};
      // Left alone, the compiler loads the factors of all rows at once and spills sums for them.
      IN_REGISTER(factor);
      UNROLLED for (int j = 0; j < vectors; j++) sum[i * vectors + j] += factor * line[j];
    }
  }
  if (!task->ends) {
    UNROLLED for (int i = 0; i < rows; i++)
      UNROLLED for (int j = 0; j < vectors; j++)
        ((TYPED(unaligned) *)(sums + i * sums_stride))[j] = sum[i * vectors + j];
    return;
  }
  if (task->c_column_step != 1) {
    // A copy, so that those that are not stored this way stay in registers.
    TYPED(vector) all[24];
    UNROLLED for (int i = 0; i < rows * vectors; i++) all[i] = sum[i];
    TYPED(store_apart)(task, all, c, row, count, rows, vectors);
    return;
  }
  const SCALAR *const biases = task->bias;
  const int is_first = task->is_first;
  UNROLLED for (int i = 0; i < rows; i++) {
    const TYPED(vector) bias = (biases ? biases[row + i] : 0) - (TYPED(vector)){0};
    UNROLLED for (int j = 0; j < vectors; j++) {
      SCALAR *const place = c + i * c_row_stride + j * LANES;
      const TYPED(vector) addend = is_first ? bias : TYPED(load_few)(place, count);
      TYPED(store_few)(place, sum[i * vectors + j] + addend, count);
    }
  }
}

#define ROWS(count_of_rows)                                                                      \
  for (; row + count_of_rows <= rows; row += count_of_rows)                                      \
    TYPED(few_tile)                                                                              \
    (task, a + row * task->a_row_stride, b, sums + row * task->sums_stride,                      \
     c + row * task->c_row_stride, row, count, count_of_rows, vectors);

// All rows of a column of vectors, four rows at most where it is six vectors wide.
TARGET INLINE void TYPED(few_column)(const TYPED(few_task) *task, int64_t rows, const SCALAR *a,
                                     const SCALAR *b, SCALAR *sums, SCALAR *c, int64_t count,
                                     const int vectors) {
  int64_t row = 0;
#ifdef MANY_REGISTERS
  if (vectors <= 3) {
    ROWS(8)
  }
#endif
  ROWS(4)
  ROWS(3)
  ROWS(2)
  ROWS(1)
}
#undef ROWS

#ifdef MANY_REGISTERS
TARGET static void TYPED(six_vectors)(const TYPED(few_task) *task, int64_t rows, const SCALAR *a,
                                      const SCALAR *b, SCALAR *sums, SCALAR *c) {
  TYPED(few_column)(task, rows, a, b, sums, c, LANES, 6);
}
#endif

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

// A square of the source, whose lines become columns of the panel: each round deals the lines' halves
// out in turns.
TARGET INLINE void TYPED(turn_square)(const SCALAR *source, int64_t step, SCALAR *panel) {
  TYPED(vector) lines[LANES], dealt[LANES];
  UNROLLED for (int i = 0; i < LANES; i++)
    lines[i] = *(const TYPED(unaligned) *)(source + i * step);
  UNROLLED for (int round = 1; round < LANES; round *= 2) {
    UNROLLED for (int i = 0; i < LANES / 2; i++) {
      dealt[2 * i] = LOW_PAIRS(lines[i], lines[i + LANES / 2]);
      dealt[2 * i + 1] = HIGH_PAIRS(lines[i], lines[i + LANES / 2]);
    }
    UNROLLED for (int i = 0; i < LANES; i++) lines[i] = dealt[i];
  }
  UNROLLED for (int i = 0; i < LANES; i++) *(TYPED(vector) *)(panel + i * 3 * LANES) = lines[i];
}

// `depth` elements of each of `columns` lines of the source, at most three vectors of them, to lines of
// the panel.
TARGET static void TYPED(turn_panel)(const SCALAR *source, int64_t step, int64_t columns,
                                     int64_t depth, SCALAR *panel) {
  int64_t j = 0;
  for (; j + LANES <= columns; j += LANES) {
    int64_t k = 0;
    for (; k + LANES <= depth; k += LANES)
      TYPED(turn_square)(source + j * step + k, step, panel + k * 3 * LANES + j);
    for (int64_t i = j; i < j + LANES; i++)
      for (int64_t rest = k; rest < depth; rest++)
        panel[rest * 3 * LANES + i] = source[i * step + rest];
  }
  for (; j < columns; j++)
    for (int64_t k = 0; k < depth; k++) panel[k * 3 * LANES + j] = source[j * step + k];
}

// The summands from `k` on, as many as are read at a time.
TARGET INLINE void TYPED(take_summands)(const ck_product *p, int64_t k, TYPED(few_task) *task) {
  const int64_t slice = k / CK_DEPTH * CK_DEPTH;
  const int64_t end = slice + CK_DEPTH < p->depth ? slice + CK_DEPTH : p->depth;
  task->depth = end - k < CK_STREAMS ? end - k : CK_STREAMS;
  task->terms = p->terms + k;
  task->begins = k == slice;
  task->ends = k + task->depth == end;
  task->is_first = slice == 0;
}

// Where the summands of a result lie side by side in the source: three vectors of results at a time, for
// which a panel of the source is turned.
TARGET static void TYPED(few_turned)(const ck_product *p, const OPERANDS *o, TYPED(few_task) *task,
                                     int64_t first, int64_t length, SCALAR *c, SCALAR *sums,
                                     SCALAR *panel) {
  const int64_t step = p->axes[2].source_step;
  task->channel_step = 3 * LANES;
  for (int64_t x = 0; x < length; x += 3 * LANES) {
    const int64_t columns = length - x < 3 * LANES ? length - x : 3 * LANES;
    for (int64_t k = 0; k < p->depth; k += task->depth) {
      TYPED(take_summands)(p, k, task);
      TYPED(turn_panel)(o->b + (first + x) * step + k, step, columns, task->depth, panel);
      SCALAR *const place = c + x * task->c_column_step;
      if (columns == 3 * LANES) {
        TYPED(three_vectors)(task, p->rows, o->a, panel, sums, place);
        continue;
      }
      int64_t j = 0;
      for (; j + LANES <= columns; j += LANES)
        TYPED(one_vector)(task, p->rows, o->a, panel + j, sums + j, place + j * task->c_column_step);
      if (j < columns)
        TYPED(part_of_vector)(task, p->rows, o->a, panel + j, sums + j,
                              place + j * task->c_column_step, columns - j);
    }
  }
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
      .c_column_step = p->axes[2].output_step,
  };
  SCALAR *const panel = sums + p->rows * task.sums_stride;
  const int64_t step = task.c_column_step;
  for (const OPERANDS *o = operands; o < operands + count; o++) {
    task.bias = o->bias;
    SCALAR *const c = o->c + target;
    if (p->axes[2].source_step != 1) {
      TYPED(few_turned)(p, o, &task, begin[2], length[2], c, sums, panel);
      continue;
    }
    for (int64_t k = 0; k < p->depth; k += task.depth) {
      TYPED(take_summands)(p, k, &task);
      const SCALAR *const b = o->b + k * p->channel_step + begin[2];
      int64_t x = 0;
#ifdef MANY_REGISTERS
      for (; p->rows <= 4 && x + 6 * LANES <= length[2]; x += 6 * LANES)
        TYPED(six_vectors)(&task, p->rows, o->a, b + x, sums + x, c + x * step);
#endif
      for (; x + 3 * LANES <= length[2]; x += 3 * LANES)
        TYPED(three_vectors)(&task, p->rows, o->a, b + x, sums + x, c + x * step);
      for (; x + LANES <= length[2]; x += LANES)
        TYPED(one_vector)(&task, p->rows, o->a, b + x, sums + x, c + x * step);
      if (x < length[2])
        TYPED(part_of_vector)(&task, p->rows, o->a, b + x, sums + x, c + x * step, length[2] - x);
    }
  }
}

#undef INLINE
#undef UNROLLED
