// Windows of 3x3 elements, or of several such planes, that read the source where it is; included by
// Depthwise.h. Lanes in the padding are masked out when they are loaded, and a line of zeros takes the
// place of lines there, so that the sums are those of a padded copy.

/// What the tiles of a block have in common.
typedef struct TYPED(window) {
  const ck_product *p;
  /// As many as a line of the source has.
  const SCALAR *zeros;
  /// For each vector of a line of results what it loads: see `window_masks`.
  const MASK *masks;
} TYPED(window);

// The lanes of a vector that are elements of a line, the first lane being element `first`.
TARGET static MASK TYPED(lanes_inside)(int64_t first, int64_t count) {
  const int64_t begin = first >= 0 ? 0 : first > -LANES ? -first : LANES;
  const int64_t rest = count - first;
  const int64_t end = rest < 0 ? 0 : rest < LANES ? rest : LANES;
  return begin < end ? (MASK)(((1u << end) - 1) & ~((1u << begin) - 1)) : 0;
}

// Three for each vector: with stride 1 those of the three taps; with stride 2 the vectors that hold what
// they take every second element of, one after the other.
TARGET static void TYPED(window_masks)(const ck_axis *axis, int64_t first, int64_t length,
                                       MASK *masks) {
  for (int64_t x = 0; x < length; x += LANES)
    for (int64_t n = 0; n < 3; n++) {
      const int64_t start = (first + x) * axis->stride + axis->positions[0];
      *masks++ = TYPED(lanes_inside)(start + n * (axis->stride == 1 ? 1 : LANES), axis->source);
    }
}

// What the three taps of a vector of results read of a line.
TARGET INLINE void TYPED(see)(const SCALAR *line, const MASK *masks, TYPED(vector) *seen,
                              const int stride) {
  if (stride == 1) {
    UNROLLED for (int n = 0; n < 3; n++) seen[n] = (TYPED(vector))MASKED_LOAD(masks[n], line + n);
    return;
  }
  const TYPED(vector) low = (TYPED(vector))MASKED_LOAD(masks[0], line);
  const TYPED(vector) high = (TYPED(vector))MASKED_LOAD(masks[1], line + LANES);
  // Its first lane is the last one that the third tap reads.
  const TYPED(vector) next = (TYPED(vector))MASKED_LOAD(masks[2] & 1, line + 2 * LANES);
  seen[0] = EVEN(low, high);
  seen[1] = ODD(low, high);
  seen[2] = SHIFTED(seen[0], next);
}

// `rows` lines of `vectors` vectors of results, two at most, the first of which is (z, y, x).
TARGET INLINE void TYPED(window_tile)(const TYPED(window) *task, const SCALAR *a, const SCALAR *source,
                                      SCALAR bias, SCALAR *target, int64_t z, int64_t y, int64_t x,
                                      const MASK *masks, int64_t left, const int rows,
                                      const int vectors, const int stride) {
  const ck_product *const p = task->p;
  const ck_axis *zs = &p->axes[0], *ys = &p->axes[1], *xs = &p->axes[2];
  const int64_t first_line = y * stride + ys->positions[0];
  const int64_t first = x * stride + xs->positions[0];
  TYPED(vector) sum[16];
  UNROLLED for (int i = 0; i < rows * vectors; i++) sum[i] = (TYPED(vector)){0};
  const int64_t line_step = ys->source_step, line_count = ys->source;
  const SCALAR *const zeros = task->zeros + first;
  MASK inside[6];
  UNROLLED for (int n = 0; n < 3 * vectors; n++) {
    inside[n] = masks[n];
    __asm__ volatile("" : "+k"(inside[n]));  // In a register of its own, not loaded for every line.
  }
  const ck_term *term = p->terms;
  for (const ck_term *const end = term + p->depth; term < end; source += p->channel_step)
    for (int64_t tap = 0; tap < zs->taps; tap++, term += 9) {
      const int64_t plane = z * zs->stride + zs->positions[tap];
      const int is_inside = plane >= 0 && plane < zs->source;
      const SCALAR *const lines = source + plane * zs->source_step + first;
      TYPED(vector) factor[9];
      UNROLLED for (int n = 0; n < 9; n++) {
        factor[n] = a[term->a + n] - (TYPED(vector)){0};
        IN_REGISTER(factor[n]);
      }
      UNROLLED for (int l = 0; l < (rows - 1) * stride + 3; l++) {
        const int64_t index = first_line + l;
        const int has_line = is_inside && index >= 0 && index < line_count;
        const SCALAR *const line = has_line ? lines + index * line_step : zeros;
        TYPED(vector) seen[6];
        UNROLLED for (int j = 0; j < vectors; j++)
          TYPED(see)(line + j * LANES * stride, inside + 3 * j, seen + 3 * j, stride);
        UNROLLED for (int n = 0; n < 3; n++)
          UNROLLED for (int i = 0; i < rows; i++) {
            const int high = l - i * stride;
            if (high >= 0 && high < 3)
              UNROLLED for (int j = 0; j < vectors; j++) {
                sum[i * vectors + j] += factor[high * 3 + n] * seen[3 * j + n];
                IN_REGISTER(sum[i * vectors + j]);
              }
          }
        // Left alone, the compiler loads all lines at once and spills them.
        UNROLLED for (int n = 0; n < 3 * vectors; n++) STILL_IN_REGISTER(seen[n]);
      }
    }
  TYPED(store_lines)(sum, bias, target, ys->output_step, left, rows, vectors);
}

