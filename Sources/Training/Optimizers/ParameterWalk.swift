internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

extension Module {
  /// Calls the closure with the number and the gradient of every parameter that is to be updated: of those that are frozen
  /// only if `evenFrozen`. Stops where the gradient is not one of this model, and where the model is not the one of `count` parameters
  /// that an optimizer was made for.
  mutating func updateParameters(
    along gradient: Self, count: Int, evenFrozen: Bool = false, where isUpdated: (_ name: String) -> Bool,
    _ body: (_ number: Int, _ parameter: inout Tensor, _ gradient: NDArray) -> Void
  ) {
    let slopes = gradient.parameters
    var number = 0
    visitParameters { name, parameter in
      require(
        number < count, "update: the model has the parameter \(name), but the optimizer was made for \(count) parameters")
      guard number < slopes.count, slopes[number].name == name else {
        stop("update: the model has the parameter \(name), the gradient has not")
      }
      let (slope, isFrozen) = (slopes[number].tensor.array, parameter.isFrozen || slopes[number].tensor.isFrozen)
      if isUpdated(name) && (evenFrozen || !isFrozen) {
        require(!parameter.isRecorded, "update: the parameter \(name) is recorded, so its numbers must stay")
        require(
          slope.type == parameter.type && slope.shape == parameter.shape,
          "update: the gradient of \(name) is \(slope.type) of shape \(slope.shape), the parameter \(parameter.type) of shape \(parameter.shape)"
        )
        body(number, &parameter, slope)
      }
      number += 1
    }
    require(number == count, "update: the model has \(number) parameters, but the optimizer was made for \(count)")
    require(number == slopes.count, "update: the model has \(number) parameters, the gradient \(slopes.count)")
  }

  /// The same number in place of every parameter. It takes the memory of one number until it is changed, so that what an
  /// optimizer remembers of parameters it never updates costs nothing.
  func filled(with value: Double) -> Self { mapping { Tensor(NDArray(value, $0.type).broadcast(to: $0.shape)) } }

  /// Moves all tensors out, so that each can be changed in place while another model is visited.
  mutating func takeTensors() -> [Tensor] {
    let none = Tensor(0)
    var tensors: [Tensor] = []
    visitTensors { tensor in
      tensors.append(tensor)
      tensor = none
    }
    return tensors
  }

  /// Moves the tensors back that `takeTensors` has moved out.
  mutating func putBack(_ tensors: [Tensor]) {
    var rest = tensors.makeIterator()
    visitTensors { tensor in if let next = rest.next() { tensor = next } }
  }
}
