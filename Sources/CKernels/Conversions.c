#include <string.h>

#include "CKernels.h"
#include "Dispatch.h"
#include "Functions.h"

// Toward zero and within the range; 0 for what is no number.
INLINE int64_t truncated(double a) {
  const double low = -9223372036854775808.0, high = 9223372036854774784.0;
  const double bounded = a < low ? low : a > high ? high : a;
  const int64_t whole = (int64_t)(bounded == bounded ? bounded : 0);
  return a >= 9223372036854775808.0 ? INT64_MAX : whole;
}

INLINE uint64_t truncated_unsigned(double a) {
  const double high = 18446744073709549568.0;
  const double bounded = a > 0 ? (a > high ? high : a) : 0;
  return a >= 18446744073709551616.0 ? UINT64_MAX : (uint64_t)bounded;
}

INLINE uint32_t bits_of(float a) {
  uint32_t bits;
  memcpy(&bits, &a, sizeof bits);
  return bits;
}

INLINE float float_of(uint32_t bits) {
  float a;
  memcpy(&a, &bits, sizeof a);
  return a;
}

INLINE float from_brain(uint16_t a) { return float_of((uint32_t)a << 16); }

// To the nearest, halves to the even one.
INLINE uint16_t to_brain(float a) {
  const uint32_t bits = bits_of(a);
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (uint16_t)(a == a ? rounded : (bits >> 16 & 0x8000) | 0x7fc0);
}

INLINE float from_half(uint16_t a) {
  const uint32_t sign = (uint32_t)(a & 0x8000) << 16;
  const uint32_t magnitude = (uint32_t)(a & 0x7fff) << 13;
  // The exponent's bias differs by 112. Numbers below the smallest normal one are a multiple of it.
  const float normal = float_of(magnitude + (112u << 23));
  const float small = float_of(magnitude + (113u << 23)) - float_of(113u << 23);
  const float large = float_of(magnitude + (224u << 23));
  const float value = magnitude < (1u << 23) ? small : magnitude < (31u << 23) ? normal : large;
  return float_of(bits_of(value) | sign);
}

// To the nearest, halves to the even one.
INLINE uint16_t to_half(float a) {
  const uint32_t bits = bits_of(a);
  const uint32_t sign = bits >> 16 & 0x8000;
  const uint32_t magnitude = bits & 0x7fffffff;
  const uint32_t normal = (magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13;
  // Adding 0.5 leaves the last bits of a small number where its fraction is.
  const uint32_t small = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
  const uint32_t finite = magnitude < (113u << 23) ? small : normal;
  // From 65520 on the nearest is infinity.
  const uint32_t bounded = magnitude >= 0x477ff000 ? 0x7c00 : finite;
  return (uint16_t)(sign | (magnitude > 0x7f800000 ? 0x7e00 : bounded));
}

#if defined(__x86_64__)
INLINE uint16_t half_bits(_Float16 a) {
  uint16_t bits;
  memcpy(&bits, &a, sizeof bits);
  return bits;
}

INLINE _Float16 half_of_bits(uint16_t bits) {
  _Float16 a;
  memcpy(&a, &bits, sizeof a);
  return a;
}
#endif

INLINE int64_t size_of(ck_type type) {
  switch (type) {
    case CK_INT8: case CK_UINT8: case CK_BOOL: return 1;
    case CK_INT16: case CK_UINT16: case CK_FLOAT16: case CK_BFLOAT16: return 2;
    case CK_INT32: case CK_UINT32: case CK_FLOAT32: return 4;
    default: return 8;
  }
}

INLINE int is_integer(ck_type type) {
  return type != CK_FLOAT32 && type != CK_FLOAT64 && type != CK_FLOAT16 && type != CK_BFLOAT16;
}

#define KERNELS "Conversions.h"
#include "InstructionSets.h"

void ck_convert(ck_type from, ck_type to, int64_t count, const void *x, void *y) {
  DISPATCH(convert, (from, to, count, x, y))
}