#define TILES(rows)                                                                               \
  for (; y + rows <= lines; y += rows)                                                            \
    for (int64_t x = 0; x < length[2];) {                                                         \
      SCALAR *const place = target + y * ys->output_step + x;                                     \
      const MASK *const masks = task->masks + x / LANES * 3;                                      \
      const int64_t left = length[2] - x;                                                         \
      if (stride == 1 && left > LANES) {                                                          \
        TYPED(window_tile)(task, a, source, bias, place, z, begin[1] + y, begin[2] + x, masks,    \
                           left, rows, 2, stride);                                                \
        x += 2 * LANES;                                                                           \
      } else {                                                                                    \
        TYPED(window_tile)(task, a, source, bias, place, z, begin[1] + y, begin[2] + x, masks,    \
                           left, rows, 1, stride);                                                \
        x += LANES;                                                                               \
      }                                                                                           \
    }

// All results of a plane of a block.
TARGET INLINE void TYPED(window_plane)(const TYPED(window) *task, const SCALAR *a,
                                       const SCALAR *source, SCALAR bias, SCALAR *target,
                                       const int64_t *begin, const int64_t *length, int64_t z,
                                       const int stride) {
  const ck_axis *const ys = &task->p->axes[1];
  const int64_t lines = length[1];
  int64_t y = 0;
  // Sides of planes are mostly seven times a power of two.
  if (lines % 7 != 0) TILES(8)
  TILES(7)
  TILES(4)
  TILES(2)
  TILES(1)
}
#undef TILES

#define PLANE(name, stride)                                                                        \
  TARGET static void TYPED(name)(const TYPED(window) *task, const SCALAR *a, const SCALAR *source, \
                                 SCALAR bias, SCALAR *target, const int64_t *begin,                \
                                 const int64_t *length, int64_t z) {                               \
    TYPED(window_plane)(task, a, source, bias, target, begin, length, z, stride);                  \
  }
PLANE(plane_of_stride_1, 1)
PLANE(plane_of_stride_2, 2)
#undef PLANE

TARGET static void TYPED(depthwise_in_place)(const ck_product *p, const OPERANDS *operands,
                                             int64_t count, int64_t block, void *scratch) {
  int64_t begin[3], length[3];
  const int64_t target = place_block(p, block, begin, length);
  SCALAR *const zeros = scratch;
  MASK *const masks = (MASK *)(zeros + p->axes[2].source);
  for (int64_t i = 0; i < p->axes[2].source; i++) zeros[i] = 0;
  TYPED(window_masks)(&p->axes[2], begin[2], length[2], masks);
  const TYPED(window) task = {.p = p, .zeros = zeros, .masks = masks};
  for (const OPERANDS *o = operands; o < operands + count; o++)
    for (int64_t row = 0; row < p->rows; row++)
      for (int64_t z = 0; z < length[0]; z++)
        (p->axes[2].stride == 1 ? TYPED(plane_of_stride_1) : TYPED(plane_of_stride_2))(
            &task, o->a + row * p->a_row_stride, o->b, o->bias ? o->bias[row] : 0,
            o->c + row * p->c_row_stride + target + z * p->axes[0].output_step, begin, length,
            begin[0] + z);
}
