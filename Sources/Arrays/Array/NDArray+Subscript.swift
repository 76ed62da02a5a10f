extension NDArray {
  /// The selected part of this array, with one selection for each axis from the first on; further axes stay whole.
  ///
  /// Reading gives a view and copies nothing. Assigning writes in place where the storage is uniquely referenced, and to a copy
  /// otherwise; the assigned value broadcasts to the selected shape. See `AxisSelection`.
  package subscript(_ selectors: any AxisSelector...) -> NDArray {
    get { NDArray(view: view.selecting(selectors.map(\.selection)), type: type) }
    set { assign(newValue, to: selectors.map(\.selection)) }
  }

  /// Writes one number to all selected elements, in place where the storage is uniquely referenced.
  package mutating func fill(_ value: Double, at selectors: any AxisSelector...) {
    assign(NDArray(value, type), to: selectors.map(\.selection))
  }

  /// The part that a list of selections selects, like the subscript.
  package func selecting(_ selections: [AxisSelection]) -> NDArray { NDArray(view: view.selecting(selections), type: type) }

  /// Adds to the selected elements, in place where the storage is uniquely referenced.
  package mutating func add(_ value: NDArray, to selections: [AxisSelection]) {
    makeWritable(keepingElements: true)
    let target = view.selecting(selections)
    target.take(from: (NDArray(view: target, type: type) + value).view, type.size)
  }

  private mutating func assign(_ value: NDArray, to selections: [AxisSelection]) {
    require(value.type == type, "subscript: \(value.type) cannot be assigned into \(type); cast it")
    let selected = view.selecting(selections).shape
    guard let source = value.view.broadcast(to: selected) else {
      stop("subscript: shape \(value.shape) does not broadcast to the selected shape \(selected)")
    }
    // A value that is a view of this array shares its storage: then this array is copied, and the value does not change.
    makeWritable(keepingElements: true)
    view.selecting(selections).take(from: source, type.size)
  }

  /// Makes the storage uniquely referenced and every element distinct, copying where necessary.
  mutating func makeWritable(keepingElements keeps: Bool) {
    if isKnownUniquelyReferenced(&view.storage) && !view.mayOverlapItself { return }
    let copy = View(uninitialized: shape, elementSize: type.size)
    if keeps { copy.take(from: view, type.size) }
    view = copy
  }
}
