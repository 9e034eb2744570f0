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

#ifdef __cplusplus
}
#endif
#endif
