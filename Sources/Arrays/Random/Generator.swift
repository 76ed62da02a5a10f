internal import UnrollKernelTemplates

/// A splittable source of random numbers that is a value: three whole numbers say all that it will ever give.
///
/// The numbers are Philox 4x32-10's. The word at position `counter` is a function of `key`, `stream` and `counter` alone, so
/// that arrays are filled in parallel and their bits depend neither on the machine, nor on the kernels, nor on the number of
/// threads. Splitting gives generators whose numbers have nothing to do with one another.
///
///     var generator = Generator(seed: 1)
///     let weights = Tensor.normal([64, 64], using: &generator)
///     var data = generator.split()
///     let order = Indices.permutation(100, using: &data)
public struct Generator: Sendable, Hashable, Codable {
  /// Which of 2⁶⁴ families of streams the numbers come from.
  public var key: UInt64

  /// Which of the key's 2⁶⁴ streams the numbers come from.
  public var stream: UInt64

  /// The position in the stream of the next draw. An array takes one an element, `next` one, a split one.
  public var counter: UInt64

  /// The generator with the given key, stream and counter, such as a checkpoint holds.
  ///
  ///     let old = Generator(seed: 7)
  ///     let same = Generator(key: old.key, stream: old.stream, counter: old.counter)
  public init(key: UInt64, stream: UInt64, counter: UInt64) {
    self.key = key
    self.stream = stream
    self.counter = counter
  }

  /// The generator that a seed stands for; any number is as good as any other.
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

  /// So many independent generators, as `split` gives them one after the other. Advances the counter by `count`.
  ///
  ///     var generator = Generator(seed: 0)
  ///     let workers = generator.split(into: 4)
  public mutating func split(into count: Int) -> [Generator] {
    require(count >= 0, "split: \(count) generators cannot be had")
    return (0..<count).map { _ in split() }
  }

  var philox: Philox { Philox(key: key, stream: stream) }

  /// The child that a split at a position gives. Its key and stream are a block of their own: words use only the numbers
  /// below 2⁶³, and Bernoulli draws those above 3·2⁶².
  func child(at position: UInt64) -> Generator {
    // A block cannot tell positions 2⁶³ apart, nor this one from a Bernoulli draw's at 2⁶²; nobody gets that far by counting.
    let (key, stream) = philox.block(position | 1 << 63)
    return Generator(key: key, stream: stream, counter: 0)
  }

  /// Gives the counter and moves it on by so many words.
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
  /// Calls `body` with the number and the word of each of so many positions. The kernels compute some hundreds at a time.
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

  /// A whole number below `bound`, each equally likely, made of a word; where the word falls into the few that would favour
  /// some numbers, the child of its position decides. Lemire's method: the upper half of word times bound, unless the lower half is among the 2⁶⁴ modulo bound smallest.
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

  /// Puts an array into random order, each order equally likely. Advances the counter by the array's count, less one.
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
