extension NDArray {
  /// What the selections take of this array, one for each axis from the first on; axes that are not named stay whole.
  ///
  /// Reading gives a view and copies nothing. Assigning writes the elements in place where nobody else holds them, and into a
  /// copy of the array otherwise; what is assigned broadcasts to the shape selected. See `AxisSelection`.
  package subscript(_ selectors: any AxisSelector...) -> NDArray {
    get { NDArray(view: view.selecting(selectors.map(\.selection)), type: type) }
    set { assign(newValue, to: selectors.map(\.selection)) }
  }

  /// Writes one number to everything that the selections take; in place where nobody else holds the elements.
  package mutating func fill(_ value: Double, at selectors: any AxisSelector...) {
    assign(NDArray(value, type), to: selectors.map(\.selection))
  }

  /// What a list of selections takes, as the subscript does.
  package func selecting(_ selections: [AxisSelection]) -> NDArray { NDArray(view: view.selecting(selections), type: type) }

  /// Adds to the elements that a list of selections takes, in place where nobody else holds them.
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
    // A value that is a view of this array holds its storage too, so this array is copied and the value stays as it was.
    makeWritable(keepingElements: true)
    view.selecting(selections).take(from: source, type.size)
  }

  /// Sees to it that nobody else holds the storage and that no element is held twice; copies where it must.
  mutating func makeWritable(keepingElements keeps: Bool) {
    if isKnownUniquelyReferenced(&view.storage) && !view.mayOverlapItself { return }
    let copy = View(uninitialized: shape, elementSize: type.size)
    if keeps { copy.take(from: view, type.size) }
    view = copy
  }
}
