// One variant of the step of a recurrent network, included by InstructionSets.h.

// The products of `count` entries with one gate's weights, whose sums stay in registers: `sums` of
// them for each element, because one sum would wait for itself.
#define PRODUCT(count, sums)                                                                 \
  TARGET static void NAME(product_##count)(int64_t depth, const float *h, int64_t h_stride,  \
                                           const float *weights, float *y) {                 \
    for (int part = 0; part < CK_UNITS / ROW; part += PARTS) {                               \
      row total[sums][count][PARTS];                                                         \
      _Pragma("clang loop unroll(full)") for (int s = 0; s < (sums); s++)                    \
          _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)               \
              _Pragma("clang loop unroll(full)") for (int v = 0; v < PARTS; v++)             \
                  total[s][i][v] = (row){0};                                                 \
      const float *w = weights + part * ROW;                                                 \
      int64_t k = 0;                                                                         \
      for (; k + (sums) <= depth; k += (sums)) {                                             \
        _Pragma("clang loop unroll(full)") for (int s = 0; s < (sums); s++, w += CK_UNITS)   \
            _Pragma("clang loop unroll(full)") for (int v = 0; v < PARTS; v++) {             \
          const row b = *(const unaligned_row *)(w + v * ROW);                               \
          _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)               \
              total[s][i][v] += h[i * h_stride + k + s] * b;                                 \
        }                                                                                    \
      }                                                                                      \
      for (; k < depth; k++, w += CK_UNITS)                                                  \
        _Pragma("clang loop unroll(full)") for (int v = 0; v < PARTS; v++) {                 \
          const row b = *(const unaligned_row *)(w + v * ROW);                               \
          _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)               \
              total[0][i][v] += h[i * h_stride + k] * b;                                     \
        }                                                                                    \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)                   \
          _Pragma("clang loop unroll(full)") for (int v = 0; v < PARTS; v++) {               \
        row all = total[0][i][v];                                                            \
        _Pragma("clang loop unroll(full)") for (int s = 1; s < (sums); s++)                  \
            all += total[s][i][v];                                                           \
        *(unaligned_row *)(y + i * CK_UNITS + (part + v) * ROW) = all;                       \
      }                                                                                      \
    }                                                                                        \
  }

#if defined(MANY_REGISTERS)
#define PARTS 2
#else
#define PARTS 1
#endif
PRODUCT(1, 4)
PRODUCT(2, 2)
PRODUCT(4, 1)
#undef PARTS
#undef PRODUCT

// gates[g][i] = the products of entry i with the weights of gate g.
TARGET static void NAME(gates)(int count, int gate_count, int64_t depth, const float *h,
                               int64_t h_stride, const float *weights,
                               float gates[4][ENTRIES][CK_UNITS]) {
  for (int g = 0; g < gate_count; g++, weights += depth * CK_UNITS) {
    switch (count) {
      case 1: NAME(product_1)(depth, h, h_stride, weights, gates[g][0]); break;
      case 2: NAME(product_2)(depth, h, h_stride, weights, gates[g][0]); break;
      default: NAME(product_4)(depth, h, h_stride, weights, gates[g][0]); break;
    }
  }
}

TARGET static void NAME(recurrent_step)(const ck_recurrence *r, int64_t unit, int64_t first,
                                        int64_t entries) {
  const int64_t depth = r->hidden;
  const int64_t width = depth - unit < CK_UNITS ? depth - unit : CK_UNITS;
  const int gate_count = (r->cell == CK_LSTM) ? 4 : r->cell == CK_GRU_LINEAR ? 3
                         : r->cell == CK_GRU_GATES ? 2 : 1;
  const float *weights = r->weights + unit * depth * r->gate_count;
  if (r->cell == CK_GRU_CANDIDATE) weights += 2 * depth * CK_UNITS;
  int count;
  for (int64_t e = first; e < first + entries; e += count) {
    const int64_t left = first + entries - e;
    count = left >= 4 ? 4 : left >= 2 ? 2 : 1;
    float gates[4][ENTRIES][CK_UNITS];
    const float *h = r->cell == CK_GRU_CANDIDATE ? r->scratch + e * depth
                                                 : r->state + e * r->state_stride;
    NAME(gates)(count, gate_count, depth, h,
                r->cell == CK_GRU_CANDIDATE ? depth : r->state_stride, weights, gates);
    for (int i = 0; i < count; i++) {
      const float *x = r->projected + (e + i) * r->projected_stride + unit;
      const float *old = r->state + (e + i) * r->state_stride + unit;
      float *y = r->result + (e + i) * r->result_stride + unit;
      switch (r->cell) {
        case CK_LSTM: {
          float *cell = r->cells + (e + i) * depth + unit;
          for (int64_t j = 0; j < width; j++) {
            const float in = sigmoid(x[j] + gates[0][i][j]);
            const float out = sigmoid(x[depth + j] + gates[1][i][j]);
            const float forget = sigmoid(x[2 * depth + j] + gates[2][i][j]);
            const float new = hyperbolic_tangent(x[3 * depth + j] + gates[3][i][j]);
            const float c = forget * cell[j] + in * new;
            cell[j] = c;
            y[j] = out * hyperbolic_tangent(c);
          }
          break;
        }
        case CK_GRU_LINEAR: {
          const float *bias = r->candidate_bias + unit;
          for (int64_t j = 0; j < width; j++) {
            const float update = sigmoid(x[j] + gates[0][i][j]);
            const float reset = sigmoid(x[depth + j] + gates[1][i][j]);
            const float new =
                hyperbolic_tangent(x[2 * depth + j] + reset * (gates[2][i][j] + bias[j]));
            y[j] = (1 - update) * new + update * old[j];
          }
          break;
        }
        case CK_GRU_GATES: {
          float *scaled = r->scratch + (e + i) * depth + unit;
          float *updates = r->updates + (e + i) * depth + unit;
          for (int64_t j = 0; j < width; j++) {
            updates[j] = sigmoid(x[j] + gates[0][i][j]);
            scaled[j] = sigmoid(x[depth + j] + gates[1][i][j]) * old[j];
          }
          break;
        }
        case CK_GRU_CANDIDATE: {
          const float *updates = r->updates + (e + i) * depth + unit;
          for (int64_t j = 0; j < width; j++) {
            const float new = hyperbolic_tangent(x[2 * depth + j] + gates[0][i][j]);
            y[j] = (1 - updates[j]) * new + updates[j] * old[j];
          }
          break;
        }
        case CK_RNN_TANH:
          for (int64_t j = 0; j < width; j++) y[j] = hyperbolic_tangent(x[j] + gates[0][i][j]);
          break;
        case CK_RNN_RELU:
          for (int64_t j = 0; j < width; j++) {
            const float a = x[j] + gates[0][i][j];
            y[j] = a < 0 ? 0 : a;
          }
          break;
      }
    }
  }
}
