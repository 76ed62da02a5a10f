internal import UnrollKernelTemplates

/// A splittable source of random numbers. A value: three integers determine all numbers that it will ever draw.
///
/// The numbers are those of Philox 4x32-10. The word at position `counter` depends on `key`, `stream` and `counter` only, so
/// arrays are filled in parallel, and their bits do not depend on the machine, the kernels or the number of threads. Splitting
/// gives independent generators.
///
///     var generator = Generator(seed: 1)
///     let weights = Tensor.normal([64, 64], using: &generator)
///     var data = generator.split()
///     let order = Indices.permutation(100, using: &data)
public struct Generator: Sendable, Hashable, Codable {
  /// The key of Philox: one of 2⁶⁴ families of streams.
  public var key: UInt64

  /// The stream: one of the key's 2⁶⁴.
  public var stream: UInt64

  /// The position of the next draw in the stream. An array advances it by one per element, `next` and a split by one.
  public var counter: UInt64

  /// A generator with the given key, stream and counter, for example from a checkpoint.
  ///
  ///     let old = Generator(seed: 7)
  ///     let same = Generator(key: old.key, stream: old.stream, counter: old.counter)
  public init(key: UInt64, stream: UInt64, counter: UInt64) {
    self.key = key
    self.stream = stream
    self.counter = counter
  }

  /// The generator of a seed. All seeds are equally good.
  ///
  ///     var generator = Generator(seed: 42)
  public init(seed: Int) { self.init(key: UInt64(bitPattern: Int64(seed)), stream: 0, counter: 0) }

  /// A generator whose numbers are independent of this one's and of all its other children's. Advances the counter by one.
  ///
  ///     var generator = Generator(seed: 0)
  ///     let weights = generator.split()
  ///     let dropout = generator.split()
  public mutating func split() -> Generator {
    defer { counter &+= 1 }
    return child(at: counter)
  }

  /// `count` independent generators, equal to those of successive calls to `split()`. Advances the counter by `count`.
  ///
  ///     var generator = Generator(seed: 0)
  ///     let workers = generator.split(into: 4)
  public mutating func split(into count: Int) -> [Generator] {
    require(count >= 0, "split: count \(count) is negative")
    return (0..<count).map { _ in split() }
  }

  var philox: Philox { Philox(key: key, stream: stream) }

  /// The child that a split at a position creates. Its key and stream are one Philox block, from a range of their own: words
  /// use the blocks below 2⁶³, and Bernoulli draws those from 3·2⁶² on.
  func child(at position: UInt64) -> Generator {
    // Positions that differ by 2⁶³ share a block, and from 2⁶² on positions collide with Bernoulli draws; no counter gets that
    // far.
    let (key, stream) = philox.block(position | 1 << 63)
    return Generator(key: key, stream: stream, counter: 0)
  }

  /// Returns the counter and advances it by `words`.
  mutating func take(_ words: Int) -> UInt64 {
    defer { counter &+= UInt64(words) }
    return counter
  }
}

extension Generator: RandomNumberGenerator {
  /// The word at the counter; the counter advances by one.
  ///
  ///     var generator = Generator(seed: 3)
  ///     let die = Int.random(in: 1...6, using: &generator)
  public mutating func next() -> UInt64 { philox.word(take(1)) }
}

extension Generator {
  /// Calls `body` with the index and the word of each position. The kernels compute some hundred words at a time.
  func forEachWord(from first: UInt64, count: Int, _ body: (Int, UInt64) -> Void) {
    let capacity = 512
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: capacity) { buffer in
      guard let address = buffer.baseAddress else { return }
      for start in stride(from: 0, to: count, by: capacity) {
        let part = RandomKernels.Words(
          philox: philox, first: first &+ UInt64(start), count: min(capacity, count - start))
        Machine.table.random.words(part, address)
        for i in 0..<part.count { body(start + i, address[i]) }
      }
    }
  }

  /// An integer below `bound`, all equally likely, from a word. Lemire's method: the upper half of word · bound. If the lower
  /// half is one of the 2⁶⁴ mod bound smallest, which would favour some numbers, the child generator of that position draws
  /// instead.
  static func reduce(_ word: UInt64, below bound: UInt64, otherwise child: () -> Generator) -> UInt64 {
    var product = word.multipliedFullWidth(by: bound)
    if product.low < bound {
      let excess = (0 &- bound) % bound
      if product.low < excess {
        var generator = child()
        repeat { product = generator.next().multipliedFullWidth(by: bound) } while product.low < excess
      }
    }
    return product.high
  }

  /// Shuffles an array; every order is equally likely. Advances the counter by the array's count, less one.
  ///
  ///     var generator = Generator(seed: 5)
  ///     var names = ["a", "b", "c"]
  ///     generator.shuffle(&names)
  public mutating func shuffle<T>(_ array: inout [T]) {
    let count = array.count
    if count < 2 { return }
    let first = take(count - 1)
    let source = self
    source.forEachWord(from: first, count: count - 1) { k, word in
      let last = count - 1 - k
      let chosen = Generator.reduce(word, below: UInt64(last + 1)) { source.child(at: first &+ UInt64(k)) }
      array.swapAt(last, Int(chosen))
    }
  }

  /// The elements in random order, each order equally likely. Advances the counter by their count, less one.
  ///
  ///     var generator = Generator(seed: 5)
  ///     let order = generator.shuffled(Array(0..<10))
  public mutating func shuffled<T>(_ array: [T]) -> [T] {
    var result = array
    shuffle(&result)
    return result
  }
}
