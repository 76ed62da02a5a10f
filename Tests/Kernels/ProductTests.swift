import Testing
import UnrollKernelTemplates
import UnrollTestSupport

@testable import UnrollArrays

/// Every path of a matrix product against three loops, on every table of kernels that this machine runs.
@Suite struct ProductTests {
  /// A matrix laid out with room around and between its elements, so that reading or writing beside it shows.
  struct Layout: Sendable, CustomTestStringConvertible {
    var name: String
    var strides: @Sendable (_ rows: Int, _ columns: Int) -> (row: Int, column: Int)
    var testDescription: String { name }
  }

  static let layouts = [
    Layout(name: "rows") { _, columns in (columns, 1) },
    Layout(name: "columns") { rows, _ in (1, rows) },
    Layout(name: "rows apart") { _, columns in (columns + 5, 1) },
    Layout(name: "columns apart") { rows, _ in (1, rows + 3) },
    Layout(name: "every third") { _, columns in (3 * columns + 1, 3) },
    Layout(name: "one row repeated") { _, _ in (0, 1) },
  ]

  static let sizes: [(Int, Int, Int)] = {
    var random = TestRandom(seed: 7)
    let edges = [0, 1, 2, 3, 4, 7, 8, 12, 13, 16, 17, 31, 32, 33, 64, 65]
    return (0..<24).map { _ in
      (
        edges.randomElement(using: &random) ?? 1, edges.randomElement(using: &random) ?? 1,
        edges.randomElement(using: &random) ?? 1
      )
    } + [(1, 600, 70), (2, 300, 33), (3, 130, 40), (13, 40, 1100), (1, 5000, 9), (1030, 35, 3), (5, 1, 1025)]
  }()

  enum Start: CaseIterable, Sendable { case zero, bias, accumulating }

  /// Every pair of layouts meets a third of the sizes, and twelve pairs meet each size.
  @Test(arguments: layouts, layouts)
  func equalsThreeLoops(left: Layout, right: Layout) {
    let places = [left, right].compactMap { layout in Self.layouts.firstIndex { $0.name == layout.name } }
    for index in Self.sizes.indices where (index + places.reduce(0, +)) % 3 == 0 {
      let single = Problem<Float>(index, left, right)
      let double = Problem<Double>(index, left, right)
      for table in Machine.availableTables {
        for packed in [false, true] {
          single.check(table.float32.products, packed: packed, tolerance: 1e-6, table.name)
          double.check(table.float64.products, packed: packed, tolerance: 1e-15, table.name)
        }
      }
    }
  }

  /// One product with its operands in memory, and what three loops make of it.
  struct Problem<T: Element> {
    let (rows, columns, depth): (Int, Int, Int)
    let left, right: (row: Int, column: Int)
    let start: Start
    let scale: Double
    let a, b, bias, before: [T]
    /// The distance between rows of the target.
    let row: Int
    var expected: [T] = []
    /// Sums of magnitudes: what the rounding errors of `expected` are proportional to.
    var sizes: [T] = []

    init(_ index: Int, _ leftLayout: Layout, _ rightLayout: Layout) {
      (rows, columns, depth) = ProductTests.sizes[index]
      var random = TestRandom(seed: UInt64(index))
      start = Start.allCases[index % 3]
      scale = index % 5 == 0 ? 0.5 : 1
      left = leftLayout.strides(rows, depth)
      right = rightLayout.strides(depth, columns)
      row = columns + index % 4
      a = ProductTests.numbers(leftLayout, rows, depth, &random)
      b = ProductTests.numbers(rightLayout, depth, columns, &random)
      bias = ProductTests.numbers(1, columns, &random)
      before = ProductTests.numbers(1, rows * row + 7, &random)
      let (left, right, starts) = (left, right, rowStarts)
      let x = (0..<rows * depth).map { scale * Double(a[$0 / depth * left.row + $0 % depth * left.column]) }
      let y = (0..<columns * depth).map { Double(b[$0 % depth * right.row + $0 / depth * right.column]) }
      for i in 0..<rows {
        for j in 0..<columns {
          let (sum, size) = ProductTests.dot(x, i * depth, y, j * depth, depth, from: starts(i, j))
          expected.append(T(sum))
          sizes.append(T(size))
        }
      }
    }

    /// What an element of the target is before anything is added.
    private var rowStarts: (Int, Int) -> Double {
      { i, j in
        switch start {
        case .zero: 0
        case .bias: Double(bias[j])
        case .accumulating: Double(before[i * row + j])
        }
      }
    }

