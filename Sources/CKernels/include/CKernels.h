/// The inner loops of the reference engine: what Swift built for a baseline processor cannot say,
/// because vectors wider than 16 bytes and fused multiply-add need instructions that must be chosen
/// when the program runs.
///
/// Every function exists for float and double. The instruction set is chosen once per process; the
/// AVX2 and AVX-512 variants give the same bits. A product sums over its depth in one fixed order,
/// whatever part of the result a call computes, so that the number of threads changes nothing.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Where a convolution's window reads: sizes outermost first, always three of them (a convolution
/// in fewer dimensions has leading sizes of 1).
typedef struct ck_window {
  int64_t input[3];
  int64_t kernel[3];
  int64_t stride[3];
  int64_t dilation[3];
  /// Padding before the first element of each dimension.
  int64_t padding[3];
  int64_t output[3];
} ck_window;

/// How a variant cuts a product: tiles of `rows` x `columns` elements of the result are kept in
/// registers, and `depth` summands are added before a tile goes back to memory.
typedef struct ck_tile {
  int64_t rows;
  int64_t columns;
  int64_t depth;
} ck_tile;

/// The name of the instruction set in use: "avx512", "avx2" or "portable".
const char *_Nonnull ck_variant(void);

/// Processors that this process may run on.
int64_t ck_processor_count(void);

ck_tile ck_tile_f32(void);
ck_tile ck_tile_f64(void);

/// C = A B, or C += A B: A is packed by `ck_pack_*`, B is a strided matrix or, where `window` is
/// not null, the matrix that a convolution's window unrolls from an image (row: channel and kernel
/// position; column: output position), which never exists as a whole.
typedef struct ck_product_f32 {
  int64_t rows, columns, depth;
  const float *_Nonnull packed;
  const float *_Nonnull b;
  int64_t b_row_stride, b_column_stride;
  const ck_window *_Nullable window;
  float *_Nonnull c;
  int64_t c_row_stride;
  /// 0: C is overwritten. Otherwise the product is added to it.
  int32_t accumulates;
} ck_product_f32;

typedef struct ck_product_f64 {
  int64_t rows, columns, depth;
  const double *_Nonnull packed;
  const double *_Nonnull b;
  int64_t b_row_stride, b_column_stride;
  const ck_window *_Nullable window;
  double *_Nonnull c;
  int64_t c_row_stride;
  int32_t accumulates;
} ck_product_f64;

/// Elements that a packed A of this size takes.
int64_t ck_packed_count_f32(int64_t rows, int64_t depth);
int64_t ck_packed_count_f64(int64_t rows, int64_t depth);

/// Packs the row tiles [tile_begin, tile_end) of alpha A, A(i, k) = a[i row_stride + k
/// column_stride].
void ck_pack_f32(const float *_Nonnull a, int64_t row_stride, int64_t column_stride, int64_t rows,
                 int64_t depth, float alpha, int64_t tile_begin, int64_t tile_end,
                 float *_Nonnull packed);
void ck_pack_f64(const double *_Nonnull a, int64_t row_stride, int64_t column_stride, int64_t rows,
                 int64_t depth, double alpha, int64_t tile_begin, int64_t tile_end,
                 double *_Nonnull packed);

/// Computes rows [row_begin, row_end) x columns [column_begin, column_end) of a product. The row
/// range starts at a multiple of the tile's rows. `scratch` holds tile.depth x (the column range
/// rounded up to the tile's columns) elements, aligned to 64 bytes.
void ck_multiply_f32(const ck_product_f32 *_Nonnull product, int64_t row_begin, int64_t row_end,
                     int64_t column_begin, int64_t column_end, float *_Nonnull scratch);
void ck_multiply_f64(const ck_product_f64 *_Nonnull product, int64_t row_begin, int64_t row_end,
                     int64_t column_begin, int64_t column_end, double *_Nonnull scratch);

/// Adds to `y` (one output channel) the convolution of `channels` planes of `x` with `weights`
/// ([channels, kernel]), without packing anything: the fast way where a group has few outputs.
/// Computes the output rows [row_begin, row_end) of output[0] x output[1].
void ck_correlate_f32(const ck_window *_Nonnull window, int64_t channels, const float *_Nonnull x,
                      const float *_Nonnull weights, int64_t row_begin, int64_t row_end,
                      float *_Nonnull y);
void ck_correlate_f64(const ck_window *_Nonnull window, int64_t channels, const double *_Nonnull x,
                      const double *_Nonnull weights, int64_t row_begin, int64_t row_end,
                      double *_Nonnull y);

