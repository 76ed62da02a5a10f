internal import UnrollKernelTemplates

/// A recurrent step as instructions over rows, forward and backward, with a place for everything.
package final class StepProgram: Sendable {
  /// A product of rows that lie somewhere with some columns of a matrix, into neighbouring columns of the record.
  struct ForwardProduct: Sendable {
    let left: Place
    let matrix: Int
    /// Columns of the matrix, in the order of the record's.
    var columns: [Range<Int>]
    let start: Int
    /// Whether something has been written there before.
    let accumulates: Bool

    var width: Int { columns.reduce(0) { $0 + $1.count } }
  }

  /// Neighbouring columns of the cotangents' record times rows of a transposed matrix.
  struct BackwardProduct: Sendable {
    let start: Int
    let matrix: Int
    /// Columns of the matrix, in the order of the record's.
    var columns: [Range<Int>]
    /// Where the result goes.
    let target: Place
    let accumulates: Bool

    var width: Int { columns.reduce(0) { $0 + $1.count } }
  }

  /// What the cotangent of a matrix is added up from: rows that lie somewhere, and neighbouring columns of the cotangents' record.
  struct WeightTerm: Sendable {
    let left: Place
    let rows: Int
    let matrix: Int
    let start: Int
    var columns: [Range<Int>]
    var width: Int { columns.reduce(0) { $0 + $1.count } }
  }

  enum Stage: Sendable {
    case rows([Instruction])
    case forward(ForwardProduct)
    case backward(BackwardProduct)
  }

  package let type: ElementType
  package let inputWidth: Int
  package let stateWidths: [Int]
  let drawWidths: [Int]
  let matrixShapes: [(rows: Int, columns: Int)]
  /// Elements from one record to the next.
  let recordWidth: Int
  let cotangentWidth: Int
  /// The columns that products write, and for each of them the parameter that they begin from.
  let gateWidth: Int
  let biases: [(start: Int, parameter: Int)]
  /// Columns that are filled from the biases before a step's products add to them.
  let filled: [Range<Int>]
  let scratchWidth: Int
  let blockRows: Int
  let sumWidth: Int
  /// Where each parameter lies among all, the constants after those of the caller; and the numbers behind them.
  let parameterOffsets: [Int]
  let parameterWidths: [Int]
  let constants: [NDArray]
  let numbers: [Double]
  let parameterCount: Int

  /// Products of x: done for many steps at once.
  let inputProducts: [ForwardProduct]
  /// Products of the state, the first of a step.
  let stateProducts: [ForwardProduct]
  let forward: [Stage]
  let backward: [Stage]
  /// The last of a step on the way back: for each part of the state.
  let stateCotangents: [[BackwardProduct]]
  let inputCotangents: [BackwardProduct]
  let weights: [WeightTerm]
  /// The parameters whose cotangents are sums of columns of the cotangents' record, and those that have sums of their own.
  let columnSums: [(parameter: Int, starts: [Range<Int>])]
  let rowSums: [(parameter: Int, start: Int, width: Int)]
  /// Whether the cotangent of a part of the state has a value besides products.
  let passesState: [Bool]
  let passesInput: Bool
  /// Whether the way back reads the record.
  let keepsRecords: Bool
  package var hasRecords: Bool { keepsRecords }

  init(_ plan: StepPlan, _ graph: StepGraph, _ type: ElementType) {
    self.type = type
    inputWidth = graph.inputWidth
    stateWidths = graph.stateWidths
    drawWidths = graph.drawWidths
    matrixShapes = graph.matrixShapes
    recordWidth = plan.recordWidth
    cotangentWidth = plan.cotangentWidth
    gateWidth = plan.gateWidth
    biases = plan.biases
    filled = plan.filled
    scratchWidth = plan.scratchWidth
    blockRows = plan.blockRows
    sumWidth = plan.sumWidth
    parameterOffsets = plan.parameterOffsets
    parameterWidths = graph.parameterWidths
    constants = graph.constants
    numbers = plan.numbers
    parameterCount = plan.parameterCount
    inputProducts = plan.inputProducts
    stateProducts = plan.stateProducts
    forward = plan.forward
    backward = plan.backward
    stateCotangents = plan.stateCotangents
    inputCotangents = plan.inputCotangents
    weights = plan.weights
    columnSums = plan.columnSums
    rowSums = plan.rowSums
    passesState = plan.passesState
    passesInput = plan.passesInput
    keepsRecords = plan.keepsRecords
  }

  /// The program of a step, or what stands in its way.
  package static func compiled(_ graph: StepGraph, _ type: ElementType) -> StepProgram {
    let graph = graph.rewritten
    var plan = StepPlan(graph, type)
    plan.make()
    return StepProgram(plan, graph, type)
  }
}

