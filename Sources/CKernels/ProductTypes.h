// The product of both element types for one instruction set; included by InstructionSets.h.

#define SCALAR float
#define SCALAR_BYTES 4
#define OPERANDS ck_operands_f32
#define TYPED(x) NAME(JOIN(x, f32))
#include "Product.h"
#undef SCALAR
#undef SCALAR_BYTES
#undef OPERANDS
#undef TYPED

#define SCALAR double
#define SCALAR_BYTES 8
#define OPERANDS ck_operands_f64
#define TYPED(x) NAME(JOIN(x, f64))
#include "Product.h"
#undef SCALAR
#undef SCALAR_BYTES
#undef OPERANDS
#undef TYPED
