internal import UnrollArrays
internal import UnrollAutograd

/// Parameters that hold several gates side by side in their last axis.
extension Initializer {
  /// Equal blocks of the last axis, each initialised separately, with the fans of one block.
  ///
  ///     // For an LSTM with gates i f g o: forget biases of 1, the others 0.
  ///     var generator = Generator(seed: 1)
  ///     let bias = Initializer.perGate([.zeros, .ones, .zeros, .zeros])([4 * 8], using: &generator)
  public static func perGate(_ initializers: [Initializer]) -> Initializer {
    require(!initializers.isEmpty, "perGate: the list of initialisers is empty")
    return Initializer { shape, type, generator in
      require(
        shape.count > 0 && shape[shape.count - 1] % initializers.count == 0,
        "perGate: the last axis of shape \(shape) does not split into \(initializers.count) equal blocks")
      var block = shape
      block[shape.count - 1] /= initializers.count
      return Tensor.concatenate(initializers.map { $0(block, type, using: &generator) }, axis: -1)
    }
  }

  /// The same initialiser for each of `count` gates.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let recurrent = Initializer.perGate(4, .orthogonal())([8, 4 * 8], using: &generator)
  public static func perGate(_ count: Int, _ initializer: Initializer) -> Initializer {
    require(count > 0, "perGate: a count of \(count) gates is not positive")
    return perGate(Array(repeating: initializer, count: count))
  }

  /// The bias `[4 * hidden]` of an LSTM with gates i f g o whose initial memory spans up to `longest` steps (chrono
  /// initialisation).
  ///
  /// Forget biases are ln u with u uniform in [1, longest − 1), so that units forget over about 1 + u steps. Input biases are
  /// minus the forget biases, and the others 0.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let bias = Initializer.chrono(longest: 784)([4 * 8], using: &generator)
  public static func chrono(longest: Double) -> Initializer {
    require(longest > 2 && longest.isFinite, "chrono: a longest dependency of \(longest) steps is not a finite number above 2")
    return Initializer { shape, type, generator in
      require(
        shape.count == 1 && shape[0] % 4 == 0, "chrono: shape \(shape) is not that of the biases of four gates [4 * hidden]")
      let hidden = shape[0] / 4
      let forget = NDArray.uniform([hidden], in: 1..<(longest - 1), .float64, using: &generator).log().cast(to: type)
      let zeros = NDArray.zeros([2 * hidden], type)
      return Tensor(NDArray.concatenate([-forget, forget, zeros], axis: 0))
    }
  }
}
