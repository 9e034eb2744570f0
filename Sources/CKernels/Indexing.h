// One variant of the kernels that look elements up by index, included by InstructionSets.h.

#define EACH_SIZE                                                              \
  switch (size) {                                                              \
    case 1: EACH(uint8_t)                                                      \
    case 2: EACH(uint16_t)                                                     \
    case 4: EACH(uint32_t)                                                     \
    case 8: EACH(uint64_t)                                                     \
    default: EACH(pair)                                                        \
  }

#define EACH(type)                                                             \
  {                                                                            \
    const type *in = x;                                                        \
    type *restrict out = y;                                                    \
    for (int64_t j = 0; j < count; j++) {                                      \
      const int64_t given = indices[j];                                        \
      const int64_t i = given < 0 ? given + limit : given;                     \
      const int fits = (uint64_t)i < (uint64_t)limit;                          \
      outside |= !fits;                                                        \
      out[j] = in[j * side_stride + (fits ? i : 0) * stride];                  \
    }                                                                          \
    break;                                                                     \
  }

TARGET static void NAME(gather)(int64_t size, int64_t count, const void *x, int64_t side_stride,
                                int64_t stride, int64_t limit, const int64_t *restrict indices,
                                void *y, int32_t *is_inside) {
  int outside = 0;
  EACH_SIZE
  *is_inside = !outside;
}

#undef EACH
#define EACH(type)                                                             \
  {                                                                            \
    const type *restrict in = x;                                               \
    type *out = y;                                                             \
    for (int64_t j = 0; j < count; j++) {                                      \
      const int64_t given = indices[j];                                        \
      const int64_t i = given < 0 ? given + limit : given;                     \
      if ((uint64_t)i < (uint64_t)limit)                                       \
        out[j * side_stride + i * stride] = in[j];                             \
      else                                                                     \
        outside = 1;                                                           \
    }                                                                          \
    break;                                                                     \
  }

TARGET static void NAME(scatter)(int64_t size, int64_t count, const void *x, int64_t side_stride,
                                 int64_t stride, int64_t limit, const int64_t *restrict indices,
                                 void *y, int32_t *is_inside) {
  int outside = 0;
  EACH_SIZE
  *is_inside = !outside;
}

#undef EACH
#undef EACH_SIZE

TARGET static void NAME(sample)(int64_t taps, int64_t count, const int32_t *restrict places,
                                const float *restrict weights, int64_t planes,
                                const float *restrict x, int64_t x_stride, float *restrict y,
                                int64_t y_stride) {
  for (int64_t plane = 0; plane < planes; plane++, x += x_stride, y += y_stride) {
    for (int64_t j = 0; j < count; j++) y[j] = 0;
    for (int64_t t = 0; t < taps; t++) {
      const int32_t *place = places + t * count;
      const float *weight = weights + t * count;
      for (int64_t j = 0; j < count; j++) {
        const int32_t p = place[j];
        const float value = x[p < 0 ? 0 : p];
        y[j] += weight[j] * (p < 0 ? 0 : value);
      }
    }
  }
}
