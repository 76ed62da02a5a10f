extension NDArray {
  package var transposedForBench: NDArray {
    var c = self; c.view.shape = [shape[1], shape[0]]; c.view.strides = [view.strides[1], view.strides[0]]; return c
  }
}
package func noise(_ shape: Shape, _ type: ElementType, seed: UInt64) -> NDArray {
  let a = NDArray(uninitialized: shape, type)
  a.fill { p in
    var s = seed
    for i in 0..<a.count {
      s = s &* 6364136223846793005 &+ 1442695040888963407; let v = Float(Int64(bitPattern: s) >> 40) / 8388608
      if type == .float32 {
        p.assumingMemoryBound(to: Float.self)[i] = v
      } else {
        p.assumingMemoryBound(to: Double.self)[i] = Double(v)
      }
    }
  }
  return a
}
