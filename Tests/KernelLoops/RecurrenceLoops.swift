internal import UnrollKernelTemplates
internal import UnrollTestSupport

/// Every kernel of recurrences against a loop, on every table that this machine runs. All rows have gaps, which nothing may write.
struct RecurrenceLoops: KernelLoops {
  let table: KernelTable
  let findings: Findings

  static let columns = [1, 2, 3, 7, 8, 15, 16, 17, 33, 64, 130]

  func recurrencesEqualALoop(_ columns: Int) {
    for isComplex in [false, true] {
      for column in isComplex ? [1] : [0, 1] {
        for hasState in [false, true] {
          check(table.float32.recurrences, Float.self, columns, column, isComplex, hasState)
          check(table.float64.recurrences, Double.self, columns, column, isComplex, hasState)
        }
      }
    }
  }

  /// Numbers of three steps and two rows, with three elements after each row.
  private final class Sequence<T: KernelScalar> {
    let start: UnsafeMutablePointer<T>
    let row: Int

    init(_ columns: Int, _ isComplex: Bool, _ random: inout TestRandom) {
      row = (isComplex ? 2 * columns : columns) + 3
      start = .allocate(capacity: 6 * row)
      for i in 0..<6 * row { (start + i).initialize(to: T(Int.random(in: -8...8, using: &random)) / 8) }
    }

    init(copying other: Sequence) {
      row = other.row
      start = .allocate(capacity: 6 * row)
      start.initialize(from: other.start, count: 6 * row)
    }

    deinit { start.deallocate() }

    var elements: [T] { Array(UnsafeBufferPointer(start: start, count: 6 * row)) }

    func place(isShared: Bool = false, column: Int = 1) -> RecurrencePlace {
      RecurrencePlace(UnsafeMutableRawPointer(start), time: isShared ? 0 : 2 * row, row: row, column: column)
    }

    subscript(_ t: Int, _ r: Int, _ j: Int) -> T {
      get { start[(2 * t + r) * row + j] }
      set { start[(2 * t + r) * row + j] = newValue }
    }
  }

  /// Eighths, of which all sums and products here are exact: every table gives the same bits.
  private func check<T: KernelScalar>(
    _ kernels: RecurrenceKernels, _: T.Type, _ columns: Int, _ column: Int, _ isComplex: Bool, _ hasState: Bool
  ) {
    var random = TestRandom(seed: UInt64(columns * 8 + column))
    func draw() -> Sequence<T> { Sequence(columns, isComplex, &random) }
    let (a, b, start, h, g, byA, byB) = (draw(), draw(), draw(), draw(), draw(), draw(), draw())
    for conjugates in isComplex ? [false, true] : [false] {
      let extent = RecurrenceExtent(
        steps: 3, rows: 2, columns: columns, imaginary: isComplex ? columns : 0, conjugates: conjugates)
      let expected = Sequence(copying: h)
      let sign: T = conjugates ? -1 : 1
      for (t, r, j) in positions(columns) {
        let k = column * j
        func state(_ j: Int) -> T { t > 0 ? expected[t - 1, r, j] : hasState ? start[0, r, j] : 0 }
        if isComplex {
          let (re, im, i) = (state(j), state(j + columns), j + columns)
          let (are, aim) = (a[t, r, j], sign * a[t, r, i])
          expected[t, r, j] = are * re - aim * im + b[t, r, j]
          expected[t, r, i] = are * im + aim * re + b[t, r, i]
        } else {
          expected[t, r, j] = a[t, r, k] * state(j) + b[t, r, j]
        }
      }
      let kernel = isComplex ? kernels.complexForward : kernels.forward
      kernel(extent, a.place(column: column), b.place(), hasState ? start.place() : nil, h.place())
      expect(h.elements == expected.elements, "\(T.label), \(columns) columns")
    }
    for isShared in [false, true] {
      let extent = RecurrenceExtent(steps: 3, rows: 2, columns: columns, imaginary: isComplex ? columns : 0)
      let (contributions, results) = (Sequence(copying: byA), Sequence(copying: byB))
      for (t, r, j) in positions(columns).reversed() {
        let k = column * j
        let place = isShared ? 0 : t
        func after(_ j: Int) -> T { t < 2 ? results[t + 1, r, j] : 0 }
        func factor(_ j: Int) -> T { t < 2 ? a[t + 1, r, j] : 0 }
        func state(_ j: Int) -> T { t > 0 ? h[t - 1, r, j] : hasState ? start[0, r, j] : 0 }
        func put(_ j: Int, _ value: T) { contributions[place, r, j] = isShared ? contributions[place, r, j] + value : value }
        if isComplex {
          let i = j + columns
          results[t, r, j] = g[t, r, j] + factor(j) * after(j) + factor(i) * after(i)
          results[t, r, i] = g[t, r, i] + factor(j) * after(i) - factor(i) * after(j)
          put(j, results[t, r, j] * state(j) + results[t, r, i] * state(i))
          put(i, results[t, r, i] * state(j) - results[t, r, j] * state(i))
        } else {
          results[t, r, j] = g[t, r, j] + factor(k) * after(j)
          put(j, results[t, r, j] * state(j))
        }
      }
      let kernel = isComplex ? kernels.complexBackward : kernels.backward
      kernel(
        extent, 0..<3, a.place(column: column), h.place(), hasState ? start.place() : nil, g.place(),
        byA.place(isShared: isShared), byB.place())
      expect(byB.elements == results.elements, "\(T.label), \(columns) columns back")
      expect(byA.elements == contributions.elements, "\(T.label), \(columns) columns of coefficients")
    }
  }

  private func positions(_ columns: Int) -> [(Int, Int, Int)] {
    (0..<3).flatMap { t in (0..<2).flatMap { r in (0..<columns).map { (t, r, $0) } } }
  }
}
