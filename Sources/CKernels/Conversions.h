// One variant of the conversions, included by InstructionSets.h.

#define EACH(from, to, expression)                                             \
  {                                                                            \
    const from *in = x;                                                        \
    to *restrict out = y;                                                      \
    for (int64_t j = 0; j < count; j++) {                                      \
      const from a = in[j];                                                    \
      out[j] = (to)(expression);                                               \
    }                                                                          \
    return;                                                                    \
  }

TARGET static void NAME(to_double)(ck_type type, int64_t count, const void *x, double *y) {
  switch (type) {
    case CK_FLOAT32: EACH(float, double, a)
    case CK_FLOAT64: EACH(double, double, a)
    case CK_FLOAT16: EACH(uint16_t, double, from_half(a))
    case CK_BFLOAT16: EACH(uint16_t, double, from_brain(a))
    case CK_INT8: EACH(int8_t, double, a)
    case CK_INT16: EACH(int16_t, double, a)
    case CK_INT32: EACH(int32_t, double, a)
    case CK_INT64: EACH(int64_t, double, a)
    case CK_UINT8: EACH(uint8_t, double, a)
    case CK_UINT16: EACH(uint16_t, double, a)
    case CK_UINT32: EACH(uint32_t, double, a)
    case CK_UINT64: EACH(uint64_t, double, a)
    case CK_BOOL: EACH(uint8_t, double, a != 0)
  }
}

TARGET static void NAME(from_double)(ck_type type, int64_t count, const double *x, void *y) {
  switch (type) {
    case CK_FLOAT32: EACH(double, float, a)
    case CK_FLOAT64: EACH(double, double, a)
    case CK_INT8: EACH(double, int8_t, truncated(a))
    case CK_INT16: EACH(double, int16_t, truncated(a))
    case CK_INT32: EACH(double, int32_t, truncated(a))
    case CK_INT64: EACH(double, int64_t, truncated(a))
    case CK_UINT8: EACH(double, uint8_t, truncated(a))
    case CK_UINT16: EACH(double, uint16_t, truncated(a))
    case CK_UINT32: EACH(double, uint32_t, truncated(a))
    case CK_UINT64: EACH(double, uint64_t, truncated_unsigned(a))
    case CK_BOOL: EACH(double, uint8_t, a != 0)
    default: return;
  }
}

TARGET static void NAME(to_integer)(ck_type type, int64_t count, const void *x, int64_t *y) {
  switch (type) {
    case CK_INT8: EACH(int8_t, int64_t, a)
    case CK_INT16: EACH(int16_t, int64_t, a)
    case CK_INT32: EACH(int32_t, int64_t, a)
    case CK_INT64: EACH(int64_t, int64_t, a)
    case CK_UINT8: EACH(uint8_t, int64_t, a)
    case CK_UINT16: EACH(uint16_t, int64_t, a)
    case CK_UINT32: EACH(uint32_t, int64_t, a)
    case CK_UINT64: EACH(uint64_t, int64_t, a)
    case CK_BOOL: EACH(uint8_t, int64_t, a != 0)
    default: return;
  }
}

TARGET static void NAME(from_integer)(ck_type type, int64_t count, const int64_t *x, void *y) {
  switch (type) {
    case CK_INT8: case CK_UINT8: EACH(int64_t, uint8_t, a)
    case CK_INT16: case CK_UINT16: EACH(int64_t, uint16_t, a)
    case CK_INT32: case CK_UINT32: EACH(int64_t, uint32_t, a)
    case CK_INT64: case CK_UINT64: EACH(int64_t, int64_t, a)
    case CK_BOOL: EACH(int64_t, uint8_t, a != 0)
    default: return;
  }
}

// The widest set has instructions for halves, of which what is no number keeps the same bits.
#if BYTES == 64
#define TO_HALF(a) half_bits((_Float16)((a) == (a) ? (a) : __builtin_copysignf(__builtin_nanf(""), a)))
#define FROM_HALF(a) ((float)half_of_bits(a))
#else
#define TO_HALF(a) to_half(a)
#define FROM_HALF(a) from_half(a)
#endif

// Pairs that need no detour.
TARGET static int NAME(convert_directly)(ck_type from, ck_type to, int64_t count, const void *x,
                                         void *y) {
#define DIRECT(source, target, from_type, to_type, expression)                 \
  if (from == source && to == target) {                                        \
    const from_type *in = x;                                                   \
    to_type *restrict out = y;                                                 \
    for (int64_t j = 0; j < count; j++) {                                      \
      const from_type a = in[j];                                               \
      out[j] = (to_type)(expression);                                          \
    }                                                                          \
    return 1;                                                                  \
  }
  DIRECT(CK_FLOAT32, CK_FLOAT16, float, uint16_t, TO_HALF(a))
  DIRECT(CK_FLOAT32, CK_BFLOAT16, float, uint16_t, to_brain(a))
  DIRECT(CK_FLOAT16, CK_FLOAT32, uint16_t, float, FROM_HALF(a))
  DIRECT(CK_BFLOAT16, CK_FLOAT32, uint16_t, float, from_brain(a))
  DIRECT(CK_FLOAT32, CK_FLOAT64, float, double, a)
  DIRECT(CK_FLOAT64, CK_FLOAT32, double, float, a)
  DIRECT(CK_BOOL, CK_FLOAT32, uint8_t, float, a != 0)
  DIRECT(CK_UINT8, CK_FLOAT32, uint8_t, float, a)
  DIRECT(CK_INT32, CK_FLOAT32, int32_t, float, a)
  DIRECT(CK_FLOAT32, CK_BOOL, float, uint8_t, a != 0)
  DIRECT(CK_INT32, CK_INT64, int32_t, int64_t, a)
  DIRECT(CK_INT64, CK_INT32, int64_t, int32_t, a)
#undef DIRECT
#undef TO_HALF
#undef FROM_HALF
  return 0;
}

TARGET static void NAME(convert)(ck_type from, ck_type to, int64_t count, const void *x, void *y) {
  enum { BLOCK = 512 };
  if (NAME(convert_directly)(from, to, count, x, y)) return;
  const int64_t from_size = size_of(from), to_size = size_of(to);
  const int are_integers = is_integer(from) && is_integer(to);
  for (int64_t j = 0; j < count; j += BLOCK) {
    const int64_t n = count - j < BLOCK ? count - j : BLOCK;
    const void *in = (const char *)x + j * from_size;
    void *out = (char *)y + j * to_size;
    if (are_integers) {
      int64_t wide[BLOCK];
      NAME(to_integer)(from, n, in, wide);
      NAME(from_integer)(to, n, wide, out);
    } else {
      double wide[BLOCK];
      NAME(to_double)(from, n, in, wide);
      NAME(from_double)(to, n, wide, out);
    }
  }
}

#undef EACH
