// One variant of products of few summands for one element type; included by ElementTypes.h, with the
// macros that it names.
//
// A result has so few summands that what surrounds them counts: padding is written once for all
// products of a call, and results are taken line by line, several lines at once.

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

// Elements of the source, `step` apart, to places side by side.
TARGET static void TYPED(copy_lines)(const ck_line *lines, int64_t count, const SCALAR *source,
                                     SCALAR *target) {
  for (const ck_line *line = lines; line < lines + count; line++) {
    const SCALAR *const from = source + line->source;
    SCALAR *const to = target + line->target;
    int64_t i = 0;
    for (; i + LANES <= line->count; i += LANES)
      *(TYPED(unaligned) *)(to + i) = *(const TYPED(unaligned) *)(from + i);
#ifdef MASK
    const MASK rest = (MASK)((1u << (line->count - i)) - 1);
    MASKED_STORE(to + i, rest, MASKED_LOAD(rest, from + i));
#else
    for (; i < line->count; i++) to[i] = from[i];
#endif
  }
}

// The same for every second element of the source, which ends at `source_end`.
TARGET static void TYPED(copy_halves)(const ck_line *lines, int64_t count, const SCALAR *source,
                                      const SCALAR *source_end, SCALAR *target) {
  for (const ck_line *line = lines; line < lines + count; line++) {
    const SCALAR *const from = source + line->source;
    SCALAR *const to = target + line->target;
    // A vector reads one element more than it takes.
    const int64_t safe = (source_end - from) / 2 < line->count ? line->count - 1 : line->count;
    int64_t i = 0;
    for (; i + LANES <= safe; i += LANES) {
      const TYPED(unaligned) *pair = (const TYPED(unaligned) *)(from + 2 * i);
      *(TYPED(unaligned) *)(to + i) = EVEN(pair[0], pair[1]);
    }
#ifdef MASK
    for (; i < line->count; i += LANES) {
      const int64_t left = line->count - i < LANES ? line->count - i : LANES;
      const uint64_t read = ((uint64_t)1 << (2 * left - 1)) - 1;
      const TYPED(vector) low = MASKED_LOAD((MASK)read, from + 2 * i);
      const TYPED(vector) high = MASKED_LOAD((MASK)(read >> LANES), from + 2 * i + LANES);
      MASKED_STORE(to + i, (MASK)((1u << left) - 1), EVEN(low, high));
    }
#else
    for (; i < line->count; i++) to[i] = from[2 * i];
#endif
  }
}

// Adds the bias to the sums of `rows` lines of vectors, and stores the `left` results that a line has.
TARGET INLINE void TYPED(store_lines)(const TYPED(vector) *sum, SCALAR bias, SCALAR *y, int64_t step,
                                      int64_t left, const int rows, const int vectors) {
  UNROLLED for (int i = 0; i < rows; i++)
    UNROLLED for (int j = 0; j < vectors; j++) {
      SCALAR *const target = y + i * step + j * LANES;
      const int64_t count = left - j * LANES;
      const TYPED(vector) result = sum[i * vectors + j] + (bias - (TYPED(vector)){0});
      if (count >= LANES) {
        *(TYPED(unaligned) *)target = result;
      } else if (count > 0) {
#ifdef MASK
        MASKED_STORE(target, (MASK)((1u << count) - 1), result);
#else
        for (int n = 0; n < count; n++) target[n] = result[n];
#endif
      }
    }
}

// `rows` lines of results, as many as these vectors have, from what lies at `x` and `width` apart.
// `height` is that of a kernel whose taps read neighbouring lines, of `tap_count` each: a line is then
// read once for all results that it adds to. 0: any kernel.
TARGET INLINE void TYPED(sum_lines)(const ck_product *p, const SCALAR *a, const SCALAR *x,
                                    int64_t width, SCALAR bias, SCALAR *y, int64_t left,
                                    const int rows, const int vectors, const int height,
                                    const int64_t tap_count) {
  TYPED(vector) sum[8];
  UNROLLED for (int i = 0; i < rows * vectors; i++) sum[i] = (TYPED(vector)){0};
  const ck_term *const end = p->terms + p->depth;
  if (height == 0) {
    for (const ck_term *term = p->terms; term < end; term++) {
      const TYPED(vector) factor = a[term->a] - (TYPED(vector)){0};
      const SCALAR *line = x + term->b;
      UNROLLED for (int i = 0; i < rows; i++)
        UNROLLED for (int j = 0; j < vectors; j++)
          sum[i * vectors + j] += factor * ((const TYPED(unaligned) *)(line + i * width))[j];
    }
  } else {
    for (const ck_term *term = p->terms; term < end; term += height * tap_count) {
      const SCALAR *factors = a + term->a;
      UNROLLED for (int line = 0; line < rows + height - 1; line++)
        for (int64_t tap = 0; tap < tap_count; tap++) {
          const SCALAR *place = x + line * width + term[tap].b;
          TYPED(vector) seen[8];
          UNROLLED for (int j = 0; j < vectors; j++)
            seen[j] = ((const TYPED(unaligned) *)place)[j];
          UNROLLED for (int i = 0; i < rows; i++)
            if (line - i >= 0 && line - i < height) {
              const TYPED(vector) factor =
                  factors[(line - i) * tap_count + tap] - (TYPED(vector)){0};
              UNROLLED for (int j = 0; j < vectors; j++) sum[i * vectors + j] += factor * seen[j];
            }
        }
    }
  }
  TYPED(store_lines)(sum, bias, y, p->axes[1].output_step, left, rows, vectors);
}

