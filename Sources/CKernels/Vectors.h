// Vectors of one element type in one instruction set; included by ElementTypes.h.
//   LANES       elements of a vector
//   EVEN(a, b)  every second element of two vectors
//   MASK, MASKED_LOAD, MASKED_STORE  defined where an instruction takes some of the lanes

#define LANES (BYTES / SCALAR_BYTES)
#if LANES == 16
#define EVEN(a, b) \
  __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#elif LANES == 8
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#elif LANES == 4
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#else
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2)
#endif

#if BYTES == 64
#if SCALAR_BYTES == 8
#define MASK __mmask8
#define MASKED_LOAD(mask, place) _mm512_maskz_loadu_pd(mask, place)
#define MASKED_STORE(place, mask, value) _mm512_mask_storeu_pd(place, mask, value)
#else
#define MASK __mmask16
#define MASKED_LOAD(mask, place) _mm512_maskz_loadu_ps(mask, place)
#define MASKED_STORE(place, mask, value) _mm512_mask_storeu_ps(place, mask, value)
#endif
#endif

typedef SCALAR TYPED(vector) __attribute__((vector_size(BYTES)));
typedef SCALAR TYPED(unaligned) __attribute__((vector_size(BYTES), aligned(sizeof(SCALAR))));
