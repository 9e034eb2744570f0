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

/// The name of the instruction set in use: "avx512", "avx2" or "portable".
const char *_Nonnull ck_variant(void);

/// Processors that this process may run on.
int64_t ck_processor_count(void);

/// One axis of a product's right factor and of its result: which elements of the source the results
/// along it read. A convolution's source is an image; that of a plain product is a matrix whose
/// columns lie along the last axis.
///
/// The results of a block read a copy, in which the elements that one tap reads for results side by
/// side lie side by side: in bands of `band_length` elements. Element i of band b is the source's
/// (r + i) stride + bands[b], r being the block's first result, or zero where the source has no such
/// element.
typedef struct ck_axis {
  /// Elements of the source, and how far apart two of them are in memory.
  int64_t source, source_step;
  /// Results, and how far apart two of them are.
  int64_t output, output_step;
  /// Elements of the source from one result to the next.
  int64_t stride;
  /// Summands that differ along this axis; those of the last axis follow each other.
  int64_t taps;
  /// For each of them the element of the source that result 0 reads, which may be one of the padding.
  const int64_t *_Nonnull positions;
  /// Results of a block.
  int64_t block;
  int64_t band_count, band_length;
  const int64_t *_Nonnull bands;
} ck_axis;

/// Where summand k of a result has its factors: A(i, k) = a[i a_row_stride + terms[k].a], and B(k, j)
/// at terms[k].b from the copy of what result j reads, channels counted from the first of the slice
/// of `ck_slice_depth()` summands.
typedef struct ck_term {
  int64_t a, b;
} ck_term;

/// Where two neighbouring rows of a product have their results, those of the one and of the other in
/// turns, and which number of the bias is added to them.
typedef struct ck_pair {
  int64_t target, bias;
} ck_pair;

/// C = bias + A B of `rows` rows, and `depth` summands for each of the results that the axes count.
///
/// A is read where it is. Of B, for each block of results and each slice of the depth, what is read
/// is copied: from depth / taps channels, `channel_step` apart in the source, to planes of
/// `channel_size` elements, which the axes' bands fill.
typedef struct ck_product {
  int64_t rows, depth, taps;
  int64_t a_row_stride, c_row_stride;
  /// For each two rows, an even number of them; null where the rows are c_row_stride apart. The last
  /// axis has an output_step of 2 then, and c_row_stride is 0.
  const ck_pair *_Nullable pairs;
  const ck_term *_Nonnull terms;
  int64_t channel_step, channel_size;
  /// Elements of the source from `b` on, which may all be read.
  int64_t source_count;
  ck_axis axes[3];
} ck_product;

typedef struct ck_operands_f32 {
  const float *_Nonnull a, *_Nonnull b;
  const float *_Nullable bias;
  float *_Nonnull c;
} ck_operands_f32;

typedef struct ck_operands_f64 {
  const double *_Nonnull a, *_Nonnull b;
  const double *_Nullable bias;
  double *_Nonnull c;
} ck_operands_f64;

/// Summands that are added before a sum is added to the result: results are summed in slices of this
/// many, whatever the instruction set.
int64_t ck_slice_depth(void);

/// The blocks that the axes' results are cut into.
int64_t ck_block_count(const ck_product *_Nonnull product);

/// Bytes of scratch memory that a call needs, which must be aligned to 16.
int64_t ck_scratch_size(const ck_product *_Nonnull product, int64_t element_size);

/// Computes the rows [row_begin, row_end) of one block of `count` products.
void ck_multiply_f32(const ck_product *_Nonnull product, const ck_operands_f32 *_Nonnull operands,
                     int64_t count, int64_t block, int64_t row_begin, int64_t row_end,
                     void *_Nonnull scratch);
void ck_multiply_f64(const ck_product *_Nonnull product, const ck_operands_f64 *_Nonnull operands,
                     int64_t count, int64_t block, int64_t row_begin, int64_t row_end,
                     void *_Nonnull scratch);

