// One variant of the copies, included by InstructionSets.h.

// y[i y_stride + j] = x[i + j x_stride] for an 8 x 8 square.
TARGET static inline void NAME(transpose_square)(const float *x, int64_t x_stride, float *y,
                                                 int64_t y_stride) {
#define LINE(i) const eight a##i = *(const unaligned_eight *)(x + i * x_stride);
  LINE(0) LINE(1) LINE(2) LINE(3) LINE(4) LINE(5) LINE(6) LINE(7)
#undef LINE
  // Pairs of elements, then of pairs, then of halves.
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
  const eight b0 = LOW(a0, a1), b1 = HIGH(a0, a1), b2 = LOW(a2, a3), b3 = HIGH(a2, a3);
  const eight b4 = LOW(a4, a5), b5 = HIGH(a4, a5), b6 = LOW(a6, a7), b7 = HIGH(a6, a7);
#undef LOW
#undef HIGH
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
  const eight c0 = LOW(b0, b2), c1 = HIGH(b0, b2), c2 = LOW(b1, b3), c3 = HIGH(b1, b3);
  const eight c4 = LOW(b4, b6), c5 = HIGH(b4, b6), c6 = LOW(b5, b7), c7 = HIGH(b5, b7);
#undef LOW
#undef HIGH
#define LINES(i, j, a, b)                                                      \
  *(unaligned_eight *)(y + i * y_stride) =                                     \
      __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11);                 \
  *(unaligned_eight *)(y + j * y_stride) =                                     \
      __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  LINES(0, 4, c0, c4)
  LINES(1, 5, c1, c5)
  LINES(2, 6, c2, c6)
  LINES(3, 7, c3, c7)
#undef LINES
}

// y[i y_stride + j] = x[i + j x_stride]
TARGET static void NAME(transpose)(int64_t rows, int64_t columns, const float *x, int64_t x_stride,
                                   float *restrict y, int64_t y_stride) {
  enum { SQUARE = 8, LINE = 16 };
  const int64_t bottom = rows / SQUARE * SQUARE;
  int64_t c = 0;
  // Whole cache lines of the result at a time.
  for (; c + LINE <= columns; c += LINE)
    for (int64_t r = 0; r < bottom; r += SQUARE)
      for (int64_t d = c; d < c + LINE; d += SQUARE)
        NAME(transpose_square)(x + r + d * x_stride, x_stride, y + r * y_stride + d, y_stride);
  for (; c + SQUARE <= columns; c += SQUARE)
    for (int64_t r = 0; r < bottom; r += SQUARE)
      NAME(transpose_square)(x + r + c * x_stride, x_stride, y + r * y_stride + c, y_stride);
  for (int64_t i = 0; i < bottom; i++)
    for (int64_t j = c; j < columns; j++) y[i * y_stride + j] = x[i + j * x_stride];
  for (int64_t i = bottom; i < rows; i++)
    for (int64_t j = 0; j < columns; j++) y[i * y_stride + j] = x[i + j * x_stride];
}

#define JOIN_LINES(count)                                                      \
  case count:                                                                  \
    for (int64_t i = 0; i < rows; i++)                                         \
      for (int64_t j = 0; j < (count); j++)                                    \
        y[i * (count) + j] = x[i + j * x_column_stride];                       \
    return;

#define PART_LINES(count)                                                      \
  case count:                                                                  \
    for (int64_t i = 0; i < rows; i++)                                         \
      for (int64_t j = 0; j < columns; j++)                                    \
        y[i * y_row_stride + j] = x[i + j * (count)];                          \
    return;

TARGET static void NAME(copy_words)(int64_t rows, int64_t columns, const float *x,
                                    int64_t x_row_stride, int64_t x_column_stride,
                                    float *restrict y, int64_t y_row_stride) {
  if (x_row_stride == 1) {
    // Few lines that become one, and the reverse: written as vectors.
    if (y_row_stride == columns) switch (columns) {
        JOIN_LINES(2)
        JOIN_LINES(3)
        JOIN_LINES(4)
      }
    if (rows < 8) switch (x_column_stride) {
        PART_LINES(2)
        PART_LINES(3)
        PART_LINES(4)
      }
    NAME(transpose)(rows, columns, x, x_column_stride, y, y_row_stride);
    return;
  }
  if (x_column_stride == 0) {
    for (int64_t i = 0; i < rows; i++) {
      const float a = x[i * x_row_stride];
      for (int64_t j = 0; j < columns; j++) y[i * y_row_stride + j] = a;
    }
    return;
  }
  if (x_column_stride == 2) {
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < columns; j++)
        y[i * y_row_stride + j] = x[i * x_row_stride + j * 2];
    return;
  }
  // Squares whose lines of both sides fit the level-1 cache.
  enum { SIDE = 16 };
  for (int64_t c = 0; c < columns; c += SIDE) {
    const int64_t right = columns - c < SIDE ? columns : c + SIDE;
    for (int64_t r = 0; r < rows; r += SIDE) {
      const int64_t bottom = rows - r < SIDE ? rows : r + SIDE;
      for (int64_t i = r; i < bottom; i++)
        for (int64_t j = c; j < right; j++)
          y[i * y_row_stride + j] = x[i * x_row_stride + j * x_column_stride];
    }
  }
}

#undef JOIN_LINES
#undef PART_LINES

// Runs of equal elements: each is repeated `factor` times.
#define REPEAT(factor)                                                         \
  case factor:                                                                 \
    for (int64_t j = 0; j < columns; j++)                                      \
      for (int64_t k = 0; k < (factor); k++) y[j * (factor) + k] = x[j];       \
    return;

TARGET static void NAME(repeat)(int64_t columns, int64_t factor, const float *x,
                                float *restrict y) {
  switch (factor) {
    REPEAT(2)
    REPEAT(3)
    REPEAT(4)
    REPEAT(8)
    default:
      for (int64_t j = 0; j < columns; j++)
        for (int64_t k = 0; k < factor; k++) y[j * factor + k] = x[j];
  }
}

#undef REPEAT
