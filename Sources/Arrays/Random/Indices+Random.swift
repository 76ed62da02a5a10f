internal import UnrollKernelTemplates

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