/// `count` products, those of the groups of a convolution for each of its images: the operands of the first,
/// and elements from one to the next. Their sources lie side by side.
typedef struct ck_series_f32 {
  ck_operands_f32 first;
  int64_t a_step, bias_step, c_step;
  /// Products after which factors and addends are those of the first again.
  int64_t period;
  int64_t count;
} ck_series_f32;

typedef struct ck_series_f64 {
  ck_operands_f64 first;
  int64_t a_step, bias_step, c_step;
  int64_t period;
  int64_t count;
} ck_series_f64;

/// Bytes of scratch memory that a call of `ck_depthwise_f64` for `count` products needs, which must be
/// aligned to 16.
int64_t ck_depthwise_scratch_size(const ck_product *_Nonnull product, int64_t count,
                                  int64_t element_size);

/// Computes one block of the products [begin, end) of a series, with the bits of `ck_multiply_f64`, where a
/// row has few results to share a copy: depthwise convolutions, one product for each group. The depth is
/// `ck_slice_depth()` at most, and results lie side by side along the last axis.
void ck_depthwise_f32(const ck_product *_Nonnull product, const ck_series_f32 *_Nonnull series,
                      int64_t begin, int64_t end, int64_t block, void *_Nonnull scratch);
void ck_depthwise_f64(const ck_product *_Nonnull product, const ck_series_f64 *_Nonnull series,
                      int64_t begin, int64_t end, int64_t block, void *_Nonnull scratch);

/// True where `ck_depthwise_f64` makes no copies: for windows of 3x3 elements side by side, or of several
/// such planes, moved by one element or by two, where instructions can leave out lanes. Blocks may then
/// be of any size.
int ck_depthwise_in_place(const ck_product *_Nonnull product);

/// Bytes of scratch memory that a call of `ck_few_rows_f64` needs, which must be aligned to 64.
int64_t ck_few_rows_scratch_size(const ck_product *_Nonnull product, int64_t element_size);

/// Computes one block of `count` products of few rows, with the bits of `ck_multiply_f64`, and without a
/// copy of the source: the last axis is the only one, and along it or along the summands the source lies
/// side by side.
void ck_few_rows_f32(const ck_product *_Nonnull product, const ck_operands_f32 *_Nonnull operands,
                     int64_t count, int64_t block, void *_Nonnull scratch);
void ck_few_rows_f64(const ck_product *_Nonnull product, const ck_operands_f64 *_Nonnull operands,
                     int64_t count, int64_t block, void *_Nonnull scratch);

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
  CK_SELU,          // below zero: alpha (exp(x) - 1), above: beta x
  CK_CELU,          // below zero: alpha (exp(beta x) - 1)
  CK_SOFTPLUS,      // ln(1 + exp(x))
  CK_MISH,          // x tanh(softplus(x))
  CK_GELU,          // x (1 + erf(x / sqrt(2))) / 2
  CK_GELU_TANH,     // the same by its approximation with tanh
  CK_LOG,
  CK_FLOOR,
  CK_CEILING,
  CK_ROUND,         // halves to the even one
  CK_SQRT,
  CK_ABS,
  CK_NEGATE,
  CK_RECIPROCAL,
  CK_SQUARE,
  CK_CUBE,
  CK_SINE,
  CK_COSINE,
  CK_SIGN,
  CK_SOFTSIGN,       // x / (1 + |x|)
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
  CK_POWER,          // x to the power b
  CK_POWER_OF,       // b to the power x
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

/// results[i] = the sum over j of x[i columns + j] factors[j], in Float64. x is Float32 at any address, as
/// weights are in a file.
void ck_weighted_lines(int64_t lines, int64_t columns, const void *_Nonnull x,
                       const double *_Nonnull factors, double *_Nonnull results);

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

/// Columns of co-moments that begin together: of row j those from j / CK_COMOMENT_BLOCK * CK_COMOMENT_BLOCK on
/// are computed, as the matrix is symmetric.
enum { CK_COMOMENT_BLOCK = 8 };

