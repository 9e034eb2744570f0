// One variant of the moments kernel, included by InstructionSets.h; NAME and TARGET as in Variant.h.

TARGET static void NAME(moments)(int64_t rows, int64_t columns, const float *restrict x,
                                 int64_t row_stride, const float *restrict shift,
                                 double *restrict sums, double *restrict squares) {
  // As many columns at a time as the running sums of both kinds have registers for.
  enum { WIDTH = 16 };
  int64_t c = 0;
  for (; c + WIDTH <= columns; c += WIDTH) {
    double k[WIDTH], s[WIDTH], q[WIDTH];
    for (int j = 0; j < WIDTH; j++) {
      k[j] = shift[c + j];
      s[j] = q[j] = 0;
    }
    for (int64_t r = 0; r < rows; r++) {
      const float *in = x + r * row_stride + c;
      for (int j = 0; j < WIDTH; j++) {
        const double d = in[j] - k[j];
        s[j] += d;
        q[j] += d * d;
      }
    }
    for (int j = 0; j < WIDTH; j++) {
      sums[c + j] = s[j];
      squares[c + j] = q[j];
    }
  }
  for (; c < columns; c++) {
    const double k = shift[c];
    double s = 0, q = 0;
    for (int64_t r = 0; r < rows; r++) {
      const double d = x[r * row_stride + c] - k;
      s += d;
      q += d * d;
    }
    sums[c] = s;
    squares[c] = q;
  }
}
