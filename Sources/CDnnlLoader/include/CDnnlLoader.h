/// oneDNN, loaded when something computes, behind the few calls that the fast engine makes.
///
/// A shim because (1) linking the 40 MB library would cost every command its start-up time, so its
/// functions have to be found by name; (2) its C API changed between the major versions 2 and 3 in
/// ways that Swift would have to know at every call; that knowledge stays in this target.
///
/// Functions return 0 or oneDNN's status code. A primitive is a compiled operation for one set of
/// shapes; it may be executed by one thread at a time.
#ifndef CDNNL_LOADER_H
#define CDNNL_LOADER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { DL_RANK = 6, DL_POST_OPS = 8 };

/// Float32 elements somewhere in memory. Strides count elements; a layout whose first stride is 0
/// leaves the arrangement to oneDNN (`DL_ANY`), and one of rank 0 stands for nothing.
typedef struct dl_layout {
  int32_t rank;
  int64_t sizes[DL_RANK];
  int64_t strides[DL_RANK];
} dl_layout;

/// Sizes outermost first, as many as there are spatial dimensions. Dilation 1 is none.
typedef struct dl_window {
  int32_t rank;
  int64_t kernel[3];
  int64_t stride[3];
  int64_t dilation[3];
  int64_t before[3];
  int64_t after[3];
} dl_window;

typedef enum dl_eltwise {
  DL_RELU,       // alpha: slope below zero
  DL_CLIP,       // alpha, beta: bounds
  DL_SIGMOID,
  DL_TANH,
  DL_ELU,        // alpha
  DL_HARDSWISH,  // x clip(x / 6 + 1/2)
  DL_SWISH,      // x sigmoid(alpha x)
  DL_LINEAR,     // alpha x + beta
  DL_GELU_ERF,
} dl_eltwise;

typedef enum dl_binary { DL_ADD, DL_MUL, DL_MAX, DL_MIN, DL_SUB, DL_DIV } dl_binary;

/// Something done to each result before it goes to memory.
typedef struct dl_post_op {
  /// 0: `eltwise`; 1: add what was in the destination; 2: `binary` with an operand of `layout`.
  int32_t kind;
  int32_t algorithm;
  float alpha, beta;
  dl_layout layout;
} dl_post_op;

typedef struct dl_post_ops {
  int32_t count;
  dl_post_op ops[DL_POST_OPS];
} dl_post_ops;

typedef struct dl_primitive dl_primitive;

/// Loads the library unless it is loaded. Returns null, or a message that says what failed.
const char *_Nullable dl_load(void);

/// "2.6.3", of the loaded library.
const char *_Nonnull dl_version(void);

/// Sets how many threads the calling thread's primitives use, when made and when executed.
void dl_set_threads(int32_t count);

/// Not 0 where `dl_execute` can keep a primitive to fewer threads than it was made for.
int32_t dl_can_limit_threads(void);

/// Calls `body(context, member, index)` for every index below `count`, on the calling thread and on up
/// to `threads` - 1 of those that oneDNN's loops run on, or would if it were loaded, and returns when all
/// calls have. `member` is below `threads`, the same in all calls on a thread and different on others.
///
/// A thread begins with indices of its own, the same ones in the next loop of as many, so that what they
/// read is in its cache; then it takes what the others have not begun. With `in_turns` each takes the next
/// one: neighbouring indices read what lies side by side in memory, which matters more where all of it
/// comes from there. With `backwards` the last index of a thread's own, or of all, comes first.
void dl_run_parallel(int32_t threads, int64_t count, int32_t in_turns, int32_t backwards,
                     void (*_Nonnull body)(void *_Nullable, int32_t, int64_t),
                     void *_Nullable context);

/// Arguments of `dl_execute`, in order: source, weights, bias (if any), destination, then one for
/// each binary post-op. `weights` is [out, in / groups, kernel] without the groups.
int32_t dl_convolution(const dl_layout *_Nonnull source, const dl_layout *_Nonnull weights,
                       int64_t groups, int32_t has_bias, const dl_layout *_Nonnull destination,
                       const dl_window *_Nonnull window, const dl_post_ops *_Nonnull post,
                       dl_primitive *_Nullable *_Nonnull result);

/// The transposed convolution; `weights` is [in, out / groups, kernel]. Arguments as above.
int32_t dl_deconvolution(const dl_layout *_Nonnull source, const dl_layout *_Nonnull weights,
                         int64_t groups, int32_t has_bias, const dl_layout *_Nonnull destination,
                         const dl_window *_Nonnull window, const dl_post_ops *_Nonnull post,
                         dl_primitive *_Nullable *_Nonnull result);

/// Batched product; arguments: left, right, bias (rank 0: none), destination, binary operands.
int32_t dl_matmul(const dl_layout *_Nonnull left, const dl_layout *_Nonnull right,
                  const dl_layout *_Nonnull bias, const dl_layout *_Nonnull destination,
                  const dl_post_ops *_Nonnull post, dl_primitive *_Nullable *_Nonnull result);

/// Arguments: source, destination.
int32_t dl_lrn(const dl_layout *_Nonnull layout, int64_t size, float alpha, float beta, float k,
               dl_primitive *_Nullable *_Nonnull result);
int32_t dl_resample(int32_t is_linear, const dl_layout *_Nonnull source,
                    const dl_layout *_Nonnull destination,
                    dl_primitive *_Nullable *_Nonnull result);
int32_t dl_reorder(const dl_layout *_Nonnull source, const dl_layout *_Nonnull destination,
                   dl_primitive *_Nullable *_Nonnull result);

/// A copy from `source` into the arrangement that `primitive` chose for its weights; the groups
/// are those of the convolution. Arguments: source, destination.
int32_t dl_reorder_weights(const dl_layout *_Nonnull source, int64_t groups, int32_t is_transposed,
                           const dl_primitive *_Nonnull primitive,
                           dl_primitive *_Nullable *_Nonnull result);

/// Bytes of the weights in the arrangement that a primitive chose.
size_t dl_weights_size(const dl_primitive *_Nonnull primitive);

/// Not 0 where two primitives want weights in the same arrangement.
int32_t dl_same_weights(const dl_primitive *_Nonnull a, const dl_primitive *_Nonnull b);

/// The implementation that oneDNN picked, such as "brgconv:avx512_core".
const char *_Nonnull dl_implementation(const dl_primitive *_Nonnull primitive);

/// Bytes that a primitive needs while it runs.
size_t dl_scratch_size(const dl_primitive *_Nonnull primitive);

/// Runs a primitive on `count` arguments and waits for it. `scratch` is as much memory as it says, or
/// NULL, where the thread's own is taken, which stays. It takes at most `threads` threads of
/// those that it was made for (0: all of them), which only convolutions that oneDNN does not do by
/// matrix products of its own stand: their loops ask how many threads there are.
int32_t dl_execute(dl_primitive *_Nonnull primitive, const void *_Nonnull const *_Nonnull arguments,
                   int32_t count, int32_t threads, void *_Nullable scratch);

void dl_destroy(dl_primitive *_Nullable primitive);

#ifdef __cplusplus
}
#endif
#endif
