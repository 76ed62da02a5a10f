internal import UnrollKernelTemplates
internal import UnrollTestSupport

/// Every reduction against a loop in float64, on every table of kernels that this machine runs.
struct ReductionLoops: KernelLoops {
  let table: KernelTable
  let findings: Findings

  static let lengths = [0, 1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129, 257, 1000, 2049, 5003]

  /// The definition of a reduction.
  static func naive(_ reduction: Reduction, _ x: [Double], _ p: Double) -> Double {
    switch reduction {
    case .sum: x.reduce(0, +)
    case .sumOfMagnitudes: x.reduce(0) { $0 + abs($1) }
    case .sumOfScaledSquares: x.reduce(0) { $0 + (p * $1) * (p * $1) }
    case .sumOfSquaredDeviations: x.reduce(0) { $0 + ($1 - p) * ($1 - p) }
    case .product: x.reduce(1, *)
    case .maximum: x.reduce(-.infinity) { $0 > $1 ? $0 : $1 }
    case .minimum: x.reduce(.infinity) { $0 < $1 ? $0 : $1 }
    case .largestMagnitude: x.reduce(0) { $0 > abs($1) ? $0 : abs($1) }
    }
  }

  func foldsEqualALoop(_ reduction: Reduction) {
    checkRows(reduction, table.float32.reductions, Float.self)
    checkRows(reduction, table.float64.reductions, Double.self)
    checkColumns(reduction, table.float32.reductions, Float.self)
    checkColumns(reduction, table.float64.reductions, Double.self)
  }

  /// Numbers near one for a product, of either sign for the others, so that the error has a scale: the sum of magnitudes.
  func numbers<T: KernelScalar>(_ count: Int, _ reduction: Reduction, _: T.Type) -> [T] {
    var random = TestRandom(seed: UInt64(count) &+ 3)
    return (0..<count).map { _ in
      let u = Double(Int64(truncatingIfNeeded: random.next()) >> 11) * 0x1p-53
      return T(reduction == .product ? 1 + u / 64 : 2 * u)
    }
  }

  /// Rounding in a chain of log₂ n + 40 operations at most, measured against the magnitudes that go in.
  func bound<T: KernelScalar>(_ reduction: Reduction, _ x: [Double], _ p: Double, _: T.Type) -> Double {
    let scale =
      reduction == .product ? 64 : x.reduce(1) { $0 + (reduction == .sumOfSquaredDeviations ? ($1 - p) * ($1 - p) : abs($1)) }
    return scale * Double(T.ulpOfOne) * 16
  }

  func checkRows<T: KernelScalar>(_ reduction: Reduction, _ kernels: ReductionKernels, _: T.Type) {
    for n in Self.lengths {
      let (rows, row) = (3, n + 5)
      let x = numbers(rows * row, reduction, T.self)
      let parameters: [T] = [0.5, -0.25, 2]
      var y = [T](repeating: 77, count: rows + 1)
      kernels.foldRows(reduction)(x, row, rows, n, parameters, 2, &y)
      for i in 0..<rows {
        let elements = x[(i * row)..<(i * row + n)].map { Double($0) }
        let expected = Self.naive(reduction, elements, Double(parameters[i])) / 2
        let error = abs(Double(y[i]) - expected)
        expect(
          Double(y[i]) == expected || error <= bound(reduction, elements, Double(parameters[i]), T.self),
          "\(T.label) \(reduction.rawValue) row of \(n): \(y[i]), not \(expected)")
      }
      expect(y[rows] == 77, "nothing behind the results is written")
    }
  }

  func checkColumns<T: KernelScalar>(_ reduction: Reduction, _ kernels: ReductionKernels, _: T.Type) {
    for (rows, columns) in [(0, 3), (1, 1), (2, 7), (33, 16), (65, 17), (100, 64), (31, 65), (257, 5), (9, 131)] {
      let row = columns + 3
      let x = numbers(rows * row + columns, reduction, T.self)
      let parameters = (0..<columns).map { T($0 % 5) / 4 }
      var y = [T](repeating: 77, count: columns + 1)
      kernels.foldColumns(reduction)(x, row, rows, columns, parameters, 1, &y)
      for j in 0..<columns {
        let elements = (0..<rows).map { Double(x[$0 * row + j]) }
        let expected = Self.naive(reduction, elements, Double(parameters[j]))
        let error = abs(Double(y[j]) - expected)
        expect(
          Double(y[j]) == expected || error <= bound(reduction, elements, Double(parameters[j]), T.self),
          "\(T.label) \(reduction.rawValue) column \(j) of \(rows) × \(columns): \(y[j]), not \(expected)")
      }
      expect(y[columns] == 77, "nothing behind the results is written")
    }
  }