/// Elements of a row of co-moments: a row for each column, of at least as many elements, the rest zeros.
int64_t ck_comoment_stride(int64_t columns);

/// Bytes of scratch memory that a call of `ck_comoments` needs, which must be aligned to 64.
int64_t ck_comoment_scratch_size(int64_t columns);

/// sums[j] = the sum over i of x[i row_stride + j] - shift[j], products[j stride + k] = that of its
/// product with the same of column k, in Float64, with the stride of `ck_comoment_stride`, which also
/// counts the sums.
void ck_comoments(int64_t rows, int64_t columns, const float *_Nonnull x, int64_t row_stride,
                  const float *_Nonnull shift, double *_Nonnull sums, double *_Nonnull products,
                  void *_Nonnull scratch);

/// forms[o] = w' P w of each row w of `weights`, [count, size], and the matrix P that `ck_comoments`
/// leaves, whose stride `size` is.
void ck_quadratic_forms(int64_t count, int64_t size, const double *_Nonnull weights,
                        const double *_Nonnull products, double *_Nonnull forms);

/// y[j] = bias[j] + the sum over k of x[k] weights[k stride + j], for a multiple of 16 columns.
void ck_vector_times_matrix(int64_t depth, int64_t columns, const float *_Nonnull x,
                            const float *_Nonnull weights, int64_t stride,
                            const float *_Nonnull bias, float *_Nonnull y);

/// Windows over planes of at least eight columns, whose results have at least eight, too. Every window
/// reads at least one row and one column of its plane.
typedef struct {
  int64_t height, width, rows, columns;
  int64_t kernel_rows, kernel_columns, row_stride, column_stride;
  /// Padding above a plane and on its left.
  int64_t above, left;
} ck_pool;

/// The largest element of each window of `planes` planes without gaps.
///
/// `line` holds what a row of windows reads, padding included, and eight numbers more.
void ck_max_pool(const ck_pool *_Nonnull pool, int64_t planes, const float *_Nonnull x,
                 float *_Nonnull line, float *_Nonnull y);

/// The sum of each window over row_counts[its row] column_counts[its column].
void ck_average_pool(const ck_pool *_Nonnull pool, int64_t planes, const float *_Nonnull x,
                     const float *_Nonnull row_counts, const float *_Nonnull column_counts,
                     float *_Nonnull line, float *_Nonnull y);

/// Windows along a row of positions in channels-last order.
typedef struct {
  /// Positions of the row that are read, and its results.
  int64_t width, columns;
  int64_t channels;
  /// The first position that each result reads, and how many, at least one, `dilation` apart.
  const int64_t *_Nonnull firsts;
  const int64_t *_Nonnull counts;
  int64_t dilation;
} ck_channel_pool;

/// The largest element of each window for each channel. A window lies in `line_count` lines, at least one.
///
/// `line` holds as much as one of the lines.
void ck_max_pool_lines(const ck_channel_pool *_Nonnull pool,
                       const float *_Nonnull const *_Nonnull lines, int64_t line_count,
                       float *_Nonnull line, float *_Nonnull y);

/// The sum of each window over divisor divisors[its result].
void ck_average_pool_lines(const ck_channel_pool *_Nonnull pool,
                           const float *_Nonnull const *_Nonnull lines, int64_t line_count,
                           const float *_Nonnull divisors, float divisor, float *_Nonnull line,
                           float *_Nonnull y);

/// y[i] = bias[i] + the sum over k of lines[i depth + k] x[k].
void ck_lines_times_vector(int64_t lines, int64_t depth, const float *_Nonnull weights,
                           const float *_Nonnull x, const float *_Nullable bias,
                           float *_Nonnull y);

/// y[j] = the sum over i of weights[i] x[offsets[i] + j].
void ck_mix(int64_t columns, int32_t count, const int64_t *_Nonnull offsets,
            const float *_Nonnull weights, const float *_Nonnull x, float *_Nonnull y);