typedef enum ck_op {
  CK_COPY,
  CK_RELU,          // below zero: alpha x
  CK_CLIP,          // between alpha and beta
  CK_LINEAR,        // alpha x + beta
  CK_SIGMOID,
  CK_SWISH,         // x sigmoid(alpha x)
  CK_HARD_SIGMOID,  // alpha x + beta, between 0 and 1
  CK_HARD_SWISH,    // x hard_sigmoid(x)
  CK_TANH,
  CK_EXP,
  CK_ERF,
  CK_ELU,           // below zero: alpha (exp(x) - 1)
  CK_SQRT,
  CK_ABS,
  CK_NEGATE,
  CK_RECIPROCAL,
  CK_SQUARE,
  // With an operand b:
  CK_ADD,
  CK_MULTIPLY,
  CK_SUBTRACT,
  CK_SUBTRACT_FROM,  // b - x
  CK_DIVIDE,
  CK_DIVIDE_INTO,    // b / x
  CK_MAXIMUM,
  CK_MINIMUM,
  CK_PRELU,          // below zero: b x
} ck_op;

/// One operation of a chain. An operand's element (i, j) is operand[i row_stride + j
/// column_stride], column_stride being 0 or 1.
typedef struct ck_step {
  int32_t op;
  int32_t column_stride;
  float alpha, beta;
  const float *_Nullable operand;
  int64_t row_stride;
} ck_step;

/// y = steps(x) in one pass over memory; columns are contiguous in x and y, which may be the same.
/// The bits are those of the steps done one after the other.
void ck_chain(const ck_step *_Nonnull steps, int32_t count, int64_t rows, int64_t columns,
              const float *_Nonnull x, int64_t x_row_stride, float *_Nonnull y,
              int64_t y_row_stride);

typedef enum ck_reduction {
  CK_SUM,
  CK_SUM_MAGNITUDES,
  CK_SUM_SQUARES,
  CK_LARGEST,
  CK_SMALLEST,
} ck_reduction;

/// results[j] = the reduction over i of x[i row_stride + j], in Float64.
void ck_reduce_rows(ck_reduction reduction, int64_t rows, int64_t columns, const float *_Nonnull x,
                    int64_t row_stride, double *_Nonnull results);

/// results[i] = the reduction over j of x[i line_stride + j], in Float64.
void ck_reduce_lines(ck_reduction reduction, int64_t lines, int64_t columns,
                     const float *_Nonnull x, int64_t line_stride, double *_Nonnull results);

/// Mean and population variance of each line, in two passes, in Float64.
void ck_line_moments(int64_t lines, int64_t columns, const float *_Nonnull x, int64_t line_stride,
                     double *_Nonnull means, double *_Nonnull variances);

/// y = (x - mean) / sqrt(variance + epsilon) scale + bias for each line, or with the mean of the
/// squares for the variance and no mean. Lines follow each other; one scale and bias serve all.
void ck_normalize_lines(int64_t lines, int64_t columns, const float *_Nonnull x, double epsilon,
                        int32_t subtracts_mean, const float *_Nonnull scale,
                        const float *_Nullable bias, float *_Nonnull y);

/// sums[j] = the sum over i of x[i row_stride + j] - shift[j], squares[j] = that of its square: two
/// moments of every column in one pass, in Float64.
void ck_moments(int64_t rows, int64_t columns, const float *_Nonnull x, int64_t row_stride,
                const float *_Nonnull shift, double *_Nonnull sums, double *_Nonnull squares);

/// y[j] = bias[j] + the sum over k of x[k] weights[k stride + j], for a multiple of 16 columns.
void ck_vector_times_matrix(int64_t depth, int64_t columns, const float *_Nonnull x,
                            const float *_Nonnull weights, int64_t stride,
                            const float *_Nonnull bias, float *_Nonnull y);

/// y[j] = the sum over i of weights[i] x[offsets[i] + j].
void ck_mix(int64_t columns, int32_t count, const int64_t *_Nonnull offsets,
            const float *_Nonnull weights, const float *_Nonnull x, float *_Nonnull y);

/// y[i y_row_stride + j] = x[i x_row_stride + j x_column_stride].
void ck_copy_2d(int64_t rows, int64_t columns, const float *_Nonnull x, int64_t x_row_stride,
                int64_t x_column_stride, float *_Nonnull y, int64_t y_row_stride);

#ifdef __cplusplus
}
#endif
#endif
