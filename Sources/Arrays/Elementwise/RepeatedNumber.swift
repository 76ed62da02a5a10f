extension NDArray {
  /// The common number of all elements, where a large array is a broadcast of one; nil elsewhere. A function of such an array
  /// is again such an array: the placeholder of a parameter, while a rule is traced, must not take a parameter's memory.
  var repeatedNumber: NDArray? {
    if view.isContiguous || count < 1 << 12 { return nil }
    let (shape, strides) = (view.shape, view.strides)
    for axis in shape.indices where shape[axis] != 1 && strides[axis] != 0 { return nil }
    return NDArray(view: View(view, offset: view.offset, [], strides: []), type: type)
  }

  /// The number of an array that has only one element, or one number everywhere.
  var onlyNumber: NDArray? { count == 1 ? reshaped([]) : repeatedNumber }
}