/// y[i y_row_stride + j] = x[i x_row_stride + j x_column_stride].
void ck_copy_2d(int64_t rows, int64_t columns, const float *_Nonnull x, int64_t x_row_stride,
                int64_t x_column_stride, float *_Nonnull y, int64_t y_row_stride);

/// y[i y_row_stride + j y_column_stride] = x[i x_row_stride + j x_column_stride], for elements of 1,
/// 2, 4, 8 or 16 bytes.
void ck_copy_elements(int64_t size, int64_t rows, int64_t columns, const void *_Nonnull x,
                      int64_t x_row_stride, int64_t x_column_stride, void *_Nonnull y,
                      int64_t y_row_stride, int64_t y_column_stride);

/// y[j factor + k] = x[j] for every k below `factor`.
void ck_repeat(int64_t columns, int64_t factor, const float *_Nonnull x, float *_Nonnull y);

/// y[j] = flags[j flag_stride] ? a[j a_stride] : b[j b_stride], for elements of 1, 2, 4, 8 or 16
/// bytes.
void ck_select(int64_t size, int64_t count, const uint8_t *_Nonnull flags, int64_t flag_stride,
               const void *_Nonnull a, int64_t a_stride, const void *_Nonnull b, int64_t b_stride,
               void *_Nonnull y);

/// y[j] = x[j side_stride + i stride] with i = indices[j], which counts from `limit` where it is
/// negative, for elements of 1, 2, 4, 8 or 16 bytes. Returns 0 where an index is out of range; what
/// stands there is any element.
int32_t ck_gather(int64_t size, int64_t count, const void *_Nonnull x, int64_t side_stride,
                  int64_t stride, int64_t limit, const int64_t *_Nonnull indices, void *_Nonnull y);

/// y[j side_stride + i stride] = x[j], the same way, in the order of the indices. Nothing is written
/// for an index out of range.
int32_t ck_scatter(int64_t size, int64_t count, const void *_Nonnull x, int64_t side_stride,
                   int64_t stride, int64_t limit, const int64_t *_Nonnull indices,
                   void *_Nonnull y);

/// y[j] = the sum over t of weights[t count + j] x[places[t count + j]], for each of `planes` planes
/// of x and y; a negative place counts as a zero.
void ck_sample(int64_t taps, int64_t count, const int32_t *_Nonnull places,
               const float *_Nonnull weights, int64_t planes, const float *_Nonnull x,
               int64_t x_stride, float *_Nonnull y, int64_t y_stride);

/// Softmax down each column, or its logarithm. Columns are contiguous.
void ck_softmax_rows(int64_t rows, int64_t columns, const float *_Nonnull x, int64_t x_row_stride,
                     float *_Nonnull y, int64_t y_row_stride, int32_t is_logarithm);

/// The same along each line. Lines follow each other.
void ck_softmax_lines(int64_t lines, int64_t columns, const float *_Nonnull x, float *_Nonnull y,
                      int32_t is_logarithm);

/// y[j] = ln of the sum of the exponentials of column j. Columns are contiguous.
void ck_log_sum_exp_rows(int64_t rows, int64_t columns, const float *_Nonnull x, int64_t row_stride,
                         float *_Nonnull y);

/// The same along each line. Lines follow each other.
void ck_log_sum_exp_lines(int64_t lines, int64_t columns, const float *_Nonnull x,
                          float *_Nonnull y);

/// places[j] = the row of the largest (or smallest) element of column j: the first such row, or the
/// last. What is no number is never better than another, and another never better than it.
void ck_extreme_rows(int64_t rows, int64_t columns, const float *_Nonnull x, int64_t row_stride,
                     int32_t is_smallest, int32_t takes_last, int64_t *_Nonnull places);

/// places[i] = the same along line i.
void ck_extreme_lines(int64_t lines, int64_t columns, const float *_Nonnull x, int64_t line_stride,
                      int32_t is_smallest, int32_t takes_last, int64_t *_Nonnull places);

