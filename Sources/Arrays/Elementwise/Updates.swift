/// In-place updates of uniquely referenced arrays.
extension NDArray {
  /// Changes the element at a position of a contiguous array, and returns its new value.
  package mutating func modify(at position: Int, _ change: (Double) -> Double) -> Double {
    require(position >= 0 && position < count, "modify: position \(position) is out of range for \(count) elements")
    makeUpdatable()
    return fill { address in
      switch type {
      case .float32:
        let value = Float(change(Double(address.load(fromByteOffset: 4 * position, as: Float.self))))
        address.storeBytes(of: value, toByteOffset: 4 * position, as: Float.self)
        return Double(value)
      case .float64:
        let value = change(address.load(fromByteOffset: 8 * position, as: Double.self))
        address.storeBytes(of: value, toByteOffset: 8 * position, as: Double.self)
        return value
      }
    }
  }

  /// The array with subnormal numbers replaced by 0.
  package func withoutSubnormals() -> NDArray {
    let least = type == .float32 ? Double(Float.leastNormalMagnitude) : Double.leastNormalMagnitude
    return (magnitude() .< least).select(NDArray(0, type), self)
  }

  /// The address of the elements, for tests that check that they do not move.
  package var address: UInt { read { UInt(bitPattern: $0) } }

  /// Makes the storage uniquely referenced and contiguous, copying where necessary.
  mutating func makeUpdatable() {
    if isKnownUniquelyReferenced(&view.storage) && view.isContiguous { return }
    let copy = View(uninitialized: shape, elementSize: type.size)
    copy.take(from: view, type.size)
    view = copy
  }
}
