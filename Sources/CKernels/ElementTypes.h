// Includes the file KERNELS_OF_TYPE for float and for double, in the instruction set of
// InstructionSets.h, with
//   SCALAR    element type, of SCALAR_BYTES     OPERANDS  a product's operands of that type
//                                               SERIES    products one after the other
//   TYPED(x)  x with the suffixes of type and instruction set
// and what Vectors.h makes of them.

#define SCALAR float
#define SCALAR_BYTES 4
#define OPERANDS ck_operands_f32
#define SERIES ck_series_f32
#define TYPED(x) NAME(JOIN(x, f32))
#include "Vectors.h"
#include KERNELS_OF_TYPE
#include "VectorsEnd.h"
#undef SCALAR
#undef SCALAR_BYTES
#undef OPERANDS
#undef SERIES
#undef TYPED

#define SCALAR double
#define SCALAR_BYTES 8
#define OPERANDS ck_operands_f64
#define SERIES ck_series_f64
#define TYPED(x) NAME(JOIN(x, f64))
#include "Vectors.h"
#include KERNELS_OF_TYPE
#include "VectorsEnd.h"
#undef SCALAR
#undef SCALAR_BYTES
#undef OPERANDS
#undef SERIES
#undef TYPED
