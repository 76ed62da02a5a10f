internal import UnrollKernelTemplates
internal import UnrollTestSupport

/// The parts of matrix products against three loops: packing, tiles of every height, several panels side by side, single rows.
struct PanelLoops: KernelLoops {
  let table: KernelTable
  let findings: Findings

  static let starts = 0..<3  // from zero, from a bias, from what is there

  func productsEqualThreeLoops() {
    for depth in [0, 1, 2, 7, 33] {
      for start in Self.starts {
        let (single, double) = (table.float32.products, table.float64.products)
        for rows in 1...(2 * single.tileRows + 1) {
          for columns in [1, single.panelWidth / 2, single.panelWidth / 2 + 1, single.panelWidth] {
            panel(Operands<Float>(rows, columns, depth, start), single)
          }
          for columns in [1, double.panelWidth] { panel(Operands<Double>(rows, columns, depth, start), double) }
        }
        for rows in 1...3 {
          wide(Operands<Float>(rows, 17 * single.panelWidth, depth, start), single)
          wide(Operands<Double>(rows, 17 * double.panelWidth, depth, start), double)
        }
      }
    }
  }

  func rowsEqualThreeLoops() {
    for depth in [0, 1, 3, 8, 9, 31, 64, 100] {
      for columns in [1, 2, 3, 4, 7, 8, 15, 16, 17, 40] {
        for start in Self.starts {
          row(Operands<Float>(1, columns, depth, start), table.float32.products)
          row(Operands<Double>(1, columns, depth, start), table.float64.products)
          dots(Operands<Float>(1, columns, depth, start), table.float32.products)
          dots(Operands<Double>(1, columns, depth, start), table.float64.products)
        }
      }
    }
  }

  private func panel<T: KernelScalar>(_ operands: Operands<T>, _ kernels: ProductKernels) {
    let panel = operands.packed(kernels, panels: 1)
    var scratch = [T](repeating: 0, count: (kernels.tileRows + 1) * kernels.panelWidth)
    let size = MemoryLayout<T>.size
    // The left operand is packed too, scaled by a power of two, which rounds nothing.
    var block = [T](repeating: 0, count: operands.rows * operands.depth + 1)
    operands.withLeft { kernels.packBlock($0, operands.rows, operands.depth, 0.5, &block, operands.depth) }
    var halves = operands
    for i in 0..<operands.rows * operands.depth { halves.a[i] = 0.5 * operands.a[i] }
    expect(block.dropLast().elementsEqual(halves.a.prefix(operands.rows * operands.depth)), "a packed block")
    let c = halves.result { a, c in
      panel.withUnsafeBytes { panel in
        let start = panel.baseAddress.unsafelyUnwrapped
        let none = Region(start, byteCount: 0)
        kernels.multiplyPanel(
          a, operands.rows, start, kernels.panelWidth, Region(start, byteCount: panel.count - size), none, operands.columns, c,
          operands.depth, &scratch)
      }
    }
    compare(c, halves, "a panel")
  }

  private func wide<T: KernelScalar>(_ operands: Operands<T>, _ kernels: ProductKernels) {
    let panels = operands.columns / kernels.panelWidth
    let packed = operands.packed(kernels, panels: panels)
    var done = 0
    let c = operands.result { a, c in
      packed.withUnsafeBytes { packed in
        done = kernels.multiplyWide(
          a, operands.rows, packed.baseAddress.unsafelyUnwrapped, kernels.panelWidth, operands.depth * kernels.panelWidth,
          panels, c,
          operands.depth)
      }
    }
    expect(done == 16, "\(done) of \(panels) panels of \(operands.rows) rows were done")
    compare(c, operands, "wide rows", columns: done * kernels.panelWidth)
  }

  private func row<T: KernelScalar>(_ operands: Operands<T>, _ kernels: ProductKernels) {
    let c = operands.result { a, c in
      kernels.multiplyRow(a, operands.b, operands.columns, operands.columns, c, operands.depth)
    }
    compare(c, operands, "a row")
  }

  private func dots<T: KernelScalar>(_ operands: Operands<T>, _ kernels: ProductKernels) {
    var columns = [T](repeating: 0, count: operands.columns * operands.depth + 1)
    for k in 0..<operands.depth {
      for j in 0..<operands.columns { columns[j * operands.depth + k] = operands.b[k * operands.columns + j] }
    }
    var scratch = [T](repeating: 0, count: kernels.panelWidth * kernels.panelWidth / 4)
    let c = operands.result { a, c in
      kernels.multiplyDots(a.pointer, columns, operands.depth, operands.columns, c, operands.depth, &scratch)
    }
    compare(c, operands, "inner products")
  }

  /// Sixteenths, of which all sums and products here are exact: the order of the additions does not matter.
  private func compare<T: KernelScalar>(_ c: [T], _ operands: Operands<T>, _ what: String, columns: Int? = nil) {
    var expected = operands.before
    for i in 0..<operands.rows {
      for j in 0..<(columns ?? operands.columns) {
        let place = i * operands.row + j
        var sum = operands.start == 2 ? expected[place] : operands.start == 1 ? operands.bias[j] : 0
        for k in 0..<operands.depth { sum += operands.a[i * operands.depth + k] * operands.b[k * operands.columns + j] }
        expected[place] = sum
      }
    }
    expect(
      c == expected,
      "\(what), \(T.label), \(operands.rows) × \(operands.columns) × \(operands.depth), start \(operands.start)")
  }

  /// Two matrices of contiguous rows, and a target whose rows have a gap behind them.
  private struct Operands<T: KernelScalar> {
    let rows, columns, depth, start: Int
    let row: Int
    var a: [T]
    let b, bias, before: [T]

    init(_ rows: Int, _ columns: Int, _ depth: Int, _ start: Int) {
      (self.rows, self.columns, self.depth, self.start) = (rows, columns, depth, start)
      row = columns + 3
      var random = TestRandom(seed: UInt64(rows + 100 * depth))
      func numbers(_ count: Int) -> [T] { (0...count).map { _ in T(Int(truncatingIfNeeded: random.next() >> 59) - 16) / 16 } }
      a = numbers(rows * depth)
      b = numbers(depth * columns)
      bias = numbers(columns)
      before = numbers(rows * row)
    }

    func withLeft(_ body: (Operand) -> Void) {
      a.withUnsafeBytes { body(Operand($0.baseAddress.unsafelyUnwrapped, row: depth, column: 1)) }
    }

    /// The panels of b, one after another.
    func packed(_ kernels: ProductKernels, panels: Int) -> [T] {
      let (width, size) = (kernels.panelWidth, MemoryLayout<T>.size)
      var packed = [T](repeating: 0, count: panels * width * depth + 1)
      packed.withUnsafeMutableBytes { packed in
        b.withUnsafeBytes { b in
          for panel in 0..<panels {
            kernels.packPanel(
              Operand(b.baseAddress.unsafelyUnwrapped + panel * width * size, row: columns, column: 1), depth,
              min(width, columns - panel * width), packed.baseAddress.unsafelyUnwrapped + panel * width * depth * size)
          }
        }
      }
      return packed
    }

    /// The target after a product.
    func result(_ multiply: (Operand, Target) -> Void) -> [T] {
      var c = before
      withLeft { a in
        bias.withUnsafeBytes { bias in
          c.withUnsafeMutableBytes { c in
            multiply(
              a,
              Target(
                c.baseAddress.unsafelyUnwrapped, row: row, accumulates: start == 2, bias: start == 1 ? bias.baseAddress : nil))
          }
        }
      }
      return c
    }
  }
}
