internal import UnrollKernelTemplates
internal import UnrollTestSupport

/// The loops around functions: every length, in place, steps of 0 and 1, nothing written beyond the end.
struct ElementLoops: KernelLoops {
  let table: KernelTable
  let findings: Findings

  static let lengths = Array(0...40) + [63, 64, 65, 127, 257]

  func unaryLoopsReachEveryElementAndNoOther() {
    for n in ElementLoops.lengths {
      let x = (0..<n).map { Float($0) + 1 }
      expect(unary(table.float32, .square, x) == x.map { $0 * $0 } + [-7])
      let wide = x.map(Double.init)
      expect(unary(table.float64, .square, wide) == wide.map { $0 * $0 } + [-7])
    }
  }

  /// The widest tanh works on blocks of 256: every length around a vector and around blocks, and no number depends on where it is.
  func tanhDoesNotDependOnThePlaceInABlock() {
    let special: [Float] = [
      -0.0, .infinity, -.infinity, 0, .leastNonzeroMagnitude, -.leastNormalMagnitude, 20, -9.3, 9.4, -1e30,
    ]
    let alone = (0..<600).map { i in
      unary(table.float32, .tanh, [i % 7 == 3 ? special[i / 7 % special.count] : Float(i - 300) / 32])[0]
    }
    expect((0..<600).allSatisfy { i in i % 7 != 3 || sameTangent(special[i / 7 % special.count], alone[i]) })
    for n in Array(0...70) + [255, 256, 257, 271, 272, 273, 511, 512, 513, 527, 528, 529, 600] {
      for first in [0, 1, 600 - n] where first + n <= 600 {
        let x = (first..<first + n).map { i in i % 7 == 3 ? special[i / 7 % special.count] : Float(i - 300) / 32 }
        let y = unary(table.float32, .tanh, x)
        expect(y.map { $0.bitPattern } == alone[first..<first + n].map { $0.bitPattern } + [Float(-7).bitPattern])
      }
    }
  }

  func tanhKeepsNaNWhereverItIs() {
    for n in [1, 15, 16, 17, 40, 256, 300] {
      for place in [0, n / 2, n - 1] {
        var x = [Float](repeating: 0.5, count: n + 1)
        x[place] = .nan
        x.withUnsafeMutableBytes { table.float32.elements.unary(.tanh).run(address($0), address($0), n, 0, 0) }
        expect((0..<n).allSatisfy { x[$0].isNaN == ($0 == place) } && x[n] == 0.5)
      }
    }
  }

  func binaryLoopsTakeStepsOfZeroAndOne() {
    for n in ElementLoops.lengths where n > 0 {
      let x = (0..<n).map { Double($0) + 1 }
      let y = (0..<n).map { Double($0) * 0.5 - 3 }
      for (dx, dy) in [(1, 1), (1, 0), (0, 1), (0, 0)] {
        let expected = (0..<n).map { x[$0 * dx] - y[$0 * dy] } + [-7]
        expect(binary(table.float64, .subtraction, x, dx, y, dy, n) == expected)
        let single = binary(table.float32, .subtraction, x.map { Float($0) }, dx, y.map { Float($0) }, dy, n)
        expect(single == expected.map { Float($0) })
      }
    }
  }

  func extremaKeepNaN() {
    let x: [Float] = [1, .nan, 3, .nan, -.infinity]
    let y: [Float] = [2, 1, .nan, .nan, .infinity]
    let low = binary(table.float32, .minimum, x, 1, y, 1, 5)
    let high = binary(table.float32, .maximum, x, 1, y, 1, 5)
    expect(low[0] == 1 && low[4] == -.infinity && low[1...3].allSatisfy { $0.isNaN })
    expect(high[0] == 2 && high[4] == .infinity && high[1...3].allSatisfy { $0.isNaN })
  }

  func comparisonsAndSelectionsMatchTheirLoops() {
    var random = TestRandom(seed: 3)
    for n in ElementLoops.lengths where n > 0 {
      let x = (0..<n).map { _ in Float(Int.random(in: -2...2, using: &random)) }
      let y = (0..<n).map { _ in Bool.random(using: &random) ? Float(Int.random(in: -2...2, using: &random)) : .nan }
      for operation in ComparisonOperation.allCases {
        for (dx, dy) in [(1, 1), (1, 0), (0, 1)] {
          var bytes = [UInt8](repeating: 9, count: n + 1)
          bytes.withUnsafeMutableBytes { out in
            table.float32.elements.comparison(operation).run(x, dx, y, dy, address(out), n)
          }
          let expected = (0..<n).map { i in holds(operation, x[i * dx], y[i * dy]) ? UInt8(1) : 0 }
          expect(bytes == expected + [9])
        }
      }
      let mask = (0..<n).map { _ in UInt8.random(in: 0...1, using: &random) }
      var chosen = [Float](repeating: -7, count: n + 1)
      chosen.withUnsafeMutableBytes { table.float32.elements.selection.run(mask, 1, x, 1, x, 0, address($0), n) }
      expect(chosen == (0..<n).map { mask[$0] != 0 ? x[$0] : x[0] } + [-7])
    }
  }

