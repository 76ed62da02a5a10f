internal import UnrollKernelTemplates

/// A function of corresponding elements of some arrays and of single numbers that updates the arrays in one pass over memory.
///
/// It runs in blocks so short that intermediate results stay in the first-level cache. Every element is computed by the kernels
/// of the single operations: the bits equal those of one operation after another, for any number of threads.
package final class ElementProgram: Sendable {
  /// An operation on blocks: a kernel, and the slots of its operands among arrays, numbers and registers.
  struct Instruction: Sendable {
    enum Kind: UInt8, Sendable { case unary, binary, combination, quotientStep }

    /// Everything but the kernel, read through a pointer: see `Instruction`.
    struct Form: Sendable {
      var kind: Kind
      /// The slots of the operands, of the kernels' parameters a to e, and of the result.
      var x, y, z, a, b, c, d, e, out: Int
      /// The step of an operand: 0 for one number, 1 for an array.
      var dx, dy: Int
      /// Parameters of a function.
      var p, q: Double
    }

    var form: Form
    let unary: UnaryKernel?
    let binary: BinaryKernel?
    let combination: CombinationKernel?
    let quotientStep: QuotientStepKernel?
  }

  let type: ElementType
  /// The number of arrays: those that are updated, the first of which is the parameter, and one that is only read.
  let arrayCount: Int
  /// The number of numbers that a caller gives. They are followed by constants and by numbers computed from both.
  let givenCount: Int
  let constants: [Double]
  let numberCount: Int
  let registerCount: Int
  /// Instructions on numbers alone, which run once per call.
  let preparation: [Instruction]
  let instructions: [Instruction]

  init(_ plan: ElementPlan) {
    type = plan.type
    arrayCount = plan.arrayCount
    givenCount = plan.givenCount
    constants = plan.constants
    numberCount = plan.numberCount
    registerCount = plan.registerCount
    preparation = plan.preparation
    instructions = plan.instructions
  }

  /// The bytes of a block. Blocks of all arrays and registers fit the first-level cache together, and are long enough for the
  /// hardware prefetcher. Measured: 1.5 and 2.5 KB take a fifth more time over large arrays, 4 KB and more a third.
  static let blockBytes = 2048

  /// Updates n elements of the arrays at these addresses.
  func run(_ arrays: [UnsafeMutableRawPointer], _ n: Int, _ numbers: [Double]) {
    if n == 0 { return }
    let size = type.size
    withUnsafeTemporaryAllocation(byteCount: max(1, numberCount) * size, alignment: 8) { place in
      guard let place = place.baseAddress else { stop("no stack space is left for \(numberCount) numbers") }
      prepare(numbers, place)
      parallel(n, grain: elementGrain) { range in run(arrays, range, place) }
    }
  }

  /// Writes the numbers to memory and computes those that depend on them.
  private func prepare(_ numbers: [Double], _ place: UnsafeMutableRawPointer) {
    func write(_ number: Double, _ i: Int) {
      switch type {
      case .float32: place.storeBytes(of: Float(number), toByteOffset: 4 * i, as: Float.self)
      case .float64: place.storeBytes(of: number, toByteOffset: 8 * i, as: Double.self)
      }
    }
    for i in 0..<givenCount { write(numbers[i], i) }
    for (i, number) in constants.enumerated() { write(number, givenCount + i) }
    if preparation.isEmpty { return }
    withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: arrayCount + numberCount) { table in
      for i in 0..<arrayCount { table.initializeElement(at: i, to: place) }
      for i in 0..<numberCount { table.initializeElement(at: arrayCount + i, to: place + i * type.size) }
      preparation.withUnsafeBufferPointer { execute($0, table, 1) }
    }
  }

  private func run(_ arrays: [UnsafeMutableRawPointer], _ range: Range<Int>, _ numbers: UnsafeMutableRawPointer) {
    if registerCount == 0 { return run(arrays, range, numbers, registers: numbers, 0) }
    let registerBytes = (min(Self.blockBytes, range.count * type.size) + 63) & ~63
    // On the stack, not from the pool: the number of threads that need registers at once varies, and repeated updates must not
    // allocate.
    withUnsafeTemporaryAllocation(byteCount: registerCount * registerBytes, alignment: 64) { place in
      guard let place = place.baseAddress else { stop("no stack space is left for \(registerCount) registers") }
      run(arrays, range, numbers, registers: place, registerBytes)
    }
  }

  private func run(
    _ arrays: [UnsafeMutableRawPointer], _ range: Range<Int>, _ numbers: UnsafeMutableRawPointer,
    registers: UnsafeMutableRawPointer, _ registerBytes: Int
  ) {
    let (size, block) = (type.size, Self.blockBytes / type.size)
    let slotCount = arrayCount + numberCount + registerCount
    withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer.self, capacity: slotCount) { table in
      for i in 0..<numberCount { table.initializeElement(at: arrayCount + i, to: numbers + i * size) }
      for i in 0..<registerCount {
        table.initializeElement(at: arrayCount + numberCount + i, to: registers + i * registerBytes)
      }
      instructions.withUnsafeBufferPointer { instructions in
        var start = range.lowerBound
        while start < range.upperBound {
          let count = min(block, range.upperBound - start)
          for i in 0..<arrayCount { table.initializeElement(at: i, to: arrays[i] + start * size) }
          execute(instructions, table, count)
          start += count
        }
      }
    }
  }

  private func execute(
    _ instructions: UnsafeBufferPointer<Instruction>, _ table: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>, _ n: Int
  ) {
    guard let base = instructions.baseAddress, let table = table.baseAddress else { return }
    for i in 0..<instructions.count {
      let instruction = base + i
      let form = instruction.pointee.form
      switch form.kind {
      case .unary: instruction.pointee.unary?.run(table[form.x], table[form.out], n, form.p, form.q)
      case .binary:
        instruction.pointee.binary?.run(table[form.x], form.dx, table[form.y], form.dy, table[form.out], n)
      case .combination:
        instruction.pointee.combination?.run(
          table[form.x], form.dx, table[form.a], table[form.y], form.dy, table[form.b], table[form.out], n)
      case .quotientStep:
        instruction.pointee.quotientStep?.run(
          table[form.z], table[form.c], table[form.x], table[form.a], table[form.y], table[form.b], table[form.e],
          table[form.d],
          table[form.out], n)
      }
    }
  }
}

extension ElementProgram {
  /// Updates arrays, in place where they are uniquely referenced: after the first update their addresses stay and nothing is
  /// allocated, unless the array that is only read is not contiguous.
  package func change(_ arrays: inout [NDArray], reading other: NDArray, _ numbers: [Double]) {
    require(arrays.count == arrayCount - 1, "ElementProgram: \(arrays.count) arrays for a program of \(arrayCount - 1)")
    require(numbers.count == givenCount, "ElementProgram: \(numbers.count) numbers for a program of \(givenCount)")
    for i in arrays.indices {
      require(
        arrays[i].type == type && arrays[i].hasShape(of: other) && other.type == type,
        "ElementProgram: a \(arrays[i].type) array of \(arrays[i].shape) beside a \(other.type) one of \(other.shape)")
    }
    let other = other.contiguous()
    var addresses: [UnsafeMutableRawPointer] = []
    addresses.reserveCapacity(arrayCount)
    for i in arrays.indices {
      arrays[i].makeUpdatable()
      addresses.append(arrays[i].fill { $0 })
    }
    addresses.append(other.read { UnsafeMutableRawPointer(mutating: $0) })
    withExtendedLifetime((arrays, other)) { run(addresses, other.count, numbers) }
  }
}
