import UnrollArrays

/// Pseudorandom numbers between -1 and 1 as input for measurements.
func noise(_ shape: Shape, _ type: ElementType, seed: UInt64) -> NDArray {
  var state = seed
  let numbers = (0..<shape.elementCount).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int64(bitPattern: state) >> 40) / 8_388_608
  }
  return NDArray(numbers, shape: shape).cast(to: type)
}
