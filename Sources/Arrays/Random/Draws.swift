internal import UnrollKernelTemplates

extension NDArray {
  /// Uniformly distributed numbers of the given shape: lower + (upper - lower)·u, with u a multiple of 2⁻²⁴ (float32) or 2⁻⁵³
  /// (float64) in [0, 1).
  ///
  /// The upper bound itself never occurs. Advances the generator's counter by the number of elements. Element k depends only on
  /// the word at counter + k, so drawing two halves one after the other equals drawing the whole.
  package static func uniform(
    _ shape: Shape, in range: Range<Double> = 0..<1, _ type: ElementType = .float32, using generator: inout Generator
  ) -> NDArray {
    let (lower, upper) = (range.lowerBound.rounded(to: type), range.upperBound.rounded(to: type))
    require(lower < upper, "uniform: the range \(range) is empty in \(type)")
    require((upper - lower).isFinite, "uniform: the range \(range) has no finite width")
    let last = type == .float32 ? Double(Float(upper).nextDown) : upper.nextDown
    let uniform = RandomKernels.Uniform(lower: lower, width: upper - lower, last: last)
    return random("uniform", shape, type, &generator) { words, target in
      switch type {
      case .float32: Machine.table.random.uniform32(words, uniform, target.assumingMemoryBound(to: Float.self))
      case .float64: Machine.table.random.uniform64(words, uniform, target.assumingMemoryBound(to: Double.self))
      }
    }
  }

  /// Normally distributed numbers of the given shape: mean + deviation·z.
  ///
  /// z is the normal quantile of the word, right to 13 digits; float32 is the rounded float64. Advances the generator's counter
  /// by the number of elements; element k depends on the word at counter + k alone.
  package static func normal(
    _ shape: Shape, mean: Double = 0, deviation: Double = 1, _ type: ElementType = .float32,
    using generator: inout Generator
  ) -> NDArray {
    let normal = RandomKernels.Normal(mean: mean, deviation: deviation, within: 1, bound: .infinity)
    return normals("normal", shape, normal, type, &generator)
  }

  /// Normally distributed numbers of the given shape, truncated to `bound` deviations from the mean, by default two.
  ///
  /// The truncated density is rescaled, not clamped: nothing accumulates at the bounds, and the deviation of the result is
  /// smaller than the given one (0.88 of it for two). Advances the generator's counter by the number of elements; element k
  /// depends only on the word at counter + k.
  package static func truncatedNormal(
    _ shape: Shape, mean: Double = 0, deviation: Double = 1, within bound: Double = 2, _ type: ElementType = .float32,
    using generator: inout Generator
  ) -> NDArray {
    require(bound > 0, "truncatedNormal: a bound of \(bound) deviations is not positive")
    let within = NormalQuantile.probability(within: bound)
    let normal = RandomKernels.Normal(mean: mean, deviation: deviation, within: within, bound: bound)
    return normals("truncatedNormal", shape, normal, type, &generator)
  }

  /// Ones with the given probability, and zeros, in the given shape.
  ///
  /// Advances the generator's counter by the number of elements; element k depends on the position counter + k alone, and is 1
  /// where `Mask.bernoulli` is true.
  package static func bernoulli(
    _ shape: Shape, probability: Double = 0.5, _ type: ElementType = .float32, using generator: inout Generator
  ) -> NDArray {
    bernoulli(shape, probability: probability, of: 1, type, using: &generator)
  }

  /// A number with the given probability, else 0, drawn like `Mask.bernoulli`.
  package static func bernoulli(
    _ shape: Shape, probability: Double, of value: Double, _ type: ElementType, using generator: inout Generator
  ) -> NDArray {
    let threshold = Mask.threshold(probability)
    let expand = Machine.kernels(for: type).movement.expand
    return random("bernoulli", shape, type, &generator) { words, target in
      let capacity = 1 << 12
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
        guard let bytes = buffer.baseAddress else { return }
        for start in stride(from: 0, to: words.count, by: capacity) {
          let part = RandomKernels.Words(
            philox: words.philox, first: words.first &+ UInt64(start), count: Swift.min(capacity, words.count - start))
          Machine.table.random.bernoulli(part, threshold, bytes)
          expand(bytes, value, target + start * type.size, part.count)
        }
      }
    }
  }

  private static func normals(
    _ name: String, _ shape: Shape, _ normal: RandomKernels.Normal, _ type: ElementType, _ generator: inout Generator
  ) -> NDArray {
    require(
      normal.deviation >= 0 && normal.deviation.isFinite,
      "\(name): a deviation of \(normal.deviation) is negative or not finite")
    require(normal.mean.isFinite, "\(name): a mean of \(normal.mean) is not finite")
    return random(name, shape, type, &generator) { words, target in
      switch type {
      case .float32: Machine.table.random.normal32(words, normal, target.assumingMemoryBound(to: Float.self))
      case .float64: Machine.table.random.normal64(words, normal, target.assumingMemoryBound(to: Double.self))
      }
    }
  }

  private static func random(
    _ name: String, _ shape: Shape, _ type: ElementType, _ generator: inout Generator,
    _ body: (RandomKernels.Words, UnsafeMutableRawPointer) -> Void
  ) -> NDArray {
    require(shape.allSatisfy { $0 >= 0 }, "\(name): shape \(shape) has a negative extent")
    let result = NDArray(uninitialized: shape, type)
    result.view.fillRandom(type.size, &generator, body)
    return result
  }
}

