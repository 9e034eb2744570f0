// One variant of the pools of planes, included by InstructionSets.h.
//
// A row of results comes in two steps: what the window's rows make of each column goes to a line, which
// is padded on both sides, and from there the window's columns make results. The last vector of either
// overlaps the one before it.

typedef int32_t NAME(choice) __attribute__((vector_size(32)));

#define LARGER(a, b) LARGER_OF(eight, NAME(choice), a, b)
#define LARGER_ONE(a, b) ((a) > (b) || (a) != (a) ? (a) : (b))
#define SUM(a, b) ((a) + (b))

// Eight elements, one or two apart.
#define EIGHT(from, stride) ((stride) == 1 ? *(const unaligned_eight *)(from) : EVEN(from))
#define EVEN(from)                                                                        \
  __builtin_shufflevector(((const unaligned_eight *)(from))[0],                           \
                          ((const unaligned_eight *)(from))[1], 0, 2, 4, 6, 8, 10, 12, 14)

// What `count` rows of the input make of each column.
#define DOWN(combine, count)                                                            \
  for (int64_t j = 0; j < p->width; j += LANES) {                                       \
    const int64_t c = p->width - j < LANES ? p->width - LANES : j;                      \
    eight best = *(const unaligned_eight *)(in + c);                                    \
    for (int64_t r = 1; r < (count); r++) {                                             \
      const eight next = *(const unaligned_eight *)(in + r * p->width + c);             \
      best = combine(next, best);                                                       \
    }                                                                                   \
    *(unaligned_eight *)(middle + c) = best;                                            \
  }

// The windows of a row of results, with numbers that the compiler may know.
#define PLANES(combine, combine_one, outside, finish, finish_one)                       \
  enum { LANES = 8 };                                                                   \
  const int64_t reach = (p->columns - 1) * stride + kernel_columns;                     \
  for (int64_t j = 0; j < p->left; j++) line[j] = (outside);                            \
  for (int64_t j = p->left + p->width; j < reach; j++) line[j] = (outside);             \
  float *const middle = line + p->left;                                                 \
  for (int64_t plane = 0; plane < planes; plane++, x += p->height * p->width)           \
    for (int64_t i = 0; i < p->rows; i++, y += p->columns) {                            \
      const int64_t top = i * p->row_stride - p->above;                                 \
      const int64_t first = top < 0 ? 0 : top;                                          \
      const int64_t end = top + kernel_rows < p->height ? top + kernel_rows : p->height;\
      const float *const in = x + first * p->width;                                     \
      if (end - first == kernel_rows) {                                                 \
        DOWN(combine, kernel_rows)                                                      \
      } else {                                                                          \
        DOWN(combine, end - first)                                                      \
      }                                                                                 \
      if (stride > 2) {                                                                 \
        for (int64_t j = 0; j < p->columns; j++) {                                      \
          float best = line[j * stride];                                                \
          for (int64_t k = 1; k < kernel_columns; k++) {                                \
            const float next = line[j * stride + k];                                    \
            best = combine_one(next, best);                                             \
          }                                                                             \
          y[j] = finish_one(best);                                                      \
        }                                                                               \
        continue;                                                                       \
      }                                                                                 \
      for (int64_t j = 0; j < p->columns; j += LANES) {                                 \
        const int64_t c = p->columns - j < LANES ? p->columns - LANES : j;              \
        const float *const from = line + c * stride;                                    \
        eight best = EIGHT(from, stride);                                               \
        for (int64_t k = 1; k < kernel_columns; k++) {                                  \
          const eight next = EIGHT(from + k, stride);                                   \
          best = combine(next, best);                                                   \
        }                                                                               \
        *(unaligned_eight *)(y + c) = finish(best);                                     \
      }                                                                                 \
    }

TARGET static inline __attribute__((always_inline)) void NAME(max_of)(
    const ck_pool *p, int64_t kernel_rows, int64_t kernel_columns, int64_t stride, int64_t planes,
    const float *x, float *line, float *y) {
#define ITSELF(a) (a)
  PLANES(LARGER, LARGER_ONE, -__builtin_inff(), ITSELF, ITSELF)
#undef ITSELF
}

TARGET static inline __attribute__((always_inline)) void NAME(average_of)(
    const ck_pool *p, int64_t kernel_rows, int64_t kernel_columns, int64_t stride, int64_t planes,
    const float *x, const float *row_counts, const float *column_counts, float *line, float *y) {
#define MEAN(a) ((a) / (row_counts[i] * *(const unaligned_eight *)(column_counts + c)))
#define MEAN_ONE(a) ((a) / (row_counts[i] * column_counts[j]))
  PLANES(SUM, SUM, 0, MEAN, MEAN_ONE)
#undef MEAN
#undef MEAN_ONE
}

// The windows that networks have are compiled with their sizes.
#define WINDOWS(function, ...)                                                             \
  const int64_t rows = p->kernel_rows, columns = p->kernel_columns;                        \
  const int64_t stride = p->column_stride;                                                 \
  if (rows == 3 && columns == 3 && stride == 1) {                                          \
    function(p, 3, 3, 1, __VA_ARGS__);                                                     \
  } else if (rows == 3 && columns == 3 && stride == 2) {                                   \
    function(p, 3, 3, 2, __VA_ARGS__);                                                     \
  } else if (rows == 2 && columns == 2 && stride == 2) {                                   \
    function(p, 2, 2, 2, __VA_ARGS__);                                                     \
  } else {                                                                                 \
    function(p, rows, columns, stride, __VA_ARGS__);                                       \
  }

TARGET static void NAME(max_pool)(const ck_pool *p, int64_t planes, const float *x, float *line,
                                  float *y) {
  WINDOWS(NAME(max_of), planes, x, line, y)
}

TARGET static void NAME(average_pool)(const ck_pool *p, int64_t planes, const float *x,
                                      const float *row_counts, const float *column_counts,
                                      float *line, float *y) {
  WINDOWS(NAME(average_of), planes, x, row_counts, column_counts, line, y)
}

#undef WINDOWS
#undef DOWN
#undef LARGER
#undef LARGER_ONE
#undef SUM
#undef PLANES
#undef EIGHT
#undef EVEN
