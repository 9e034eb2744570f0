// One variant of the reductions, included by InstructionSets.h; NAME and TARGET as in Variant.h.
// Everything is added up in Float64, in an order that depends on sizes alone.

// `width` columns at a time, whose results so far stay in registers.
#define BLOCK(width, term, combined)                                           \
  for (; c + (width) <= columns; c += (width)) {                               \
    double results[width];                                                     \
    for (int j = 0; j < (width); j++) results[j] = y[c + j];                   \
    for (int64_t r = 0; r < rows; r++) {                                       \
      const float *in = x + r * row_stride + c;                                \
      for (int j = 0; j < (width); j++) {                                      \
        const double a = in[j] - shift, t = results[j], u = (term);            \
        results[j] = (combined);                                               \
      }                                                                        \
    }                                                                          \
    for (int j = 0; j < (width); j++) y[c + j] = results[j];                   \
  }

// `term` says what of an element a is reduced, `combined` how two terms t and u become one.
#define REDUCTION(name, term, combined)                                        \
  TARGET static void NAME(name##_rows)(int64_t rows, int64_t columns,          \
                                       const float *restrict x,                \
                                       int64_t row_stride, double shift,       \
                                       double *restrict y) {                   \
    int64_t c = 0;                                                             \
    BLOCK(LANES, term, combined)                                               \
    BLOCK(8, term, combined)                                                   \
    BLOCK(1, term, combined)                                                   \
  }                                                                            \
                                                                               \
  TARGET static double NAME(name##_line)(int64_t columns, const float *x,      \
                                         double shift, double start) {         \
    double y = start;                                                          \
    const int64_t rows = columns / LANES;                                      \
    if (rows > 0) {                                                            \
      double lanes[LANES];                                                     \
      for (int j = 0; j < LANES; j++) lanes[j] = start;                        \
      NAME(name##_rows)(rows, LANES, x, LANES, shift, lanes);                  \
      for (int half = LANES / 2; half > 0; half /= 2) {                        \
        for (int j = 0; j < half; j++) {                                       \
          const double t = lanes[j], u = lanes[j + half];                      \
          lanes[j] = (combined);                                               \
        }                                                                      \
      }                                                                        \
      const double t = y, u = lanes[0];                                        \
      y = (combined);                                                          \
    }                                                                          \
    for (int64_t j = rows * LANES; j < columns; j++) {                         \
      const double a = x[j] - shift, t = y, u = (term);                        \
      y = (combined);                                                          \
    }                                                                          \
    return y;                                                                  \
  }

REDUCTION(sum, a, t + u)
REDUCTION(sum_magnitudes, __builtin_fabs(a), t + u)
REDUCTION(sum_squares, a *a, t + u)
// What is no number stays.
REDUCTION(largest, a, u > t || u != u ? u : t)
REDUCTION(smallest, a, u < t || u != u ? u : t)

#undef REDUCTION
#undef BLOCK

#define EACH_REDUCTION                                                         \
  switch (reduction) {                                                         \
    case CK_SUM: APPLY(sum, 0)                                                 \
    case CK_SUM_MAGNITUDES: APPLY(sum_magnitudes, 0)                           \
    case CK_SUM_SQUARES: APPLY(sum_squares, 0)                                 \
    case CK_LARGEST: APPLY(largest, -__builtin_inf())                          \
    case CK_SMALLEST: APPLY(smallest, __builtin_inf())                         \
  }

#define APPLY(name, start)                                                     \
  for (int64_t j = 0; j < columns; j++) results[j] = (start);                  \
  NAME(name##_rows)(rows, columns, x, row_stride, 0, results);                 \
  return;

TARGET static void NAME(reduce_rows)(ck_reduction reduction, int64_t rows, int64_t columns,
                                     const float *x, int64_t row_stride, double *results) {
  EACH_REDUCTION
}

#undef APPLY
#define APPLY(name, start)                                                     \
  for (int64_t i = 0; i < lines; i++)                                          \
    results[i] = NAME(name##_line)(columns, x + i * line_stride, 0, (start));  \
  return;

TARGET static void NAME(reduce_lines)(ck_reduction reduction, int64_t lines, int64_t columns,
                                      const float *x, int64_t line_stride, double *results) {
  EACH_REDUCTION
}

#undef APPLY
#undef EACH_REDUCTION

TARGET static void NAME(weighted_lines)(int64_t lines, int64_t columns, const void *x,
                                        const double *restrict factors,
                                        double *restrict results) {
  enum { WIDTH = 8 };
  const char *place = x;
  for (int64_t i = 0; i < lines; i++) {
    double lanes[WIDTH] = {0}, sum = 0;
    float elements[WIDTH];
    int64_t j = 0;
    for (; j + WIDTH <= columns; j += WIDTH, place += sizeof(elements)) {
      memcpy(elements, place, sizeof(elements));
      for (int k = 0; k < WIDTH; k++) lanes[k] += elements[k] * factors[j + k];
    }
    for (int k = 0; k < WIDTH; k++) sum += lanes[k];
    for (; j < columns; j++, place += sizeof(float)) {
      memcpy(elements, place, sizeof(float));
      sum += elements[0] * factors[j];
    }
    results[i] = sum;
  }
}

TARGET static void NAME(line_moments)(int64_t lines, int64_t columns, const float *x,
                                      int64_t line_stride, double *means, double *variances) {
  for (int64_t i = 0; i < lines; i++) {
    const float *line = x + i * line_stride;
    means[i] = NAME(sum_line)(columns, line, 0, 0) / (double)columns;
    variances[i] = NAME(sum_squares_line)(columns, line, means[i], 0) / (double)columns;
  }
}

TARGET static void NAME(normalize_lines)(int64_t lines, int64_t columns, const float *x,
                                         double epsilon, int32_t subtracts_mean,
                                         const float *restrict scale, const float *restrict bias,
                                         float *restrict y) {
  for (int64_t i = 0; i < lines; i++, x += columns, y += columns) {
    double mean = 0, variance;
    if (subtracts_mean)
      NAME(line_moments)(1, columns, x, columns, &mean, &variance);
    else
      variance = NAME(sum_squares_line)(columns, x, 0, 0) / (double)columns;
    const double inverse = 1 / __builtin_sqrt(variance + epsilon);
    if (bias) {
      for (int64_t j = 0; j < columns; j++) {
        const float value = (float)((x[j] - mean) * inverse);
        y[j] = value * scale[j] + bias[j];
      }
    } else {
      for (int64_t j = 0; j < columns; j++)
        y[j] = (float)((x[j] - mean) * inverse) * scale[j];
    }
  }
}
