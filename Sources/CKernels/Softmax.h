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

// Along lines. Sixteen partial results, whose order depends on the length alone.
TARGET static void NAME(softmax_lines)(int64_t lines, int64_t columns, const float *x, float *y,
                                       int32_t is_logarithm) {
  enum { LANES = 16 };
  for (int64_t l = 0; l < lines; l++, x += columns, y += columns) {
    const float *restrict in = x;
    float *restrict out = y;
    const int64_t whole = columns / LANES * LANES;
    float largest[LANES], total[LANES];
    for (int j = 0; j < LANES; j++) {
      largest[j] = in[0];
      total[j] = 0;
    }
    for (int64_t i = 0; i < whole; i += LANES)
      for (int j = 0; j < LANES; j++) largest[j] = in[i + j] > largest[j] ? in[i + j] : largest[j];
    float top = in[0];
    for (int j = 0; j < LANES; j++) top = largest[j] > top ? largest[j] : top;
    for (int64_t i = whole; i < columns; i++) top = in[i] > top ? in[i] : top;
    if (is_logarithm) {
      for (int64_t i = 0; i < whole; i += LANES)
        for (int j = 0; j < LANES; j++) total[j] += decay(in[i + j] - top);
    } else {
      for (int64_t i = 0; i < whole; i += LANES)
        for (int j = 0; j < LANES; j++) {
          const float e = decay(in[i + j] - top);
          out[i + j] = e;
          total[j] += e;
        }
    }
    // The rest is filled up with what becomes zero.
    float rest[LANES];
    for (int j = 0; j < LANES; j++)
      rest[j] = whole + j < columns ? in[whole + j] : -__builtin_inff();
    for (int j = 0; j < LANES; j++) rest[j] = decay(rest[j] - top);
    for (int j = 0; j < LANES; j++) total[j] += rest[j];
    if (!is_logarithm)
      for (int64_t i = whole; i < columns; i++) out[i] = rest[i - whole];
    for (int half = LANES / 2; half > 0; half /= 2)
      for (int j = 0; j < half; j++) total[j] += total[j + half];
    if (is_logarithm) {
      const float logarithm_of_total = logarithm(total[0]);
      for (int64_t i = 0; i < columns; i++) out[i] = in[i] - top - logarithm_of_total;
    } else {
      const float inverse = 1 / total[0];
      for (int64_t i = 0; i < columns; i++) out[i] *= inverse;
    }
  }
}
