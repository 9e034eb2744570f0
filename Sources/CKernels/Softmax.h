// One variant of softmax, included by InstructionSets.h.

// The result may replace what it is made of.
#define IN_PLACE _Pragma("clang loop vectorize(assume_safety)")

// Along rows: `BLOCK` columns at a time, whose largest elements and sums stay in the level-1 cache.
TARGET static void NAME(softmax_rows)(int64_t rows, int64_t columns, const float *x,
                                      int64_t x_stride, float *y, int64_t y_stride,
                                      int32_t is_logarithm) {
  enum { BLOCK = 128 };
  float largest[BLOCK], total[BLOCK];
  for (int64_t c = 0; c < columns; c += BLOCK) {
    const int64_t width = columns - c < BLOCK ? columns - c : BLOCK;
    for (int64_t j = 0; j < width; j++) {
      largest[j] = x[c + j];
      total[j] = 0;
    }
    for (int64_t i = 1; i < rows; i++) {
      const float *in = x + i * x_stride + c;
      for (int64_t j = 0; j < width; j++) largest[j] = in[j] > largest[j] ? in[j] : largest[j];
    }
    for (int64_t i = 0; i < rows; i++) {
      const float *in = x + i * x_stride + c;
      float *out = y + i * y_stride + c;
      if (is_logarithm) {
        IN_PLACE for (int64_t j = 0; j < width; j++) total[j] += decay(in[j] - largest[j]);
      } else {
        IN_PLACE for (int64_t j = 0; j < width; j++) {
          out[j] = decay(in[j] - largest[j]);
          total[j] += out[j];
        }
      }
    }
    if (is_logarithm) {
      for (int64_t j = 0; j < width; j++) total[j] = logarithm(total[j]);
    } else {
      for (int64_t j = 0; j < width; j++) total[j] = 1 / total[j];
    }
    for (int64_t i = 0; i < rows; i++) {
      const float *in = x + i * x_stride + c;
      float *out = y + i * y_stride + c;
      if (is_logarithm) {
        IN_PLACE for (int64_t j = 0; j < width; j++) out[j] = in[j] - largest[j] - total[j];
      } else {
        IN_PLACE for (int64_t j = 0; j < width; j++) out[j] *= total[j];
      }
    }
  }
}

#undef IN_PLACE

// What is infinite (or no number) is not subtracted: the sum of the exponentials says the rest.
TARGET static void NAME(log_sum_exp_rows)(int64_t rows, int64_t columns, const float *x,
                                          int64_t row_stride, float *restrict y) {
  enum { BLOCK = 128 };
  float largest[BLOCK], total[BLOCK];
  for (int64_t c = 0; c < columns; c += BLOCK) {
    const int64_t width = columns - c < BLOCK ? columns - c : BLOCK;
    for (int64_t j = 0; j < width; j++) {
      largest[j] = x[c + j];
      total[j] = 0;
    }
    for (int64_t i = 1; i < rows; i++) {
      const float *in = x + i * row_stride + c;
      for (int64_t j = 0; j < width; j++) largest[j] = in[j] > largest[j] ? in[j] : largest[j];
    }
    for (int64_t j = 0; j < width; j++)
      largest[j] = __builtin_fabsf(largest[j]) <= 3.40282347e+38f ? largest[j] : 0;
    for (int64_t i = 0; i < rows; i++) {
      const float *in = x + i * row_stride + c;
      for (int64_t j = 0; j < width; j++) {
        const float d = in[j] - largest[j];
        total[j] += d > 0 ? d : decay(d);
      }
    }
    for (int64_t j = 0; j < width; j++) y[c + j] = largest[j] + logarithm(total[j]);
  }
}

// Partial results in lanes, whose order depends on the length alone: twice those of the widest vector,
// because one chain of dependent instructions would leave half of the processor idle.
enum { NAME(LANES) = 32 };

// Lines are at least as long as there are lanes; the last lanes of a line overlap those before them.
INLINE TARGET float NAME(largest_of_line)(int64_t columns, const float *in) {
  enum { LANES = NAME(LANES) };
  float largest[LANES];
  for (int j = 0; j < LANES; j++) largest[j] = in[columns - LANES + j];
  for (int64_t i = 0; i + LANES <= columns; i += LANES)
    for (int j = 0; j < LANES; j++) largest[j] = in[i + j] > largest[j] ? in[i + j] : largest[j];
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++)
      largest[j] = largest[j + half] > largest[j] ? largest[j + half] : largest[j];
  return largest[0];
}

// The sum of the exponentials of what is less than `top` by how much, which go to `out` if need be.
INLINE TARGET float NAME(decays_of_line)(int64_t columns, const float *restrict in, float top,
                                         float *restrict out, int keeps) {
  enum { LANES = NAME(LANES) };
  const int64_t whole = columns / LANES * LANES;
  float total[LANES];
  for (int j = 0; j < LANES; j++) total[j] = 0;
  for (int64_t i = 0; i < whole; i += LANES)
    for (int j = 0; j < LANES; j++) {
      const float e = decay(in[i + j] - top);
      if (keeps) out[i + j] = e;
      total[j] += e;
    }
  if (whole < columns) {
    const int64_t last = columns - LANES;
    for (int j = 0; j < LANES; j++) {
      const float e = decay(in[last + j] - top);
      const int is_new = last + j >= whole;
      if (keeps) out[last + j] = is_new ? e : out[last + j];
      total[j] += is_new ? e : 0;
    }
  }
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++) total[j] += total[j + half];
  return total[0];
}

TARGET static void NAME(softmax_lines)(int64_t lines, int64_t columns, const float *x, float *y,
                                       int32_t is_logarithm) {
  for (int64_t l = 0; l < lines; l++, x += columns, y += columns) {
    const float top = NAME(largest_of_line)(columns, x);
    if (is_logarithm) {
      const float all = logarithm(NAME(decays_of_line)(columns, x, top, y, 0));
      for (int64_t i = 0; i < columns; i++) y[i] = x[i] - top - all;
    } else {
      const float inverse = 1 / NAME(decays_of_line)(columns, x, top, y, 1);
      for (int64_t i = 0; i < columns; i++) y[i] *= inverse;
    }
  }
}

TARGET static void NAME(log_sum_exp_lines)(int64_t lines, int64_t columns, const float *x,
                                           float *y) {
  for (int64_t l = 0; l < lines; l++, x += columns) {
    const float top = columns < NAME(LANES) ? __builtin_inff() : NAME(largest_of_line)(columns, x);
    if (__builtin_fabsf(top) <= 3.40282347e+38f)
      y[l] = top + logarithm(NAME(decays_of_line)(columns, x, top, y, 0));
    else
      NAME(log_sum_exp_rows)(columns, 1, x, 1, y + l);
  }
}