    func check(_ kernels: ProductKernels, packed: Bool, tolerance: T, _ name: String) {
      let c = multiply(kernels, packed: packed)
      let wrong = expected.indices.first {
        let value = c[$0 / columns * row + $0 % columns]
        return !(abs(value - expected[$0]) <= tolerance * sizes[$0])
      }
      if let wrong {
        let value = c[wrong / columns * row + wrong % columns]
        Issue.record(
          "\(T.self) \(name) \(rows)x\(columns)x\(depth) \(start) packed \(packed): \(wrong) is \(value), not \(expected[wrong])"
        )
      }
      let beside = c.indices.first { ($0 >= rows * row || $0 % row >= columns) && c[$0] != before[$0] }
      #expect(beside == nil, "\(T.self) \(name) \(rows)x\(columns)x\(depth) wrote beside its target")
    }

    func multiply(_ kernels: ProductKernels, packed: Bool) -> [T] {
      var c = before
      let size = MemoryLayout<T>.size
      a.withUnsafeBytes { a in
        b.withUnsafeBytes { b in
          bias.withUnsafeBytes { bias in
            c.withUnsafeMutableBytes { c in
              guard let x = a.baseAddress, let y = b.baseAddress, let z = c.baseAddress else { return }
              let right = Operand(y, row: right.row, column: right.column)
              let panels = packed ? ProductTests.packed(right, depth, columns, kernels, size) : nil
              var product = Product(
                a: Operand(x, row: left.row, column: left.column),
                b: panels.map { .packed(UnsafeRawPointer($0.pointer)) } ?? .matrix(right),
                c: Target(
                  z, row: row, accumulates: start == .accumulating, bias: start == .bias ? bias.baseAddress : nil),
                rows: rows, columns: columns, depth: depth)
              product.scale = scale
              product.run(kernels, elementSize: size)
              withExtendedLifetime(panels) {}
            }
          }
        }
      }
      return c
    }
  }

  /// The sum of `count` products and that of their magnitudes. By pointers and in one type: in a debug build, that of the tests, the
  /// same loop over arrays of any type takes most of this suite's time.
  static func dot(
    _ x: [Double], _ i: Int, _ y: [Double], _ j: Int, _ count: Int, from start: Double
  ) -> (sum: Double, size: Double) {
    var (sum, size) = (start, abs(start))
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        guard var p = x.baseAddress, var q = y.baseAddress else { return }
        (p, q) = (p + i, q + j)
        let end = p + count
        while p < end {
          let term = p.pointee * q.pointee
          sum += term
          size += abs(term)
          p += 1
          q += 1
        }
      }
    }
    return (sum, size)
  }

  static func numbers<T: Element>(_ layout: Layout, _ rows: Int, _ columns: Int, _ random: inout TestRandom) -> [T] {
    let (row, column) = layout.strides(rows, columns)
    return numbers(1, max(0, rows - 1) * row + max(0, columns - 1) * column + 1, &random)
  }

  static func numbers<T: Element>(_ scale: Double, _ count: Int, _ random: inout TestRandom) -> [T] {
    (0..<max(1, count)).map { _ in T(scale * Double.random(in: -1...1, using: &random)) }
  }

  static func packed(_ b: Operand, _ depth: Int, _ columns: Int, _ kernels: ProductKernels, _ size: Int) -> Storage {
    let width = kernels.panelWidth
    let panels = (columns + width - 1) / width
    let storage = Storage.with(byteCount: panels * width * depth * size)
    for index in 0..<panels {
      kernels.packPanel(
        Operand(b.pointer + index * width * b.column * size, row: b.row, column: b.column), depth,
        min(width, columns - index * width), storage.pointer + index * width * depth * size)
    }
    return storage
  }

  /// Tiles of every height, blocks of the depth and the split over threads: each element is the same chain of roundings.
  @Test func bitsDependNeitherOnThreadsNorOnNeighbours() {
    for (m, n, k) in [(64, 256, 128), (100, 700, 1500), (1, 9000, 40), (2, 3000, 100), (300, 20, 300)] {
      var random = TestRandom(seed: 5)
      let a = Self.numbers(Self.layouts[0], m, k, &random) as [Float]
      let b = Self.numbers(Self.layouts[0], k, n, &random) as [Float]
      let results = onThreads { Self.multiply(a, b, m, n, k) }
      let same = results.map { $0 == results[0] }
      #expect(!same.contains(false), "\(m)x\(n)x\(k) by number of threads: \(same)")
    }
  }

  static func multiply(_ a: [Float], _ b: [Float], _ m: Int, _ n: Int, _ k: Int) -> [Float] {
    var c = [Float](repeating: 0, count: m * n)
    a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        c.withUnsafeMutableBytes { c in
          guard let x = a.baseAddress, let y = b.baseAddress, let z = c.baseAddress else { return }
          Product(
            a: Operand(x, row: k, column: 1), b: .matrix(Operand(y, row: n, column: 1)),
            c: Target(z, row: n, accumulates: false, bias: nil), rows: m, columns: n, depth: k
          ).run(Machine.kernels(for: .float32).products, elementSize: 4)
        }
      }
    }
    return c
  }
}
