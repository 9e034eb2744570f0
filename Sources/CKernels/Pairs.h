// One variant of what two elements of any type make, included by InstructionSets.h.

#define EACH(type, result, expression)                                         \
  {                                                                            \
    const type *p = left, *q = right;                                          \
    result *restrict out = y;                                                  \
    if (left_stride == 0) {                                                    \
      const type a = p[0];                                                     \
      for (int64_t j = 0; j < count; j++) {                                    \
        const type b = q[j];                                                   \
        out[j] = (result)(expression);                                         \
      }                                                                        \
    } else if (right_stride == 0) {                                            \
      const type b = q[0];                                                     \
      for (int64_t j = 0; j < count; j++) {                                    \
        const type a = p[j];                                                   \
        out[j] = (result)(expression);                                         \
      }                                                                        \
    } else {                                                                   \
      for (int64_t j = 0; j < count; j++) {                                    \
        const type a = p[j], b = q[j];                                         \
        out[j] = (result)(expression);                                         \
      }                                                                        \
    }                                                                          \
    return;                                                                    \
  }

// Signed numbers are added as unsigned ones, for which losing bits is defined.
#define ARITHMETIC(expression)                                                 \
  switch (type) {                                                              \
    case CK_FLOAT32: EACH(float, float, expression)                            \
    case CK_FLOAT64: EACH(double, double, expression)                          \
    case CK_INT8: case CK_UINT8: EACH(uint8_t, uint8_t, expression)            \
    case CK_INT16: case CK_UINT16: EACH(uint16_t, uint16_t, 1u * expression)   \
    case CK_INT32: case CK_UINT32: EACH(uint32_t, uint32_t, expression)        \
    case CK_INT64: case CK_UINT64: EACH(uint64_t, uint64_t, expression)        \
    default: return;                                                           \
  }

#define RELATION(expression)                                                   \
  switch (type) {                                                              \
    case CK_FLOAT32: EACH(float, uint8_t, expression)                          \
    case CK_FLOAT64: EACH(double, uint8_t, expression)                         \
    case CK_INT8: EACH(int8_t, uint8_t, expression)                            \
    case CK_INT16: EACH(int16_t, uint8_t, expression)                          \
    case CK_INT32: EACH(int32_t, uint8_t, expression)                          \
    case CK_INT64: EACH(int64_t, uint8_t, expression)                          \
    case CK_UINT8: case CK_BOOL: EACH(uint8_t, uint8_t, expression)            \
    case CK_UINT16: EACH(uint16_t, uint8_t, expression)                        \
    case CK_UINT32: EACH(uint32_t, uint8_t, expression)                        \
    case CK_UINT64: EACH(uint64_t, uint8_t, expression)                        \
    default: return;                                                           \
  }

TARGET static void NAME(pair)(ck_pairing pairing, ck_type type, int64_t count, const void *left,
                              int64_t left_stride, const void *right, int64_t right_stride,
                              void *y) {
  switch (pairing) {
    case CK_SUM_OF: ARITHMETIC(a + b)
    case CK_DIFFERENCE: ARITHMETIC(a - b)
    case CK_PRODUCT_OF: ARITHMETIC(a * b)
    case CK_EQUAL: RELATION(a == b)
    case CK_LESS: RELATION(a < b)
    case CK_LESS_OR_EQUAL: RELATION(a <= b)
    case CK_BOTH: EACH(uint8_t, uint8_t, (a != 0) & (b != 0))
    case CK_EITHER: EACH(uint8_t, uint8_t, (a != 0) | (b != 0))
    case CK_ONE: EACH(uint8_t, uint8_t, (a != 0) != (b != 0))
  }
}

#undef EACH
#undef ARITHMETIC
#undef RELATION
