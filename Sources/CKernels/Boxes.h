// One variant of what compares a box with many, included by InstructionSets.h.

TARGET static void NAME(overlaps_any)(int64_t count, const double *boxes, int64_t stride,
                                      const ck_box *box, double limit, int32_t *result) {
// The same bits with every instruction set.
#pragma clang fp contract(off)
  enum { BLOCK = 32 };
  const double *left = boxes, *right = left + stride, *top = right + stride;
  const double *bottom = top + stride, *area = bottom + stride;
  const double l = box->left, r = box->right, t = box->top, b = box->bottom, own = box->area;
  for (int64_t start = 0; start < count; start += BLOCK) {
    const int64_t end = count - start < BLOCK ? count : start + BLOCK;
    int64_t any = 0;
    for (int64_t j = start; j < end; j++) {
      const double width = (right[j] < r ? right[j] : r) - (left[j] > l ? left[j] : l);
      const double height = (bottom[j] < b ? bottom[j] : b) - (top[j] > t ? top[j] : t);
      const double common = width * height;
      const double ratio = common / (area[j] + own - common);
      const int overlaps = (width > 0) & (height > 0) & (area[j] > 0) & (own > 0);
      any |= !((overlaps ? ratio : 0) <= limit);
    }
    if (any) {
      *result = 1;
      return;
    }
  }
}
