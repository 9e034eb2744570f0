// One variant of the moments kernel, included by InstructionSets.h; NAME and TARGET as in Variant.h.

/// Both sums of the columns from `first` on, `width` at a time as far as there are so many. Returns the first
/// column that is left.
TARGET static inline __attribute__((always_inline)) int64_t NAME(moments_of_columns)(
    const int width, int64_t first, int64_t rows, int64_t columns, const float *restrict x,
    int64_t row_stride, const float *restrict shift, double *restrict sums,
    double *restrict squares) {
  int64_t c = first;
  for (; c + width <= columns; c += width) {
    double k[BYTES / 2], s[BYTES / 2], q[BYTES / 2];
    for (int j = 0; j < width; j++) {
      k[j] = shift[c + j];
      s[j] = q[j] = 0;
    }
    for (int64_t r = 0; r < rows; r++) {
      const float *in = x + r * row_stride + c;
      for (int j = 0; j < width; j++) {
        const double d = in[j] - k[j];
        s[j] += d;
        q[j] += d * d;
      }
    }
    for (int j = 0; j < width; j++) {
      sums[c + j] = s[j];
      squares[c + j] = q[j];
    }
  }
  return c;
}

TARGET static void NAME(moments)(int64_t rows, int64_t columns, const float *restrict x,
                                 int64_t row_stride, const float *restrict shift,
                                 double *restrict sums, double *restrict squares) {
  // Four vectors of sums of both kinds: one alone would wait for each of its additions.
  int64_t c = 0;
  c = NAME(moments_of_columns)(BYTES / 2, c, rows, columns, x, row_stride, shift, sums, squares);
  c = NAME(moments_of_columns)(BYTES / 4, c, rows, columns, x, row_stride, shift, sums, squares);
  c = NAME(moments_of_columns)(BYTES / 8, c, rows, columns, x, row_stride, shift, sums, squares);
  NAME(moments_of_columns)(1, c, rows, columns, x, row_stride, shift, sums, squares);
}
