internal import UnrollKernelTemplates

/// A recurrent step as instructions over rows, forward and backward, with a place for everything.
package final class StepProgram: Sendable {
  /// Neighbouring columns of a record, and the columns of a matrix that they belong to.
  struct Columns: Equatable, Sendable {
    /// The first column of the record.
    let start: Int
    /// Columns of the matrix in the order of the record's; no range begins where the one before it ends.
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

  /// A product of rows that lie somewhere with some columns of a matrix, into neighbouring columns of the record.
  struct ForwardProduct: Equatable, Sendable {
    let left: Place
    let matrix: Int
    var columns: Columns
    /// Whether something has been written there before.
    let accumulates: Bool
  }

  /// Columns of a parameter from which neighbouring columns of the record begin.
  struct Bias: Sendable {
    let start: Int
    let parameter: Int
    let columns: Range<Int>
  }

  /// Neighbouring columns of the cotangents' record times rows of a transposed matrix.
  struct BackwardProduct: Sendable {
    let matrix: Int
    let columns: Columns
    /// Where the result goes.
    let target: Place
    let accumulates: Bool
  }

  /// What the cotangent of a matrix is added up from: rows that lie somewhere, and neighbouring columns of the cotangents' record.
  struct WeightTerm: Sendable {
    let left: Place
    let rows: Int
    let matrix: Int
    let columns: Columns
  }

  /// A product as a step sees it.
  struct ProductTerm: Sendable {
    let left: Place
    let start: Int
    let accumulates: Bool
  }

  /// A product of the way back as a step sees it.
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

  /// Instructions, and then a product within the step or -1.
  struct StageRange: Sendable {
    var instructions: Range<Int>
    var product: Int
  }

  /// A direction of a step as it is run: instructions one after another, cut into stages.
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
  /// Elements from one record to the next.
  let recordWidth: Int
  let cotangentWidth: Int
  /// The columns that products write, and what some of them begin from.
  let gateWidth: Int
  let biases: [Bias]
  /// Columns that are filled from the biases before a step's products add to them.
  let filled: [Range<Int>]
  let scratchWidth: Int
  let blockRows: Int
  let sumWidth: Int
  /// Where each parameter lies among all; behind those of the caller lie the constants, and then single numbers.
  let parameterOffsets: [Int]
  let parameterWidths: [Int]
  /// Constants and numbers, one after another.
  let fixed: NDArray
  let parameterCount: Int

  /// Products of x: done for many steps at once.
  let inputProducts: [ForwardProduct]
  /// The products of the state and those within the step without their columns: a step must not count references.
  let stateTerms, innerTerms: [ProductTerm]
  /// Products of the state, the first of a step.
  let stateProducts: [ForwardProduct]
  let forward: Code
  let backward: Code
  /// The last of a step on the way back: for each part of the state.
  let stateCotangents: [[BackwardProduct]]
  let innerCotangents: [CotangentTerm]
  let stateCotangentTerms: [[CotangentTerm]]
  let inputCotangents: [BackwardProduct]
  let weights: [WeightTerm]
  /// The parameters whose cotangents are sums of columns of the cotangents' record, and those that have sums of their own.
  let columnSums: [(parameter: Int, starts: [Range<Int>])]
  let rowSums: [(parameter: Int, start: Int, width: Int)]
  /// Whether the cotangent of a part of the state has a value besides products.
  let passesState: [Bool]
  let passesInput: Bool
  /// Whether instructions of the way back read the input, whose rows have to be neighbours then.
  let readsInput: Bool
  /// Whether the way back says the whole cotangents of the state after each step.
  package let saysCotangents: Bool
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

  /// The program of a step, or what stands in its way.
  package static func compiled(_ graph: StepGraph, _ type: ElementType) -> StepProgram {
    let graph = graph.rewritten
    var plan = StepPlan(graph, type)
    plan.make()
    return StepProgram(plan, graph, type)
  }
}