/// One operation on rows: kernels, and where the operands lie.
struct Instruction: Sendable {
  enum Kind: Sendable {
    case unary(UnaryKernel, Double, Double)
    case binary(BinaryKernel)
    case multiplyAdd(MultiplyAddKernel)
    case fold(ReductionKernels.Fold)
    /// Adds rows to a sum, one after the other.
    case add(BinaryKernel)
    case copy
  }

  let kind: Kind
  let x, y, z: Place
  /// 0 where an operand is one number, 1 where it is a row.
  let dx, dy, dz: Int
  let out: Place
  let width: Int
  /// Whether the rows of all operands lie one after another, so that one call does all of them.
  let isFlat: Bool

  init(_ kind: Kind, _ operands: [(place: Place, step: Int)], out: Place, width: Int) {
    self.kind = kind
    let (none, rows) = (Place(memory: 0, offset: 0, pitch: 0), operands)
    x = rows.indices.contains(0) ? rows[0].place : none
    y = rows.indices.contains(1) ? rows[1].place : none
    z = rows.indices.contains(2) ? rows[2].place : none
    dx = rows.indices.contains(0) ? rows[0].step : 0
    dy = rows.indices.contains(1) ? rows[1].step : 0
    dz = rows.indices.contains(2) ? rows[2].step : 0
    self.out = out
    self.width = width
    var isFlat = out.pitch == width
    if case .fold = kind { isFlat = false }
    if case .add = kind { isFlat = false }
    for (place, step) in rows { isFlat = isFlat && (step == 1 ? place.pitch == width : place.pitch == 0) }
    self.isFlat = isFlat
  }
}

extension StepProgram {
  /// Runs instructions over some rows. Every memory begins at the first of these rows.
  static func run(
    _ instructions: [Instruction], _ memories: UnsafeMutablePointer<UnsafeMutableRawPointer>, rows: Int, size: Int
  ) {
    instructions.withUnsafeBufferPointer { instructions in
      for i in instructions.indices { instructions[i].run(memories, rows: rows, size: size) }
    }
  }
}

extension Instruction {
  @inline(__always)
  private func address(
    _ place: Place, _ memories: UnsafeMutablePointer<UnsafeMutableRawPointer>, _ row: Int, _ size: Int
  ) -> UnsafeMutableRawPointer {
    memories[place.memory] + (place.offset &+ row &* place.pitch) &* size
  }

  fileprivate func run(_ memories: UnsafeMutablePointer<UnsafeMutableRawPointer>, rows: Int, size: Int) {
    let calls = isFlat ? 1 : rows
    let n = isFlat ? rows &* width : width
    switch kind {
    case .unary(let kernel, let a, let b):
      for row in 0..<calls { kernel.run(address(x, memories, row, size), address(out, memories, row, size), n, a, b) }
    case .binary(let kernel):
      for row in 0..<calls {
        kernel.run(
          address(x, memories, row, size), dx, address(y, memories, row, size), dy, address(out, memories, row, size), n)
      }
    case .multiplyAdd(let kernel):
      for row in 0..<calls {
        kernel.run(
          address(x, memories, row, size), dx, address(y, memories, row, size), dy, address(z, memories, row, size), dz,
          address(out, memories, row, size), n)
      }
    case .fold(let kernel):
      for row in 0..<calls { kernel(address(x, memories, row, size), n, 1, n, nil, 1, address(out, memories, row, size)) }
    case .add(let kernel):
      for row in 0..<calls {
        let sum = address(out, memories, row, size)
        kernel.run(sum, 1, address(x, memories, row, size), dx, sum, n)
      }
    case .copy:
      for row in 0..<calls { address(out, memories, row, size).copyMemory(from: address(x, memories, row, size), byteCount: n &* size) }
    }
  }
}
