internal import UnrollKernelTemplates
internal import UnrollTestSupport

/// Normalised rows and their way back against loops in float64, on every table of kernels that this machine runs.
struct NormalizationLoops: KernelLoops {
  let table: KernelTable
  let findings: Findings

  func rowsEqualALoop(_ hasScale: Bool, _ hasShift: Bool) {
    for n in ReductionLoops.lengths where n > 0 {
      check(Drawn<Float>(3, n), table.float32.normalization, hasScale, hasShift)
      check(Drawn<Double>(3, n), table.float64.normalization, hasScale, hasShift)
    }
  }

  /// Rounding of a sum of n numbers by lanes and blocks, and of the few operations around it: 64 times that of one.
  private func check<T: KernelScalar>(
    _ drawn: Drawn<T>, _ kernels: NormalizationKernels, _ hasScale: Bool, _ hasShift: Bool
  ) {
    let (rows, n) = (drawn.rows, drawn.n)
    var y = [T](repeating: 77, count: rows * n + 1)
    var moments = [T](repeating: 77, count: 2 * rows + 1)
    y.withUnsafeMutableBytes { y in
      moments.withUnsafeMutableBytes { moments in
        guard let y = y.baseAddress, let moments = moments.baseAddress else { return }
        kernels.forward(
          drawn.x, hasScale ? drawn.scale : nil, hasShift ? drawn.shift : nil, drawn.epsilon,
          NormalizationResult(y: y, moments: moments), rows, n)
      }
    }
    let expected = drawn.expected(hasScale, hasShift)
    let place = "\(T.label) rows of \(n)"
    expect(y.dropLast(), expected.y, "\(place), y")
    expect(moments.dropLast(), expected.moments, "\(place), moments")
    expect(y[rows * n] == 77 && moments[2 * rows] == 77, "\(place): nothing behind the results is written")

    var results = (0..<3).map { [T](repeating: T($0), count: ($0 == 0 ? rows * n : n) + 1) }
    let (byInput, byScale, byShift) = (results[0].count, results[1].count, results[2].count)
    var all = results.flatMap { $0 }
    all.withUnsafeMutableBytes { all in
      moments.withUnsafeBytes { moments in
        drawn.g.withUnsafeBytes { g in
          guard let all = all.baseAddress, let moments = moments.baseAddress, let g = g.baseAddress else { return }
          let size = MemoryLayout<T>.size
          kernels.backward(
            drawn.x, hasScale ? drawn.scale : nil,
            NormalizationCotangents(
              moments: moments, byResult: g, byInput: hasShift ? all : nil, byScale: all + byInput * size,
              byShift: hasScale ? all + (byInput + byScale) * size : nil), rows, n)
        }
      }
    }
    results = [
      Array(all[..<byInput]), Array(all[byInput..<(byInput + byScale)]), Array(all[(byInput + byScale)...].prefix(byShift)),
    ]
    let untouched = [Double](repeating: 2, count: n)
    expect(results[0].dropLast(), hasShift ? expected.byInput : [Double](repeating: 0, count: rows * n), "\(place), x̄")
    expect(results[1].dropLast(), expected.byScale.map { $0 + 1 }, "\(place), s̄ added to 1")
    expect(results[2].dropLast(), hasScale ? expected.byShift.map { $0 + 2 } : untouched, "\(place), b̄ added to 2")
    expect(results.map { $0.last } == [0, 1, 2], "\(place): nothing behind the cotangents is written")
  }

  private func expect<T: KernelScalar>(_ found: ArraySlice<T>, _ expected: [Double], _ what: String) {
    let scale = expected.reduce(1) { max($0, abs($1)) }
    let error = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 0
    expect(error <= 64 * Double(T.ulpOfOne) * scale, "\(what): wrong by \(error)")
  }
}

/// Numbers for a few rows, and what comes of them by definition.
private struct Drawn<T: KernelScalar> {
  let rows: Int
  let n: Int
  let epsilon = 0.25
  let x: [T]
  let g: [T]
  let scale: [T]
  let shift: [T]

  init(_ rows: Int, _ n: Int) {
    var random = TestRandom(seed: UInt64(n) &+ 5)
    func numbers(_ count: Int) -> [T] {
      (0..<count).map { _ in T(Double(Int64(truncatingIfNeeded: random.next()) >> 11) * 0x1p-52) }
    }
    self.rows = rows
    self.n = n
    x = numbers(rows * n).map { $0 + 1 }
    g = numbers(rows * n)
    scale = numbers(n)
    shift = numbers(n)
  }

  struct Expected {
    var y: [Double] = []
    var moments: [Double] = []
    var byInput: [Double] = []
    var byScale: [Double]
    var byShift: [Double]
  }

  func expected(_ hasScale: Bool, _ hasShift: Bool) -> Expected {
    let zeros = [Double](repeating: 0, count: n)
    var result = Expected(byScale: zeros, byShift: zeros)
    for row in 0..<rows {
      let x = x[(row * n)..<(row * n + n)].map { Double($0) }
      let g = g[(row * n)..<(row * n + n)].map { Double($0) }
      let mean = x.reduce(0, +) / Double(n)
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
      let r = 1 / (variance + epsilon).squareRoot()
      let normal = x.map { ($0 - mean) * r }
      let scaled = g.indices.map { hasScale ? g[$0] * Double(scale[$0]) : g[$0] }
      let meanOfG = scaled.reduce(0, +) / Double(n)
      let meanOfProducts = zip(scaled, normal).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
      result.moments += [mean, r]
      for j in 0..<n {
        result.y.append(normal[j] * (hasScale ? Double(scale[j]) : 1) + (hasShift ? Double(shift[j]) : 0))
        result.byInput.append(r * (scaled[j] - meanOfG - normal[j] * meanOfProducts))
        result.byScale[j] += g[j] * normal[j]
        result.byShift[j] += g[j]
      }
    }
    return result
  }
}
