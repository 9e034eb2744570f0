// One variant of the search for extreme elements, included by InstructionSets.h. A comparison with
// what is no number is false, so that it is found only where it is the first element.

#define BETTER(candidate, best)                                                \
  (takes_last ? (is_smallest ? (candidate) <= (best) : (candidate) >= (best))  \
              : (is_smallest ? (candidate) < (best) : (candidate) > (best)))

// Down each column. The four loops are the same with what is constant in them resolved.
TARGET static inline __attribute__((always_inline)) void NAME(extreme_rows_of)(
    int64_t rows, int64_t columns, const float *x, int64_t stride, int is_smallest, int takes_last,
    int64_t *y) {
  enum { BLOCK = 256 };
  float best[BLOCK];
  int32_t place[BLOCK];
  for (int64_t c = 0; c < columns; c += BLOCK) {
    const int64_t width = columns - c < BLOCK ? columns - c : BLOCK;
    for (int64_t j = 0; j < width; j++) {
      best[j] = x[c + j];
      place[j] = 0;
    }
    for (int64_t i = 1; i < rows; i++) {
      const float *in = x + i * stride + c;
      for (int64_t j = 0; j < width; j++) {
        const int is_better = BETTER(in[j], best[j]);
        best[j] = is_better ? in[j] : best[j];
        place[j] = is_better ? (int32_t)i : place[j];
      }
    }
    for (int64_t j = 0; j < width; j++) y[c + j] = place[j];
  }
}

TARGET static void NAME(extreme_rows)(int64_t rows, int64_t columns, const float *x,
                                      int64_t stride, int32_t is_smallest, int32_t takes_last,
                                      int64_t *y) {
  if (is_smallest) {
    if (takes_last)
      NAME(extreme_rows_of)(rows, columns, x, stride, 1, 1, y);
    else
      NAME(extreme_rows_of)(rows, columns, x, stride, 1, 0, y);
  } else if (takes_last) {
    NAME(extreme_rows_of)(rows, columns, x, stride, 0, 1, y);
  } else {
    NAME(extreme_rows_of)(rows, columns, x, stride, 0, 0, y);
  }
}

// Along each line: each of sixteen lanes finds its own, and the first (or last) of these is taken.
TARGET static inline __attribute__((always_inline)) void NAME(extreme_lines_of)(
    int64_t lines, int64_t columns, const float *x, int64_t stride, int is_smallest,
    int takes_last, int64_t *y) {
  enum { LANES = 16 };
  for (int64_t l = 0; l < lines; l++) {
    const float *in = x + l * stride;
    float best[LANES];
    int32_t place[LANES];
    for (int j = 0; j < LANES; j++) {
      best[j] = in[0];
      place[j] = 0;
    }
    const int64_t whole = columns / LANES * LANES;
    for (int64_t i = 0; i < whole; i += LANES) {
      for (int j = 0; j < LANES; j++) {
        const float a = in[i + j];
        const int is_better = BETTER(a, best[j]);
        best[j] = is_better ? a : best[j];
        place[j] = is_better ? (int32_t)(i + j) : place[j];
      }
    }
    float top = best[0];
    int64_t found = place[0];
    for (int j = 1; j < LANES; j++) {
      const int is_earlier = takes_last ? place[j] > found : place[j] < found;
      if ((best[j] == top && is_earlier) || (best[j] != top && BETTER(best[j], top))) {
        top = best[j];
        found = place[j];
      }
    }
    for (int64_t i = whole; i < columns; i++) {
      if (BETTER(in[i], top)) {
        top = in[i];
        found = i;
      }
    }
    y[l] = found;
  }
}

TARGET static void NAME(extreme_lines)(int64_t lines, int64_t columns, const float *x,
                                       int64_t stride, int32_t is_smallest, int32_t takes_last,
                                       int64_t *y) {
  if (is_smallest) {
    if (takes_last)
      NAME(extreme_lines_of)(lines, columns, x, stride, 1, 1, y);
    else
      NAME(extreme_lines_of)(lines, columns, x, stride, 1, 0, y);
  } else if (takes_last) {
    NAME(extreme_lines_of)(lines, columns, x, stride, 0, 1, y);
  } else {
    NAME(extreme_lines_of)(lines, columns, x, stride, 0, 0, y);
  }
}

#undef BETTER
