import Testing

@testable import UnrollArrays

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#else
  import Darwin
#endif

/// Kernels take whole vectors where less is left, and work in memory that nobody has cleared: no result depends on what lay there.
@Suite struct StaleMemoryTests {
  /// Zeros, the largest numbers, NaN.
  private static let bytes: [UInt8] = [0, 0x7F, 0xFF]
  private static let counts = [1, 3, 7, 9, 17, 33, 67]

  @Test(arguments: ["portable", "avx2", "avx512"]) func nothingOfItIsSeen(_ table: String) async {
    await #expect(processExitsWith: .success) { [table] in
      setenv("UNROLL_KERNELS", table, 1)
      // Zeros are what new memory holds.
      for type in ElementType.allCases {
        for count in Self.counts {
          let found = Self.bytes.map { byte in
            Self.leave(byte)
            return Self.results(type, count, byte)
          }
          for (name, expected) in found[0] {
            for other in found.dropFirst() {
              #expect(other[name] == expected, "\(name) of \(count) \(type) numbers by \(table) kernels")
            }
          }
        }
      }
    }
  }

  /// Fills blocks that wait for use, and what the allocator hands out from now on.
  private static func leave(_ byte: UInt8) {
    // Glibc's M_PERTURB: every allocation begins as the complement of this byte.
    typealias SetOption = @convention(c) (Int32, Int32) -> Int32
    if let address = dlsym(nil, "mallopt") { _ = unsafeBitCast(address, to: SetOption.self)(-6, Int32(~byte)) }
    // The sizes in which the pool keeps blocks, four to a doubling.
    let sizes = (4...17).flatMap { octave in (4...7).map { $0 << octave } }
    let blocks = sizes.flatMap { size in (0..<6).map { _ in (MemoryPool.take(size), size) } }
    for (block, size) in blocks {
      block.initializeMemory(as: UInt8.self, repeating: byte, count: size)
      MemoryPool.giveBack(block, size)
    }
    let last: UInt64? = NDArray(uninitialized: [200], .float64).scalars(as: Double.self).last?.bitPattern
    #expect(last == 0x0101_0101_0101_0101 &* UInt64(byte))
  }

  /// Fills the stack that the next call takes.
  @inline(never)
  private static func smear(_ byte: UInt8) -> Int {
    var words = InlineArray<4096, UInt64>(repeating: 0x0101_0101_0101_0101 &* UInt64(byte))
    return withUnsafeMutableBytes(of: &words) { $0.count }
  }

  /// What every family of kernels makes of so many numbers, to the bit.
  private static func results(_ type: ElementType, _ count: Int, _ byte: UInt8) -> [String: [UInt64]] {
    var found: [String: [UInt64]] = [:]
    func note(_ name: String, _ result: () -> NDArray) {
      _ = smear(byte)
      found[name] = result().scalars(as: Double.self).map(\.bitPattern)
    }
    let x = NDArray((0..<count).map { Double($0 * 37 % 101) / 40 - 1.2 }).cast(to: type)
    let rows = NDArray((0..<(3 * count)).map { Double($0 * 53 % 97) / 40 - 1.1 }, shape: [3, count]).cast(to: type)
    let positive = x.magnitude() + 0.1
    note("exp") { x.exp() }
    note("log") { positive.log() }
    note("tanh") { x.tanh() }
    note("sigmoid") { x.sigmoid() }
    note("sin") { x.sin() }
    note("pow") { positive.pow(1.7) }
    note("arsinh") { x.arsinh() }
    note("relu") { x.relu() }
    note("cast") { x.cast(to: type == .float32 ? .float64 : .float32) }
    note("binary") { x / positive + x.maximum(positive) * 2 - rows[0] }
    note("comparison") { (x .> positive).select(x, positive) }
    note("masks") { NDArray([Double(((x .< 0) | (x .> 1)).trueCount)]) }
    note("sum") { x.sum() }
    note("largest") { x.max() + x.min() }
    note("product") { x.product() }
    for order in [NormOrder.one, .two, .infinity] { note("norm \(order)") { x.norm(order: order) } }
    for axis in 0..<2 {
      note("sums \(axis)") { rows.sum(axes: axis) + rows.max(axes: axis) }
      note("variances \(axis)") { rows.variance(axes: axis) }
      note("norms \(axis)") { rows.norm(axes: axis) }
      note("softmax \(axis)") { rows.softmax(axis: axis) + rows.logSoftmax(axis: axis) }
      note("logSumExp \(axis)") { rows.logSumExp(axes: axis) }
      note("positions \(axis)") { NDArray((rows.argmax(axis: axis).values + rows.argmin(axis: axis).values).map(Double.init)) }
      note("cumulative \(axis)") { rows.cumulativeSum(axis: axis) }
    }
    for depth in [1, 5, 18] {
      let a = NDArray((0..<(count * depth)).map { Double($0 * 29 % 83) / 40 - 1 }, shape: [count, depth]).cast(to: type)
      let b = NDArray((0..<(depth * 35)).map { Double($0 * 31 % 89) / 40 - 1 }, shape: [depth, 35]).cast(to: type)
      note("product with \(depth)") { a.matmul(b) }
      note("packed product with \(depth)") { a.matmul(PackedMatrix(b)) }
      note("narrow product with \(depth)") { a.matmul(b[.all, 0..<3]) }
      note("turned product with \(depth)") { a.transposed().matmul(a) }
      note("vector product with \(depth)") { x.matmul(a) }
    }
    note("draws") {
      var generator = Generator(seed: count)
      return NDArray.normal([count], type, using: &generator) + NDArray.uniform([count], type, using: &generator)
    }
    note("movements") { rows.transposed().contiguous() + rows.flipped(1).contiguous().transposed() }
    note("gathering") { rows.gathered(rows: [2, 0]) }
    return found
  }
}
