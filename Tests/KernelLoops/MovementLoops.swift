internal import UnrollKernelTemplates

/// Copies that rearrange and convert, at every size around a vector.
struct MovementLoops: KernelLoops {
  let table: KernelTable
  let findings: Findings

  static let sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 64]

  func planesAreThoseOfALoop() {
    check(table.float32.movement, Float.self)
    check(table.float64.movement, Double.self)
  }

  /// Rows, columns and neither, from and to memory with gaps.
  private func check<T: KernelScalar>(_ kernels: MovementKernels, _: T.Type) {
    for rows in Self.sizes {
      for columns in Self.sizes {
        let (down, across) = (columns + 3, rows + 2)
        for (xRow, xColumn, yRow, yColumn) in [
          (down, 1, columns + 1, 1), (1, across, columns + 1, 1), (2 * down, 2, columns + 1, 1), (down, 1, 1, across),
        ] {
          let x = (0...(rows * xRow + columns * xColumn)).map { T($0 % 1021) }
          var y = [T](repeating: -7, count: rows * yRow + columns * yColumn + 1)
          var expected = y
          for i in 0..<rows {
            for j in 0..<columns { expected[i * yRow + j * yColumn] = x[i * xRow + j * xColumn] }
          }
          kernels.copyPlane(x, xRow, xColumn, &y, yRow, yColumn, rows, columns)
          expect(y == expected, "\(T.label) \(rows) × \(columns) by steps of \(xRow) and \(xColumn)")
        }
      }
    }
  }

  func conversionsAreThoseOfALoop() {
    for n in Self.sizes + [257] {
      let x = (0..<n).map { Double($0) / 3 - 5 }
      var single = [Float](repeating: -7, count: n + 1)
      table.float32.movement.convert(x, &single, n)
      expect(single == x.map { Float($0) } + [-7], "\(n) to float32")
      var double = [Double](repeating: -7, count: n + 1)
      table.float64.movement.convert(single, &double, n)
      expect(double == x.map { Double(Float($0)) } + [-7], "\(n) to float64")
    }
  }
}
