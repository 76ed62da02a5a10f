extension Vector {
  /// The width of a packed panel: two vectors.
  @inlinable @inline(__always)
  public static var panelWidth: Int { 2 &* scalarCount }

  /// The rows of the largest tile: as many as leave registers for one row of the panel (two vectors) and a broadcast element of
  /// a. 12 × 2 sums of 32 registers with AVX-512, 6 × 2 of 16 otherwise on x86-64.
  @inlinable @inline(__always)
  public static var tileRows: Int {
    #if arch(x86_64)
      MemoryLayout<Self>.size == 64 ? 12 : 6
    #else
      12
    #endif
  }
}

/// All rows of a product times one panel of columns.
///
/// Rows are cut into tiles of nearly equal height (64 rows are 4·11 + 2·10, not 5·12 + 4), since a low tile has too few
/// independent sums to hide the latency of its additions. Each tile prefetches its share of the next panel and of `ahead`, and
/// the results that the next tile accumulates into.
@inlinable @inline(__always)
func multiplyPanel<V: Vector>(
  _: V.Type, _ a: Strided<V.Scalar>, rows: Int, _ b: PanelRows<V.Scalar>, next: Region, ahead: Region, _ c: Output<V.Scalar>,
  depth: Int
) {
  let tiles = (rows &+ V.tileRows &- 1) / V.tileRows
  let height = rows / tiles
  let taller = rows &- height &* tiles
  var (a, b, c) = (a, b, c)
  let turns = max(1, tiles &* depth)
  b.next = Ahead(next, turns: turns)
  b.ahead = Ahead(ahead, turns: turns)
  for tile in 0..<tiles {
    let tall = tile < taller ? height &+ 1 : height
    let below = c.pointer + tall &* c.row
    if c.accumulates && tile &+ 1 < tiles {
      for r in 0..<tall {
        prefetch(below + r &* c.row)
        prefetch(below + (r &* c.row &+ V.scalarCount))
      }
    }
    Tiles<2, V>.multiply(a, rows: tall, b, c, depth: depth)
    b.next.pointer += b.next.step &* depth
    b.ahead.pointer += b.ahead.step &* depth
    a.pointer += tall &* a.row
    c.pointer = below
  }
}

/// Dispatches to the tile of C vectors with a given number of rows.
@usableFromInline
enum Tiles<let C: Int, V: Vector> {
  @inlinable @inline(__always)
  static func multiply(
    _ a: Strided<V.Scalar>, rows: Int, _ b: PanelRows<V.Scalar>, _ c: Output<V.Scalar>, depth: Int
  ) {
    switch rows {
    case 1: Tile<1, C, V>.multiply(a, b, c, depth: depth)
    case 2: Tile<2, C, V>.multiply(a, b, c, depth: depth)
    case 3: Tile<3, C, V>.multiply(a, b, c, depth: depth)
    case 4: Tile<4, C, V>.multiply(a, b, c, depth: depth)
    case 5: Tile<5, C, V>.multiply(a, b, c, depth: depth)
    case 6: Tile<6, C, V>.multiply(a, b, c, depth: depth)
    default:
      if V.tileRows > 6 { multiplyHigh(a, rows: rows, b, c, depth: depth) }
    }
  }

  /// The heights that need a machine with 32 registers.
  @inlinable @inline(__always)
  static func multiplyHigh(
    _ a: Strided<V.Scalar>, rows: Int, _ b: PanelRows<V.Scalar>, _ c: Output<V.Scalar>, depth: Int
  ) {
    switch rows {
    case 7: Tile<7, C, V>.multiply(a, b, c, depth: depth)
    case 8: Tile<8, C, V>.multiply(a, b, c, depth: depth)
    case 9: Tile<9, C, V>.multiply(a, b, c, depth: depth)
    case 10: Tile<10, C, V>.multiply(a, b, c, depth: depth)
    case 11: Tile<11, C, V>.multiply(a, b, c, depth: depth)
    default: Tile<12, C, V>.multiply(a, b, c, depth: depth)
    }
  }
}

/// A panel with fewer columns than its width. It is computed at full width in scratch memory; the existing columns are copied.
/// `scratch` holds `tileRows + 1` rows of a panel; `b` must be padded to the full width.
@inlinable @inline(__always)
func multiplyNarrowPanel<V: Vector>(
  _: V.Type, _ a: Strided<V.Scalar>, rows: Int, _ b: PanelRows<V.Scalar>, _ c: Output<V.Scalar>, columns: Int, depth: Int,
  scratch: UnsafeMutablePointer<V.Scalar>
) {
  let width = V.panelWidth
  let paddedBias = scratch + V.tileRows &* width
  if let bias = c.bias {
    for j in 0..<columns { paddedBias[j] = bias[j] }
    for j in columns..<width { paddedBias[j] = 0 }
  }
  let tile = Output(
    scratch, row: width, accumulates: c.accumulates, bias: c.bias == nil ? nil : UnsafePointer(paddedBias))
  let tiles = (rows &+ V.tileRows &- 1) / V.tileRows
  let low = rows / tiles
  let taller = rows &- low &* tiles
  var r = 0
  for index in 0..<tiles {
    let height = index < taller ? low &+ 1 : low
    let target = c.pointer + r &* c.row
    if c.accumulates {
      for i in 0..<height {
        for j in 0..<columns { scratch[i &* width &+ j] = target[i &* c.row &+ j] }
        for j in columns..<width { scratch[i &* width &+ j] = 0 }
      }
    }
    let left = Strided(a.pointer + r &* a.row, row: a.row, step: a.step)
    if columns <= V.scalarCount {
      Tiles<1, V>.multiply(left, rows: height, b, tile, depth: depth)
    } else {
      Tiles<2, V>.multiply(left, rows: height, b, tile, depth: depth)
    }
    for i in 0..<height {
      for j in 0..<columns { target[i &* c.row &+ j] = scratch[i &* width &+ j] }
    }
    r &+= height
  }
}

/// One to three rows. The few sums of a single panel would wait for each other, so several panels run side by side. Returns the
/// number of panels done; fewer than one such group remain.
@inlinable @inline(__always)
func multiplyWide<V: Vector>(
  _: V.Type, _ a: Strided<V.Scalar>, rows: Int, _ b: PanelRows<V.Scalar>, panels: Int, _ c: Output<V.Scalar>, depth: Int
) -> Int {
  var done = 0
  while true {
    let together = rows == 1 ? 8 : 4
    if done &+ together > panels { return done }
    let right = PanelRows(b.pointer + done &* b.panel, step: b.step, panel: b.panel)
    let start = done &* V.panelWidth
    let output = Output(c.pointer + start, row: c.row, accumulates: c.accumulates, bias: c.bias.map { $0 + start })
    switch rows {
    case 1: Tile<1, 16, V>.multiply(a, right, output, depth: depth)
    case 2: Tile<2, 8, V>.multiply(a, right, output, depth: depth)
    default: Tile<3, 8, V>.multiply(a, right, output, depth: depth)
    }
    done &+= together
  }
}
