internal import UnrollArrays
internal import UnrollAutograd

/// Parameters that hold several gates side by side in their last axis.
extension Initializer {
  /// Equal blocks of the last axis, each initialised on its own: fans are those of a block.
  ///
  ///     // Of an LSTM with gates i f g o: forget biases of 1, the others 0.
  ///     var generator = Generator(seed: 1)
  ///     let bias = Initializer.perGate([.zeros, .ones, .zeros, .zeros])([4 * 8], using: &generator)
  public static func perGate(_ initializers: [Initializer]) -> Initializer {
    require(!initializers.isEmpty, "perGate: there are no initialisers")
    return Initializer { shape, type, generator in
      require(
        shape.count > 0 && shape[shape.count - 1] % initializers.count == 0,
        "perGate: the last axis of shape \(shape) does not split into \(initializers.count) equal blocks")
      var block = shape
      block[shape.count - 1] /= initializers.count
      return Tensor.concatenate(initializers.map { $0(block, type, using: &generator) }, axis: -1)
    }
  }

  /// The same for each of so many gates.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let recurrent = Initializer.perGate(4, .orthogonal())([8, 4 * 8], using: &generator)
  public static func perGate(_ count: Int, _ initializer: Initializer) -> Initializer {
    require(count > 0, "perGate: \(count) gates cannot be had")
    return perGate(Array(repeating: initializer, count: count))
  }

  /// The bias `[4 * hidden]` of an LSTM with gates in the order i f g o that remembers up to so many steps from the start.
  ///
  /// Forget biases are ln u, u uniform in [1, longest − 1): units forget over about 1 + u steps. Input biases are minus those,
  /// the others 0.
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
