// Functions of one element, for the kernels whose loops over them become vectors.
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include <stdint.h>
#include <string.h>

// Functions of one element without branches, so that a loop over them becomes vectors. Polynomials
// and constants are those of the Cephes library (S. Moshier), good to about 2 units in the last
// place, except for the error function and the hyperbolic tangent (3).

#define INLINE static inline __attribute__((always_inline))

// r of e^r 2^n = e^x, for n within the range of an integer: the low bits of `rounded`, which is n and
// 1.5 x 2^23, whose addition rounds to an integer.
INLINE float reduced(float x, float *rounded) {
  *rounded = x * 1.44269504f + 12582912.0f;
  const float n = *rounded - 12582912.0f;
  return (x - n * 0.693359375f) - n * -2.12194440e-4f;
}

// (e^r - 1 - r) / r^2 for such an r.
INLINE float exponential_rest(float r) {
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return p;
}

// e^r of e^r 2^n = e^x.
INLINE float reduced_exponential(float x, float *n) {
  float rounded;
  const float r = reduced(x, &rounded);
  *n = rounded - 12582912.0f;
  return exponential_rest(r) * r * r + r + 1;
}

INLINE float power_of_two(int32_t exponent) {
  const int32_t bits = (int32_t)((uint32_t)(exponent + 127) << 23);
  float power;
  memcpy(&power, &bits, sizeof power);
  return power;
}

INLINE float exponential(float x) {
  const float bounded = x < -105 ? -105 : x > 89 ? 89 : x;
  float n;
  const float p = reduced_exponential(bounded, &n);
  // 2^n in two factors: n alone may leave the range of the exponent.
  const int32_t whole = n == n ? (int32_t)n : 0;
  const int32_t half = whole >> 1;
  return p * power_of_two(half) * power_of_two(whole - half);
}

// The same for a number of no larger magnitude than this one, whose result is a normal number: n, which
// rounding has left in the last bits, becomes the exponent of a factor.
#define LEAST_EXPONENT -87.0f

INLINE float bounded_exponential(float x) {
  const float rounded = x * 1.44269504f + 12582912.0f;
  float n;
  const float p = reduced_exponential(x, &n);
  uint32_t bits;
  memcpy(&bits, &rounded, sizeof bits);
  bits = (bits << 23) + 0x3f800000u;
  float power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}

// The bits of |x|, in the order of the magnitudes; those of what is no number are the largest.
INLINE int32_t magnitude_bits(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits & 0x7fffffff;
}

// The exponential of a number that is not positive; below -87 the result is smaller than the smallest
// normal number and becomes zero.
INLINE float decay(float x) {
  const float y = bounded_exponential(x < LEAST_EXPONENT ? LEAST_EXPONENT : x);
  return x < LEAST_EXPONENT ? 0 : y;
}

// Below -87 the result is smaller than the smallest normal number and becomes zero.
INLINE float sigmoid(float x) {
  const float bounded = x < -87 ? -87 : x > 87 ? 87 : x;
  const float y = 1 / (1 + bounded_exponential(-bounded));
  return x < -87 ? 0 : y;
}

INLINE float hard_sigmoid(float x, float alpha, float beta) {
  const float y = alpha * x + beta;
  return y < 0 ? 0 : y > 1 ? 1 : y;
}

// (e^2x - 1) / (e^2x + 1), whose numerator is good near zero, too.
INLINE float hyperbolic_tangent(float x) {
  const float magnitude = __builtin_fabsf(x);
  // From 9.02 on the result is 1.
  const float y = 2 * (magnitude > 10 ? 10 : magnitude);
  float rounded;
  const float r = reduced(y, &rounded);
  const float rest = exponential_rest(r) * (r * r) + r;
  uint32_t bits;
  memcpy(&bits, &rounded, sizeof bits);
  bits = (bits << 23) + 0x3f800000u;
  float power;
  memcpy(&power, &bits, sizeof power);
  const float numerator = power * rest + (power - 1);
  return __builtin_copysignf(numerator / (numerator + 2), x);
}

// A rational approximation, good to 3 units in the last place below 4, where the function is 1 to
// the precision of a float.
INLINE float error_function(float x) {
  const float b = x < -4 ? -4 : x > 4 ? 4 : x;
  const float z = b * b;
  float p = -2.72614225801306e-10f;
  p = p * z + 2.77068142495902e-08f;
  p = p * z - 2.10102402082508e-06f;
  p = p * z - 5.69250639462346e-05f;
  p = p * z - 7.34990630326855e-04f;
  p = p * z - 2.95459980854025e-03f;
  p = p * z - 1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * z - 2.13374055278905e-04f;
  q = q * z - 1.68282697438203e-03f;
  q = q * z - 7.37332916720468e-03f;
  q = q * z - 1.42647390514189e-02f;
  return b * p / q;
}

INLINE float logarithm(float x) {
  // Below the smallest normal number the exponent's bits say nothing.
  const float normal = x < 1.17549435e-38f ? x * 8388608.0f : x;
  int32_t bits;
  memcpy(&bits, &normal, sizeof bits);
  // x = 2^n (1 + f) with 1 + f between sqrt(1/2) and sqrt(2).
  const int32_t n = (bits - 0x3f3504f3) >> 23;
  const int32_t rest = (int32_t)((uint32_t)bits - ((uint32_t)n << 23));
  float f;
  memcpy(&f, &rest, sizeof f);
  f -= 1;
  const float exponent = (float)n - (x < 1.17549435e-38f ? 23.0f : 0.0f);
  float p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const float z = f * f;
  const float tail = f * z * p - exponent * 2.12194440e-4f - 0.5f * z;
  const float y = (f + tail) + exponent * 0.693359375f;
  const float outside = x == 0 ? -__builtin_inff() : __builtin_nanf("");
  return x > 0 ? (x > 3.40282347e+38f ? x : y) : outside;
}