#define LINES(rows, vectors)                                                                \
  for (; y + rows <= count; y += rows)                                                      \
  TYPED(sum_lines)                                                                          \
  (p, a, copy + y * width, width, bias, target + y * p->axes[1].output_step, left, rows, vectors, \
   height, tap_count)

// `count` lines of results: a column of vectors. Returns how many results of a line that is.
TARGET INLINE int64_t TYPED(sum_column)(const ck_product *p, const SCALAR *a, const SCALAR *copy,
                                        int64_t width, SCALAR bias, SCALAR *target, int64_t left,
                                        int64_t count, const int height, const int64_t tap_count) {
  int64_t y = 0;
  if (count < 4 && left > 4 * LANES) {
    LINES(1, 8);
    return 8 * LANES;
  }
  if (count < 4 && left > 2 * LANES) {
    LINES(1, 4);
    return 4 * LANES;
  }
  if (left > LANES) {
    LINES(4, 2);
    LINES(2, 2);
    LINES(1, 2);
    return 2 * LANES;
  }
  LINES(8, 1);
  LINES(4, 1);
  LINES(2, 1);
  LINES(1, 1);
  return LANES;
}
#undef LINES

#define COLUMN(name, height, tap_count)                                                     \
  TARGET static int64_t TYPED(name)(const ck_product *p, const SCALAR *a, const SCALAR *copy, \
                                    int64_t width, SCALAR bias, SCALAR *target,             \
                                    int64_t left, int64_t count) {                          \
    return TYPED(sum_column)(p, a, copy, width, bias, target, left, count, height, tap_count); \
  }
COLUMN(sum_any, 0, 0)
COLUMN(sum_3_by_3, 3, 3)
COLUMN(sum_5_high, 5, p->axes[2].taps)
COLUMN(sum_7_high, 7, p->axes[2].taps)
#undef COLUMN

// The operands of product `i` of a series.
TARGET static OPERANDS TYPED(operands_of)(const ck_product *p, const SERIES *series, int64_t i) {
  const int64_t group = i % series->period;
  return (OPERANDS){
      .a = series->first.a + group * series->a_step,
      .b = series->first.b + i * p->source_count,
      .bias = series->first.bias ? series->first.bias + group * series->bias_step : 0,
      .c = series->first.c + i * series->c_step,
  };
}

#ifdef MASK
#include "DepthwiseInPlace.h"
#endif

TARGET static void TYPED(depthwise)(const ck_product *p, const SERIES *series, int64_t begin,
                                   int64_t end, int64_t block, void *scratch) {
#ifdef MASK
  if (ck_depthwise_in_place(p)) {
    TYPED(depthwise_in_place)(p, series, begin, end, block, scratch);
    return;
  }
#endif
  int64_t place[3], length[3];
  const int64_t target = place_block(p, block, place, length);
  ck_line *const lines = scratch;
  const int64_t line_count = find_lines(p, place, lines);
  SCALAR *const copies = (SCALAR *)(lines + line_limit(p));

  const int64_t width = p->axes[2].band_count * p->axes[2].band_length;
  const int64_t height = p->axes[1].band_count * p->axes[1].band_length;
  const int64_t channels = p->depth / p->taps, size = channels * p->channel_size;
  const int64_t at_once = copies_at_once(p, end - begin, SCALAR_BYTES);
  for (int64_t i = 0; i < at_once * size + CK_SLACK / SCALAR_BYTES; i++) copies[i] = 0;

  const int64_t kernel = reads_neighbouring_lines(p, width) ? p->axes[1].taps : 0;
  int64_t (*const sum)(const ck_product *, const SCALAR *, const SCALAR *, int64_t, SCALAR, SCALAR *,
                       int64_t, int64_t) =
      kernel == 3 && p->axes[2].taps == 3 ? TYPED(sum_3_by_3)
      : kernel == 5                       ? TYPED(sum_5_high)
      : kernel == 7                       ? TYPED(sum_7_high)
                                          : TYPED(sum_any);
  for (int64_t first = begin; first < end; first += at_once) {
    const int64_t some = least(at_once, end - first);
    for (int64_t i = 0; i < some; i++) {
      const SCALAR *const all = TYPED(operands_of)(p, series, first + i).b;
      for (int64_t c = 0; c < channels; c++) {
        const SCALAR *const source = all + c * p->channel_step;
        const SCALAR *const source_end = all + p->source_count;
        SCALAR *const copy = copies + i * size + c * p->channel_size;
        if (p->axes[2].stride == 1) {
          TYPED(copy_lines)(lines, line_count, source, copy);
        } else if (p->axes[2].stride == 2) {
          TYPED(copy_halves)(lines, line_count, source, source_end, copy);
        } else {
          for (const ck_line *line = lines; line < lines + line_count; line++)
            for (int64_t j = 0; j < line->count; j++)
              copy[line->target + j] = source[line->source + j * p->axes[2].stride];
        }
      }
    }
    for (int64_t i = 0; i < some; i++) {
      const OPERANDS o = TYPED(operands_of)(p, series, first + i);
      for (int64_t row = 0; row < p->rows; row++)
        for (int64_t z = 0; z < length[0]; z++)
          for (int64_t x = 0; x < length[2];)
            x += sum(p, o.a + row * p->a_row_stride, copies + i * size + z * height * width + x, width,
                     o.bias ? o.bias[row] : 0,
                     o.c + row * p->c_row_stride + target + z * p->axes[0].output_step + x,
                     length[2] - x, length[1]);
    }
  }
}

#undef INLINE
#undef UNROLLED
