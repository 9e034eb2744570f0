// Includes the file KERNELS once for each instruction set that DISPATCH chooses among.

#define TARGET
#define NAME(x) JOIN(x, portable)
#include KERNELS
#undef TARGET
#undef NAME

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(x) JOIN(x, avx2)
#include KERNELS
#undef TARGET
#undef NAME

#define TARGET __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#define NAME(x) JOIN(x, avx512)
#include KERNELS
#undef TARGET
#undef NAME
#endif

#undef KERNELS
