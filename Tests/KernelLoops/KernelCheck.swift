public import UnrollKernelTemplates

/// One comparison of the kernels of a table with plain loops.
public struct KernelCheck: Sendable {
  public let name: String
  public let run: @Sendable (KernelTable, Findings) -> Void

  init(_ name: String, _ run: @escaping @Sendable (KernelTable, Findings) -> Void) {
    self.name = name
    self.run = run
  }

  public static let all = masks + random + elements + combinations + reductions + others

  private static let masks = [
    KernelCheck("masks take any steps") { table, findings in
      for operation in MaskOperation.allCases { MaskLoops(table: table, findings: findings).operationsTakeAnySteps(operation) }
    },
    KernelCheck("masks are counted") { MaskLoops(table: $0, findings: $1).countsAreThoseOfALoop() },
    KernelCheck("masks that differ") { MaskLoops(table: $0, findings: $1).aDifferenceIsSeenWhereverItIs() },
    KernelCheck("masks become numbers") { MaskLoops(table: $0, findings: $1).bytesBecomeNumbers() },
  ]

  private static let random = [
    KernelCheck("random words") { RandomLoops(table: $0, findings: $1).wordsAreThoseOfSingleBlocks() },
    KernelCheck("random trials") { table, findings in
      for threshold in [0, 1, 1 << 30, 0xC000_0001, 1 << 32 - 1, 1 << 32] as [UInt64] {
        RandomLoops(table: table, findings: findings).trialsCompareHalvesOfWords(threshold)
      }
    },
    KernelCheck("thresholds of trials") { RandomLoops(table: $0, findings: $1).aThresholdIsExact() },
  ]

  private static let elements = [
    KernelCheck("functions of one number") { ElementLoops(table: $0, findings: $1).unaryLoopsReachEveryElementAndNoOther() },
    KernelCheck("tanh in blocks") { ElementLoops(table: $0, findings: $1).tanhDoesNotDependOnThePlaceInABlock() },
    KernelCheck("tanh keeps NaN") { ElementLoops(table: $0, findings: $1).tanhKeepsNaNWhereverItIs() },
    KernelCheck("functions of two numbers") { ElementLoops(table: $0, findings: $1).binaryLoopsTakeStepsOfZeroAndOne() },
    KernelCheck("extrema keep NaN") { ElementLoops(table: $0, findings: $1).extremaKeepNaN() },
    KernelCheck("comparisons and selections") {
      ElementLoops(table: $0, findings: $1).comparisonsAndSelectionsMatchTheirLoops()
    },
    KernelCheck("functions of three numbers") { table, findings in
      for operation in TernaryOperation.allCases { ElementLoops(table: table, findings: findings).functionsOfThree(operation) }
    },
    KernelCheck("rows that lie apart") { ElementLoops(table: $0, findings: $1).rowsThatLieApart() },
  ]

  private static let combinations = [
    KernelCheck("combinations") { CombinationLoops(table: $0, findings: $1).everyTableGivesTheBitsOfTheFormulas() },
    KernelCheck("sums that fade") { CombinationLoops(table: $0, findings: $1).sumsFadeToZeroAndKeepNaN() },
  ]

  private static let reductions = [
    KernelCheck("reductions") { table, findings in
      for reduction in Reduction.allCases { ReductionLoops(table: table, findings: findings).foldsEqualALoop(reduction) }
    },
    KernelCheck("reductions keep NaN") { table, findings in
      for reduction in [Reduction.sum, .maximum, .minimum, .largestMagnitude, .product] {
        ReductionLoops(table: table, findings: findings).notANumberIsNeverLost(reduction)
      }
    },
    KernelCheck("reductions of very many blocks") { ReductionLoops(table: $0, findings: $1).veryManyBlocksAreAllCounted() },
    KernelCheck("exponential rows") { ReductionLoops(table: $0, findings: $1).exponentialRowsEqualALoop() },
    KernelCheck("running sums") { ReductionLoops(table: $0, findings: $1).runningSumsEqualALoop() },
    KernelCheck("gathering and scattering") { ReductionLoops(table: $0, findings: $1).gatheringAndScatteringEqualLoops() },
  ]

  private static let others = [
    KernelCheck("normalised rows") { table, findings in
      for (hasScale, hasShift) in [(false, false), (false, true), (true, false), (true, true)] {
        NormalizationLoops(table: table, findings: findings).rowsEqualALoop(hasScale, hasShift)
      }
    },
    KernelCheck("recurrences") { table, findings in
      for columns in RecurrenceLoops.columns {
        RecurrenceLoops(table: table, findings: findings).recurrencesEqualALoop(columns)
      }
    },
    KernelCheck("panels") { PanelLoops(table: $0, findings: $1).productsEqualThreeLoops() },
    KernelCheck("single rows") { PanelLoops(table: $0, findings: $1).rowsEqualThreeLoops() },
    KernelCheck("copies of planes") { MovementLoops(table: $0, findings: $1).planesAreThoseOfALoop() },
    KernelCheck("conversions") { MovementLoops(table: $0, findings: $1).conversionsAreThoseOfALoop() },
  ]
}
