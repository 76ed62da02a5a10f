/// Changes in an array's own memory where nobody else holds it.
extension NDArray {
  /// Changes the element at a position of a contiguous array, and returns what it has become.
  package mutating func modify(at position: Int, _ change: (Double) -> Double) -> Double {
    require(position >= 0 && position < count, "modify: there is no element \(position) of \(count)")
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

  /// The same with 0 where a number is smaller than the smallest normal one.
  package func withoutSubnormals() -> NDArray {
    let least = type == .float32 ? Double(Float.leastNormalMagnitude) : Double.leastNormalMagnitude
    return (magnitude() .< least).select(NDArray(0, type), self)
  }

  /// Where the numbers lie, for tests that look whether they stay there.
  package var address: UInt { read { UInt(bitPattern: $0) } }

  /// Sees to it that nobody else holds the storage and that the elements lie in order without gaps; copies where it must.
  mutating func makeUpdatable() {
    if isKnownUniquelyReferenced(&view.storage) && view.isContiguous { return }
    let copy = View(uninitialized: shape, elementSize: type.size)
    copy.take(from: view, type.size)
    view = copy
  }
}