  func notANumberIsNeverLost(_ reduction: Reduction) {
    for n in [1, 3, 16, 40, 300] {
      for place in 0..<n {
        var x = [Float](repeating: 1, count: n)
        x[place] = .nan
        var y: [Float] = [0]
        table.float32.reductions.foldRows(reduction)(x, n, 1, n, nil, 1, &y)
        expect(y[0].isNaN, "\(reduction.rawValue): NaN at \(place) of \(n)")
        table.float32.reductions.foldColumns(reduction)(x, 1, n, 1, nil, 1, &y)
        expect(y[0].isNaN, "\(reduction.rawValue): NaN at row \(place) of \(n)")
      }
    }
  }

  func veryManyBlocksAreAllCounted() {
    // More blocks than the levels of the tournament hold apart: whole numbers, so that any grouping is exact.
    let x = (0..<600_001).map { Double($0 % 7) }
    var y: [Double] = [0, 0]
    table.float64.reductions.foldColumns(Reduction.sum)(x, 2, 300_000, 2, nil, 1, &y)
    let (even, odd) = x.dropLast().enumerated().reduce(into: (0.0, 0.0)) {
      if $1.offset % 2 == 0 { $0.0 += $1.element } else { $0.1 += $1.element }
    }
    expect(y == [even, odd], "very many blocks")
    let long = (0..<4_000_001).map { Float($0 & 1) }
    var sum: [Float] = [0]
    table.float32.reductions.foldRows(Reduction.sum)(long, 0, 1, long.count, nil, 1, &sum)
    expect(sum == [2_000_000], "very many blocks")
  }

  func exponentialRowsEqualALoop() {
    checkExponentials(table.float32.reductions, Float.self)
    checkExponentials(table.float64.reductions, Double.self)
  }

  func checkExponentials<T: KernelScalar>(_ kernels: ReductionKernels, _: T.Type) {
    for n in Self.lengths where n > 0 {
      let x = numbers(2 * n, .sum, T.self).map { $0 * 20 }
      var (soft, logs, sums) = (x, x, [T](repeating: 0, count: 2))
      var scratch = [T](repeating: 0, count: n)
      kernels.softmaxRows(x, n, 2, n, &soft)
      kernels.logSoftmaxRows(x, n, 2, n, &logs)
      kernels.logSumExpRows(x, n, 2, n, &sums, &scratch)
      for i in 0..<2 {
        let row = x[(i * n)..<(i * n + n)].map { Double($0) }
        // Scores are at most 40, so no shift is needed in float64.
        let sum = row.reduce(0) { $0 + exponential($1) }
        let logarithm = NaturalLogarithm.of(sum)
        let tolerance = Double(T.ulpOfOne) * 64
        expect(abs(Double(sums[i]) - logarithm) <= tolerance * 4, "logSumExp of \(n)")
        for j in 0..<n {
          let expected = exponential(row[j]) / sum
          expect(abs(Double(soft[i * n + j]) - expected) <= expected * tolerance, "softmax of \(n) at \(j)")
          expect(abs(Double(logs[i * n + j]) - (row[j] - logarithm)) <= tolerance * 4, "logSoftmax of \(n) at \(j)")
        }
      }
    }
  }

  func runningSumsEqualALoop() {
    for (n, inner) in [(1, 1), (9, 1), (4, 3), (5, 16), (3, 37)] {
      let x = (0..<(n * inner)).map { Float($0 % 11) - 4 }
      var y = x
      table.float32.reductions.accumulate(x, n, inner, &y)
      for k in 0..<n {
        for j in 0..<inner {
          expect(y[k * inner + j] == (0...k).reduce(0) { $0 + x[$1 * inner + j] }, "\(n) × \(inner)")
        }
      }
    }
  }

  func gatheringAndScatteringEqualLoops() {
    let kernels = table.float64.gathering
    let indices: [Int32] = [4, 0, 4, 2]
    let x = (0..<40).map { Double($0) }
    var y = [Double](repeating: 0, count: 8)
    kernels.gatherLine(indices, 1, x, 1, 7, &y, 2, 4)
    expect(y == [28, 0, 1, 0, 30, 0, 17, 0])
    var z = [Double](repeating: 0, count: 5)
    kernels.scatterLine(indices, 1, x, 2, &z, 0, 1, 4)
    expect(z == [2, 0, 6, 0, 4])
    var sums = x
    kernels.addRow(x, &sums, 39)
    expect(sums == x.dropLast().map { 2 * $0 } + [39])
  }
}

/// eˣ by its series, of what remains beyond a multiple of ln 2, whose head is short enough for an exact product.
func exponential(_ x: Double) -> Double {
  let n = (x * 1.4426950408889634).rounded()
  let r = (x - n * 0x1.62e42fefa4p-1) + n * 0x1.8432a1b0e2634p-43
  var (term, sum) = (1.0, 1.0)
  for k in 1...20 {
    term *= r / Double(k)
    sum += term
  }
  return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
}

/// ln by Newton's method on the exponential.
enum NaturalLogarithm {
  static func of(_ x: Double) -> Double {
    var y = Double(x.exponent) * 0.6931471805599453
    for _ in 0..<8 { y += 2 * (x - exponential(y)) / (x + exponential(y)) }
    return y
  }
}
