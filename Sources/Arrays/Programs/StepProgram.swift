internal import UnrollKernelTemplates

/// A recurrent step as instructions over rows, forward and backward, with all memory laid out.
package final class StepProgram: Sendable {
  /// Contiguous columns of a record, and the columns of a matrix that they belong to.
  struct Columns: Equatable, Sendable {
    /// The first column of the record.
    let start: Int
    /// Columns of the matrix in the order of the record's columns. Adjacent ranges are merged.
    private(set) var ranges: [Range<Int>]

    init(start: Int, _ range: Range<Int>) {
      self.start = start
      ranges = [range]
    }

    var width: Int { ranges.reduce(0) { $0 + $1.count } }
    var end: Int { start + width }

    mutating func append(_ range: Range<Int>) {
      if let last = ranges.last, last.upperBound == range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
  }

  /// A product of rows with some columns of a matrix, into contiguous columns of the record.
  struct ForwardProduct: Equatable, Sendable {
    let left: Place
    let matrix: Int
    var columns: Columns
    /// Whether it adds to what was written there before.
    let accumulates: Bool
  }

  /// Columns of a parameter that initialise contiguous columns of the record.
  struct Bias: Sendable {
    let start: Int
    let parameter: Int
    let columns: Range<Int>
  }

  /// Contiguous columns of the cotangent record times rows of a transposed matrix.
  struct BackwardProduct: Sendable {
    let matrix: Int
    let columns: Columns
    /// The destination.
    let target: Place
    let accumulates: Bool
  }

  /// A term of a matrix's cotangent: the transposed left factor of a product times contiguous columns of the cotangent record.
  struct WeightTerm: Sendable {
    let left: Place
    let rows: Int
    let matrix: Int
    let columns: Columns
  }

  /// A forward product without its columns, for use inside a step: copying it counts no references.
  struct ProductTerm: Sendable {
    let left: Place
    let start: Int
    let accumulates: Bool
  }

  /// A backward product without its columns, likewise.
  struct CotangentTerm: Sendable {
    let start: Int
    let target: Place
    let accumulates: Bool
  }

  enum Stage: Sendable {
    case rows([Instruction])
    case forward(ForwardProduct)
    case backward(BackwardProduct)
  }

  /// A range of instructions, followed by the product within the step at this index, or by none if it is −1.
  struct StageRange: Sendable {
    var instructions: Range<Int>
    var product: Int
  }

  /// One direction of a step, ready to run: consecutive instructions, cut into stages by the products within the step.
  struct Code: Sendable {
    var instructions: [Instruction] = []
    var stages: [StageRange] = []
    var forwardProducts: [ForwardProduct] = []
    var backwardProducts: [BackwardProduct] = []

    init(_ list: [Stage]) {
      var first = 0
      func close(_ product: Int) -> StageRange { StageRange(instructions: first..<instructions.count, product: product) }
      for stage in list {
        switch stage {
        case .rows(let rows):
          for row in rows {
            if let last = instructions.last, instructions.count > first, let both = last.joined(row) {
              instructions[instructions.count - 1] = both
            } else {
              instructions.append(row)
            }
          }
        case .forward(let product):
          stages.append(close(forwardProducts.count))
          forwardProducts.append(product)
          first = instructions.count
        case .backward(let product):
          stages.append(close(backwardProducts.count))
          backwardProducts.append(product)
          first = instructions.count
        }
      }
      if first < instructions.count { stages.append(close(-1)) }
    }
  }

  package let type: ElementType
  package let inputWidth: Int
  package let stateWidths: [Int]
  let drawWidths: [Int]
  let matrixShapes: [(rows: Int, columns: Int)]
  /// The pitch of records, in elements.
  let recordWidth: Int
  let cotangentWidth: Int
  /// The columns that products write, and the biases that some of them start from.
  let gateWidth: Int
  let biases: [Bias]
  /// Columns that are initialised from the biases before a step's products add to them.
  let filled: [Range<Int>]
  let scratchWidth: Int
  let blockRows: Int
  let sumWidth: Int
  /// The offset of each parameter. The caller's parameters are followed by constants, and these by single numbers.
  let parameterOffsets: [Int]
  let parameterWidths: [Int]
  /// Constants and numbers, concatenated.
  let fixed: NDArray
  let parameterCount: Int

  /// Products of x, which run for many steps at once.
  let inputProducts: [ForwardProduct]
  /// The products of the state and those within the step, without their columns: a step must not count references.
  let stateTerms, innerTerms: [ProductTerm]
  /// Products of the state, which begin a step.
  let stateProducts: [ForwardProduct]
  let forward: Code
  let backward: Code
  /// The products that end a step backward, for each part of the state.
  let stateCotangents: [[BackwardProduct]]
  let innerCotangents: [CotangentTerm]
  let stateCotangentTerms: [[CotangentTerm]]
  let inputCotangents: [BackwardProduct]
  let weights: [WeightTerm]
  /// The parameters whose cotangents are column sums of the cotangent record, and those that have sums of their own.
  let columnSums: [(parameter: Int, starts: [Range<Int>])]
  let rowSums: [(parameter: Int, start: Int, width: Int)]
  /// Whether the cotangent of a part of the state has a value besides products.
  let passesState: [Bool]
  let passesInput: Bool
  /// Whether backward instructions read the input, whose rows must be contiguous then.
  let readsInput: Bool
  /// Whether backward reports the total cotangents of the state after each step.
  package let saysCotangents: Bool
  /// Whether backward reads the record.
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
    fixed = NDArray.concatenate(graph.constants + [NDArray(plan.numbers).cast(to: type)], axis: 0).contiguous()
    parameterCount = plan.parameterCount
    forward = Code(plan.forward)
    backward = Code(plan.backward)
    inputProducts = plan.inputProducts
    stateTerms = plan.stateProducts.map { ProductTerm(left: $0.left, start: $0.columns.start, accumulates: $0.accumulates) }
    innerTerms = forward.forwardProducts.map {
      ProductTerm(left: $0.left, start: $0.columns.start, accumulates: $0.accumulates)
    }
    innerCotangents = backward.backwardProducts.map {
      CotangentTerm(start: $0.columns.start, target: $0.target, accumulates: $0.accumulates)
    }
    stateCotangentTerms = plan.stateCotangents.map { products in
      products.map { CotangentTerm(start: $0.columns.start, target: $0.target, accumulates: $0.accumulates) }
    }
    stateProducts = plan.stateProducts
    stateCotangents = plan.stateCotangents
    inputCotangents = plan.inputCotangents
    weights = plan.weights
    columnSums = plan.columnSums
    rowSums = plan.rowSums
    passesState = plan.passesState
    passesInput = plan.passesInput
    readsInput = backward.instructions.contains { $0.reads(Memory.x) }
    keepsRecords = plan.keepsRecords
    saysCotangents = !graph.byNext.isEmpty
  }

  /// The program of a step.
  package static func compiled(_ graph: StepGraph, _ type: ElementType) -> StepProgram {
    let graph = graph.rewritten
    var plan = StepPlan(graph, type)
    plan.make()
    return StepProgram(plan, graph, type)
  }
}