extension View {
  /// Fills new contiguous storage from the words at the generator's counter, and advances it by one per element.
  func fillRandom(
    _ size: Int, _ generator: inout Generator, _ body: (RandomKernels.Words, UnsafeMutableRawPointer) -> Void
  ) {
    let count = shape.elementCount
    let philox = generator.philox
    let first = generator.take(count)
    fill(size) { target in
      parallel(count, grain: 1 << 13) { run in
        let words = RandomKernels.Words(philox: philox, first: first &+ UInt64(run.lowerBound), count: run.count)
        body(words, target + run.lowerBound * size)
      }
    }
  }
}

extension NormalQuantile {
  /// The probability that a normal number lies within ±bound, found by bisection of the kernels' own quantile, so that the
  /// quantile of the result is the bound to the last bit.
  static func probability(within bound: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    while true {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { return high }
      if magnitude(SIMD8(repeating: middle))[0] < bound { low = middle } else { high = middle }
    }
  }
}

extension Double {
  fileprivate func rounded(to type: ElementType) -> Double { type == .float32 ? Double(Float(self)) : self }
}

extension Indices {
  /// Integers of the given shape, each number of the range equally likely.
  ///
  /// Advances the generator's counter by the number of elements; element k depends on the word at counter + k alone.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let ids = Indices.random(in: 0..<10, shape: [32, 8], using: &generator)
  public static func random(in range: Range<Int>, shape: Shape, using generator: inout Generator) -> Indices {
    require(!range.isEmpty, "random: the range \(range) is empty")
    require(
      Int32(exactly: range.lowerBound) != nil && Int32(exactly: range.upperBound - 1) != nil,
      "random: the range \(range) does not fit 32 bits")
    require(shape.allSatisfy { $0 >= 0 }, "random: shape \(shape) has a negative extent")
    let result = Indices(uninitialized: shape)
    let bound = UInt64(range.count)
    let source = generator
    result.view.fillRandom(4, &generator) { words, target in
      let target = target.assumingMemoryBound(to: Int32.self)
      source.forEachWord(from: words.first, count: words.count) { i, word in
        let number = Generator.reduce(word, below: bound) { source.child(at: words.first &+ UInt64(i)) }
        target[i] = Int32(range.lowerBound + Int(number))
      }
    }
    return result
  }

  /// The numbers 0 ..< count in random order, each order equally likely, as a vector.
  ///
  /// Advances the generator's counter by count - 1.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let order = Indices.permutation(1000, using: &generator)
  public static func permutation(_ count: Int, using generator: inout Generator) -> Indices {
    require(count >= 0 && count <= Int(Int32.max), "permutation: count \(count) is negative or does not fit 32 bits")
    var order = Array(0..<Int32(count))
    generator.shuffle(&order)
    return Indices(order, shape: [count])
  }
}

extension Mask {
  /// True with the given probability, to the nearest multiple of 2⁻³². Probability 0 never gives true, and 1 always.
  ///
  /// Advances the generator's counter by the number of elements; element k depends only on the position counter + k. It uses 32
  /// bits that no other draw uses.
  ///
  ///     var generator = Generator(seed: 1)
  ///     let kept = Mask.bernoulli([4, 4], probability: 0.9, using: &generator)
  public static func bernoulli(_ shape: Shape, probability: Double = 0.5, using generator: inout Generator) -> Mask {
    let threshold = threshold(probability)
    require(shape.allSatisfy { $0 >= 0 }, "bernoulli: shape \(shape) has a negative extent")
    let result = Mask(uninitialized: shape)
    result.view.fillRandom(1, &generator) { words, target in
      Machine.table.random.bernoulli(words, threshold, target.assumingMemoryBound(to: UInt8.self))
    }
    return result
  }

  /// The number of true outcomes among 2³² equally likely ones.
  static func threshold(_ probability: Double) -> UInt64 {
    require(probability >= 0 && probability <= 1, "bernoulli: a probability of \(probability) is not between 0 and 1")
    return UInt64((probability * 0x1p32).rounded())
  }
}
