// The choice of the instruction set, shared by the kernels.
#ifndef DISPATCH_H
#define DISPATCH_H

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

enum { PORTABLE, AVX2, AVX512 };

/// The best set of this processor.
int ck_instruction_set(void);

#if defined(__x86_64__)
#define DISPATCH(function, arguments)                     \
  switch (ck_instruction_set()) {                         \
    case AVX512: JOIN(function, avx512) arguments; break; \
    case AVX2: JOIN(function, avx2) arguments; break;     \
    default: JOIN(function, portable) arguments; break;   \
  }
#else
#define DISPATCH(function, arguments) JOIN(function, portable) arguments;
#endif

#endif