/// The location of a node's rows.
struct Place: Hashable, Sendable {
  /// The memory, an index: see `Memory`.
  var memory: Int
  /// Elements from the beginning of a row.
  var offset: Int
  /// Elements from one row to the next; 0 where all rows share one.
  var pitch: Int
}

/// The memories that a step's instructions use, by number: first the fixed ones, then three for each part of the state, then
/// the draws, and the cotangents that are reported.
enum Memory {
  /// The gates that products write, and the values that forward keeps for backward: one record for each row of each step.
  static let record = 0
  /// Intermediate rows of a block.
  static let scratch = 1
  /// Parameters and constants.
  static let parameters = 2
  /// The cotangents of products: one record for each row of each step.
  static let cotangents = 3
  /// Sums over rows for the cotangents of parameters.
  static let sums = 4
  static let x = 5
  static let byInput = 6
  static let first = 7
  static func before(_ part: Int) -> Int { first + 3 * part }
  static func after(_ part: Int) -> Int { first + 3 * part + 1 }
  /// The cotangent of a part of the state, in the backward pass.
  static func byState(_ part: Int) -> Int { first + 3 * part + 2 }
  static func draw(_ index: Int, parts: Int) -> Int { first + 3 * parts + index }
  /// The total cotangent of a part of the state after the step, where it is requested.
  static func byNext(_ part: Int, parts: Int, draws: Int) -> Int { first + 3 * parts + draws + part }
}

/// The pitch of rows of `count` elements that begin on a cache line. It is not a multiple of 1 KB (of float32), since rows at
/// such distances share few sets of a cache.
func spreadWidth(_ count: Int) -> Int {
  let line = 16
  let whole = ((count - 1) / line + 1) * line
  return whole % (16 * line) == 0 ? whole + line : whole
}
