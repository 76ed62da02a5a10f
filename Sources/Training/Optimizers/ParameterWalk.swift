internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollNetworks

extension Module {
  /// Calls the closure with the index and the gradient of every parameter to be updated; frozen ones are included only with
  /// `evenFrozen`. Stops if the gradient does not match this model, or if the model does not have the `count` parameters that
  /// the optimizer was made for.
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
        stop("update: the gradient has no parameter \(name)")
      }
      let (slope, isFrozen) = (slopes[number].tensor.array, parameter.isFrozen || slopes[number].tensor.isFrozen)
      if isUpdated(name) && (evenFrozen || !isFrozen) {
        require(!parameter.isRecorded, "update: the parameter \(name) is recorded and cannot change in place")
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

  /// The same model with every parameter filled with one number. Each takes the memory of a single number until it is changed,
  /// so that the state of parameters that are never updated costs nothing.
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

  /// Moves the tensors that `takeTensors` returned back in.
  mutating func putBack(_ tensors: [Tensor]) {
    var rest = tensors.makeIterator()
    visitTensors { tensor in if let next = rest.next() { tensor = next } }
  }
}
