// Includes the file KERNELS once for each instruction set that DISPATCH chooses among, with
//   NAME(x) x with the set's suffix
//   TARGET  the attribute that turns the instructions on
//   BYTES   bytes of a vector
//   MANY_REGISTERS  defined where there are 32 of them, for 24 sums and what they are made of

#define TARGET
#define NAME(x) JOIN(x, portable)
#define BYTES 16
#if defined(__aarch64__)
#define MANY_REGISTERS
#endif
#include KERNELS
#undef TARGET
#undef NAME
#undef BYTES
#undef MANY_REGISTERS

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(x) JOIN(x, avx2)
#define BYTES 32
#include KERNELS
#undef TARGET
#undef NAME
#undef BYTES

#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#define NAME(x) JOIN(x, avx512)
#define BYTES 64
#define MANY_REGISTERS
#include KERNELS
#undef TARGET
#undef NAME
#undef BYTES
#undef MANY_REGISTERS
#endif

#undef KERNELS
