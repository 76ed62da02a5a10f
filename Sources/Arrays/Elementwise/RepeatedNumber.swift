extension NDArray {
  /// The number that all elements are, where they are many and lie in one place; nil elsewhere. A function of such an array is
  /// such an array: what stands for a parameter while a rule is traced must not take a parameter's memory.
  var repeatedNumber: NDArray? {
    if view.isContiguous || count < 1 << 12 { return nil }
    let (shape, strides) = (view.shape, view.strides)
    for axis in shape.indices where shape[axis] != 1 && strides[axis] != 0 { return nil }
    return NDArray(view: View(view, offset: view.offset, [], strides: []), type: type)
  }

  /// The only number that an array has, if it has one alone or the same everywhere.
  var onlyNumber: NDArray? { count == 1 ? reshaped([]) : repeatedNumber }
}
