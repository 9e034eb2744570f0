// The module's umbrella: what protobuf-c makes of onnx.proto.
#include "onnx.pb-c.h"