  /// Every function of three numbers, with rows and single numbers as operands, several rows that lie apart, out of place and in place.
  func functionsOfThree(_ operation: TernaryOperation) {
    let kernel = table.float32.elements.ternary(operation)
    for n in [1, 15, 16, 17, 100] {
      let (rows, pitch) = (3, n + 2)
      let x = (0..<(rows * pitch)).map { Float($0 % 7) }
      let y = (0..<(rows * pitch)).map { Float($0 % 5) - 2 }
      for (dx, dy, dz) in [(1, 1, 1), (1, 0, 0), (0, 1, 1), (1, 1, 0)] {
        for isInPlace in [false, true] where !isInPlace || dy == 1 {
          var out = isInPlace ? y : [Float](repeating: -7, count: rows * pitch)
          x.withUnsafeBytes { x in
            y.withUnsafeBytes { y in
              out.withUnsafeMutableBytes { out in
                func operand(_ bytes: UnsafeRawBufferPointer, _ step: Int) -> OperandRows {
                  OperandRows(bytes.baseAddress.unsafelyUnwrapped, step, pitch: 4 * pitch)
                }
                let second = isInPlace ? operand(UnsafeRawBufferPointer(out), dy) : operand(y, dy)
                kernel.runRows(operand(x, dx), second, operand(x, dz), address(out), 4 * pitch, rows, n)
              }
            }
          }
          for i in out.indices {
            let (row, column) = (i / pitch, i % pitch)
            func at(_ values: [Float], _ step: Int) -> Float { values[row * pitch + column * step] }
            let untouched = isInPlace ? y[i] : -7
            let expected = column < n ? value(operation, at(x, dx), at(y, dy), at(x, dz)) : untouched
            expect(out[i] == expected)
          }
        }
      }
    }
  }

  private func value(_ operation: TernaryOperation, _ x: Float, _ y: Float, _ z: Float) -> Float {
    switch operation {
    case .multiplyAdd: x * y + z
    case .sigmoidSlope: x * y * (z * (1 - z))
    case .tanhSlope: x * y * (1 - z * z)
    case .deviation: (x - y) * z
    }
  }

  /// Rows that lie apart are what the same rows are one by one; what lies between them stays.
  func rowsThatLieApart() {
    let elements = table.float32.elements
    for n in [1, 3, 16, 40, 300] {
      let (rows, pitch) = (4, n + 3)
      let x = (0..<(rows * pitch)).map { Float($0 % 11) / 4 - 1 }
      for operation in [UnaryOperation.tanh, .sigmoid, .negation, .clipped] {
        var (together, apart) = (x, x)
        together.withUnsafeMutableBytes { out in
          elements.unary(operation).runRows(
            UnsafeRawPointer(address(out)), 4 * pitch, address(out), 4 * pitch, rows, n, -0.5, 0.5)
        }
        apart.withUnsafeMutableBytes { out in
          for row in 0..<rows {
            let start = address(out) + 4 * row * pitch
            elements.unary(operation).run(UnsafeRawPointer(start), start, n, -0.5, 0.5)
          }
        }
        expect(together == apart)
        expect((0..<rows).allSatisfy { together[$0 * pitch + n] == x[$0 * pitch + n] })
      }
      for operation in BinaryOperation.allCases {
        var (together, apart) = (x, x)
        x.withUnsafeBytes { x in
          let start = x.baseAddress.unsafelyUnwrapped
          together.withUnsafeMutableBytes { out in
            elements.binary(operation).runRows(
              OperandRows(UnsafeRawPointer(address(out)), 1, pitch: 4 * pitch), OperandRows(start, 0, pitch: 4 * pitch),
              address(out), 4 * pitch, rows, n)
          }
          apart.withUnsafeMutableBytes { out in
            for row in 0..<rows {
              let place = address(out) + 4 * row * pitch
              elements.binary(operation).run(UnsafeRawPointer(place), 1, start + 4 * row * pitch, 0, place, n)
            }
          }
        }
        expect(zip(together, apart).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN })
      }
    }
  }

  /// Whether y is what tanh of a special number must be: that number where it is tiny, ±1 where it is large.
  private func sameTangent(_ x: Float, _ y: Float) -> Bool {
    y.bitPattern == (x.magnitude > 9.1 ? (x < 0 ? -1 : 1) : x).bitPattern
  }

  private func holds(_ operation: ComparisonOperation, _ a: Float, _ b: Float) -> Bool {
    switch operation {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .equal: a == b
    case .notEqual: a != b
    }
  }

  private func address(_ bytes: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawPointer {
    bytes.baseAddress.unsafelyUnwrapped
  }

  /// The result in place and out of place, which must agree, and a guard behind it.
  private func unary<T: KernelScalar>(_ kernels: Kernels, _ operation: UnaryOperation, _ x: [T]) -> [T] {
    var out = x + [-7]
    out.withUnsafeMutableBytes { kernels.elements.unary(operation).run(address($0), address($0), x.count, 0, 0) }
    var apart = [T](repeating: -7, count: x.count + 1)
    apart.withUnsafeMutableBytes { out in
      (x + [1]).withUnsafeBytes { x in
        kernels.elements.unary(operation).run(
          x.baseAddress.unsafelyUnwrapped, address(out), out.count / MemoryLayout<T>.stride - 1, 0, 0)
      }
    }
    expect(out == apart)
    return out
  }

  private func binary<T: KernelScalar>(
    _ kernels: Kernels, _ operation: BinaryOperation, _ x: [T], _ dx: Int, _ y: [T], _ dy: Int, _ n: Int
  ) -> [T] {
    var out = [T](repeating: -7, count: n + 1)
    x.withUnsafeBytes { x in
      y.withUnsafeBytes { y in
        out.withUnsafeMutableBytes { out in
          kernels.elements.binary(operation).run(
            x.baseAddress.unsafelyUnwrapped, dx, y.baseAddress.unsafelyUnwrapped, dy, address(out), n)
        }
      }
    }
    return out
  }
}