typedef enum ck_type {
  CK_FLOAT32,
  CK_FLOAT64,
  CK_FLOAT16,
  CK_BFLOAT16,
  CK_INT8,
  CK_INT16,
  CK_INT32,
  CK_INT64,
  CK_UINT8,
  CK_UINT16,
  CK_UINT32,
  CK_UINT64,
  CK_BOOL,
} ck_type;

/// Each element in another type. Integers lose their higher bits; a real number becomes an integer
/// of 64 bits first, toward zero and within its range, 0 where it is no number; rounding is to the
/// nearest. Float64 to the types of 16 bits is not done here: through Float32 it would round twice.
void ck_convert(ck_type from, ck_type to, int64_t count, const void *_Nonnull x, void *_Nonnull y);

typedef enum ck_pairing {
  CK_SUM_OF,
  CK_DIFFERENCE,
  CK_PRODUCT_OF,
  CK_EQUAL,
  CK_LESS,
  CK_LESS_OR_EQUAL,
  CK_BOTH,
  CK_EITHER,
  CK_ONE,
} ck_pairing;

/// y[j] = what `pairing` makes of a[j a_stride] and b[j b_stride], the strides being 0 or 1: an
/// element of the same type, in which integers lose what is more than their bits, or 0 or 1 in a
/// byte. The last three are of truth values. Not for types of 16 bits that are no integers.
void ck_combine(ck_pairing pairing, ck_type type, int64_t count, const void *_Nonnull a,
             int64_t a_stride, const void *_Nonnull b, int64_t b_stride, void *_Nonnull y);

typedef enum ck_cell {
  CK_LSTM,           // gates in the order i, o, f, c
  CK_GRU_LINEAR,     // z, r, h with r after the product with R
  CK_GRU_GATES,      // z and r of the other kind of GRU: to `updates`, and r h to `scratch`
  CK_GRU_CANDIDATE,  // its h, once every unit has the gates
  CK_RNN_TANH,
  CK_RNN_RELU,
} ck_cell;

/// Hidden units whose weights stand together.
enum { CK_UNITS = 32 };

/// One step of a recurrent network in one direction, for the entries of a batch.
///
/// Each block of CK_UNITS hidden units has its weights together: for each gate `hidden` rows of
/// CK_UNITS numbers, zeros in place of units that there are not.
typedef struct ck_recurrence {
  ck_cell cell;
  /// Gates that have weights.
  int32_t gate_count;
  int64_t hidden;
  const float *_Nonnull weights;
  /// W x with all biases but the one below, gate by gate, and from one entry to the next.
  const float *_Nonnull projected;
  int64_t projected_stride;
  /// What is added to R h of a CK_GRU_LINEAR's candidate before r scales it.
  const float *_Nullable candidate_bias;
  /// h before and after the step.
  const float *_Nonnull state;
  int64_t state_stride;
  float *_Nonnull result;
  int64_t result_stride;
  /// The cells of an LSTM, [entries, hidden], which the step replaces.
  float *_Nullable cells;
  /// z and r h of a GRU, [entries, hidden].
  float *_Nullable updates, *_Nullable scratch;
} ck_recurrence;

/// Computes the block of units from `unit` on, for `entries` entries from `first` on. Four entries
/// from each multiple of four on are computed together, and rounded so.
void ck_recurrent_step(const ck_recurrence *_Nonnull recurrence, int64_t unit, int64_t first,
                       int64_t entries);

typedef struct ck_box {
  double left, right, top, bottom, area;
} ck_box;

/// Whether one of `count` boxes overlaps `box` by more than `limit`: intersection over union, 0 where
/// either is empty. Their numbers are lists, in the order of ck_box, that start `stride` apart.
int32_t ck_overlaps_any(int64_t count, const double *_Nonnull boxes, int64_t stride, ck_box box,
                        double limit);

#ifdef __cplusplus
}
#endif
#endif