// x to the power y, computed in Float64 as 2^(y log2 |x|) and rounded once: the error before that is
// below 2^-36 of the result. The special cases are those of C's pow.
INLINE float power(float x, float y) {
  const double infinity = __builtin_inf();
  const double magnitude = __builtin_fabsf(x);
  // |x| = 2^n m with m between sqrt(1/2) and sqrt(2); log2 m is a series in f = (m - 1) / (m + 1).
  int64_t bits;
  memcpy(&bits, &magnitude, sizeof bits);
  const int32_t n = (int32_t)(bits >> 32) - 0x3fe6a09e;
  const int64_t fraction = bits - (int64_t)((uint64_t)(uint32_t)(n & ~0xfffff) << 32);
  double m;
  memcpy(&m, &fraction, sizeof m);
  const double f = (m - 1) / (m + 1), z = f * f;
  double p = 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  p = p * z + 1;
  double logarithm = f * p * 2.8853900817779268 + (double)(n >> 20);
  logarithm = magnitude == 0 ? -infinity : magnitude < infinity ? logarithm : magnitude;
  const double exponent = y * logarithm;
  const double bounded = exponent < -200 ? -200 : exponent > 200 ? 200 : exponent;
  const double rounded = bounded + 6755399441055744.0;
  // 2^r for r between -1/2 and 1/2.
  const double r = (bounded - (rounded - 6755399441055744.0)) * 0.69314718055994531;
  double q = 1.0 / 362880;
  q = q * r + 1.0 / 40320;
  q = q * r + 1.0 / 5040;
  q = q * r + 1.0 / 720;
  q = q * r + 1.0 / 120;
  q = q * r + 1.0 / 24;
  q = q * r + 1.0 / 6;
  q = q * r + 1.0 / 2;
  q = q * r + 1;
  q = q * r + 1;
  uint64_t whole, result_bits;
  memcpy(&whole, &rounded, sizeof whole);
  memcpy(&result_bits, &q, sizeof result_bits);
  result_bits += whole << 52;
  double wide;
  memcpy(&wide, &result_bits, sizeof wide);
  const float unsigned_result = exponent == exponent ? (float)wide : __builtin_nanf("");
  const int is_whole = __builtin_elementwise_floor(y) == y;
  const float half = 0.5f * y;
  const int is_odd = is_whole && __builtin_elementwise_floor(half) != half;
  const float signed_result = is_odd ? __builtin_copysignf(unsigned_result, x) : unsigned_result;
  const float result =
      x < 0 && x > -__builtin_inff() && !is_whole ? __builtin_nanf("") : signed_result;
  const int is_endless = __builtin_fabsf(y) == __builtin_inff();
  return x == 1 || y == 0 || (magnitude == 1 && is_endless) ? 1 : result;
}

INLINE float softplus(float x) {
  // e^x overflows where ln(1 + e^x) is x to the last bit.
  const float t = exponential(-__builtin_fabsf(x));
  const float u = 1 + t;
  // What rounding took from 1 + t is given back (Kahan).
  const float y = u == 1 ? t : logarithm(u) * (t / (u - 1));
  return (x > 0 ? x : 0) + y;
}

// tanh(ln(1 + e)) = n / (n + 2) with n = e (e + 2).
INLINE float mish(float x) {
  const float e = exponential(x > 20 ? 20 : x);
  const float n = e * (e + 2);
  return x * (n / (n + 2));
}

INLINE float gelu(float x) { return 0.5f * x * (1 + error_function(x * 0.70710678f)); }

INLINE float gelu_tanh(float x) {
  return 0.5f * x * (1 + hyperbolic_tangent(0.79788456f * (x + 0.044715f * x * x * x)));
}

// x less the nearest multiple n of pi / 2, in three parts of which the first two are exact: for
// numbers up to LARGEST_ANGLE, beyond which this many bits of pi are too few.
#define LARGEST_ANGLE 8192.0f

INLINE float reduced_angle(float x, int32_t *quadrant) {
  const float n = (x * 0.636619772f + 12582912.0f) - 12582912.0f;
  *quadrant = n == n ? (int32_t)n : 0;
  return ((x - n * 1.5703125f) - n * 4.837512969970703e-4f) - n * 7.549789948768648e-8f;
}

// The sine of an angle, `quarters` right angles further.
INLINE float sine(float x, int32_t quarters) {
  int32_t quadrant;
  const float r = reduced_angle(x, &quadrant);
  const float z = r * r;
  const float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
  const float c =
      ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z -
      0.5f * z + 1;
  const int32_t q = quadrant + quarters;
  const float y = q & 1 ? c : s;
  // The sine of -0 is -0.
  return quarters == 0 && x == 0 ? x : q & 2 ? -y : y;
}

// A vector of the widest set; narrower sets take several of their own for it.
enum { ROW = 16 };
typedef float row __attribute__((vector_size(64)));
typedef float unaligned_row __attribute__((vector_size(64), aligned(4)));

#endif
