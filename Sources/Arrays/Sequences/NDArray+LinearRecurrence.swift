internal import UnrollKernelTemplates

/// The form of a linear recurrence along the first axis.
package struct RecurrenceForm: Sendable {
  /// Whether time runs backward.
  package var isReversed: Bool
  /// Whether a step takes the coefficient of the step before it, conjugated: h_t = ā_{t−1} h_{t−1} + b_t. This is the transposed
  /// map where time runs the other way.
  package var isTransposed: Bool
  /// Whether the last axis holds complex numbers: real parts, then imaginary parts.
  package var isComplex: Bool

  package init(isReversed: Bool = false, isTransposed: Bool = false, isComplex: Bool = false) {
    (self.isReversed, self.isTransposed, self.isComplex) = (isReversed, isTransposed, isComplex)
  }

  /// The form of the transposed map.
  package var transposed: RecurrenceForm {
    RecurrenceForm(isReversed: !isReversed, isTransposed: !isTransposed, isComplex: isComplex)
  }
}

extension NDArray {
  /// h_t = a_t h_{t−1} + b_t along the first axis of b, for a that broadcasts to the shape of b, and h_{−1} like one step of b; nil
  /// is zero.
  package static func linearRecurrence(
    _ a: NDArray, _ b: NDArray, from initial: NDArray?, _ form: RecurrenceForm = RecurrenceForm()
  ) -> NDArray {
    let walk = RecurrenceWalk(a, b, initial, form)
    let h = NDArray(uninitialized: b.shape, b.type)
    if b.count == 0 { return h }
    let kernels = b.kernels.recurrences
    let kernel = form.isComplex ? kernels.complexForward : kernels.forward
    walk.source.read { source in
      walk.a.read { a in
        walk.initial.reading { initial in
          h.fill { h in
            let places = walk.places(a, source, initial, h)
            walk.split { part in
              kernel(
                part.extent, part.of(places.a), part.of(places.source), places.initial.map(part.of), part.of(places.h))
            }
          }
        }
      }
    }
    return h
  }

  /// The cotangents of a and b, given the cotangent g of h = `linearRecurrence`, which is not transposed.
  ///
  /// That of a is not summed over rows and columns that share a coefficient. Where all steps share them, the sums of blocks of 32
  /// steps are its steps.
  package static func linearRecurrenceCotangents(
    _ a: NDArray, _ h: NDArray, from initial: NDArray?, _ g: NDArray, _ form: RecurrenceForm
  ) -> (a: NDArray, b: NDArray) {
    let walk = RecurrenceWalk(a, g, initial, form)
    let (steps, block) = (walk.extent.steps, RecurrenceWalk.block)
    let sums = walk.sharesSteps ? Swift.max(1, (steps + block - 1) / block) : steps
    let shape = Shape([sums] + g.shape.dropFirst())
    let byA = walk.sharesSteps ? NDArray.zeros(shape, g.type) : NDArray(uninitialized: shape, g.type)
    let byB = NDArray(uninitialized: g.shape, g.type)
    if g.count == 0 { return (byA, byB) }
    let kernels = g.kernels.recurrences
    let kernel = form.isComplex ? kernels.complexBackward : kernels.backward
    let (states, size) = (h.contiguous(), g.type.size)
    walk.source.read { source in
      walk.a.read { a in
        walk.initial.reading { initial in
          states.read { states in
            byA.fill { byA in
              byB.fill { byB in
                let places = walk.places(a, source, initial, UnsafeMutableRawPointer(mutating: states))
                let (contributions, results) = (walk.ordered(byA, sums), walk.ordered(byB, steps))
                walk.split { part in
                  for index in (0..<(walk.sharesSteps ? sums : 1)).reversed() {
                    var byA = contributions
                    if walk.sharesSteps {
                      byA.start += index * byA.time * size
                      byA.time = 0
                    }
                    let range = walk.sharesSteps ? index * block..<Swift.min(steps, (index + 1) * block) : 0..<steps
                    kernel(
                      part.extent, range, part.of(places.a), part.of(places.h), places.initial.map(part.of),
                      part.of(places.source), part.of(byA), part.of(results))
                  }
                }
              }
            }
          }
        }
      }
    }
    return (byA, byB)
  }
}

/// The operands of a recurrence as kernels take them, and how the work is split.
private struct RecurrenceWalk {
  /// The number of steps whose contributions to a shared coefficient are added one after another.
  static let block = 32
  /// The number of columns whose states stay in a near cache.
  private static let strip = 1 << 12

  let form: RecurrenceForm
  /// `[time, rows, columns]`, with distances of 0 where a coefficient is shared.
  let a: NDArray
  let source: NDArray
  let initial: NDArray?
  private(set) var extent: RecurrenceExtent
  /// Whether all steps share their coefficients.
  let sharesSteps: Bool
  private let size: Int
  private var coefficientColumn: Int

  init(_ a: NDArray, _ source: NDArray, _ initial: NDArray?, _ form: RecurrenceForm) {
    let (shape, name) = (source.shape, "linearRecurrence")
    require(shape.count > 0, "\(name): a scalar has no steps")
    source.type.requireSame(as: a.type, name)
    require(
      a.rank <= shape.count && a.view.broadcast(to: shape) != nil,
      "\(name): coefficients of shape \(a.shape) do not broadcast to shape \(shape)")
    let columns = shape.count > 1 ? shape[shape.count - 1] : 1
    let rows = shape.dropFirst().dropLast().reduce(1, *)
    if form.isComplex {
      require(
        shape.count > 1 && columns % 2 == 0 && a.shape.last == columns,
        "\(name): shapes \(a.shape) and \(shape) do not end in real and imaginary parts")
    }
    if let initial {
      source.type.requireSame(as: initial.type, name)
      require(
        initial.view.broadcast(to: Shape(shape.dropFirst())) != nil,
        "\(name): a state of shape \(initial.shape) is not a step of shape \(shape)")
    }
    self.form = form
    self.source = RecurrenceWalk.withRows(source.reshaped([shape[0], rows, columns]))
    self.a = RecurrenceWalk.coefficients(a, shape, rows, columns)
    self.initial = initial.map { $0.broadcast(to: Shape(shape.dropFirst())).contiguous() }
    size = source.type.size
    extent = RecurrenceExtent(
      steps: shape[0], rows: rows, columns: form.isComplex ? columns / 2 : columns,
      imaginary: form.isComplex ? columns / 2 : 0, conjugates: form.isTransposed)
    sharesSteps = shape[0] > 1 && (a.rank < shape.count || a.shape[0] == 1)
    // Rows that follow each other in every operand are one long row.
    coefficientColumn = columns == 1 ? 1 : self.a.view.strides[2]
    let (row, shared) = (self.source.view.strides[1], self.a.view.strides[1])
    if form.isComplex || rows == 1 || row != columns { return }
    if shared == columns && coefficientColumn == 1 || shared == 0 && (columns == 1 || coefficientColumn == 0) {
      (extent.rows, extent.columns, coefficientColumn) = (1, rows * columns, shared == 0 ? 0 : 1)
    }
  }

  /// The array if its rows are contiguous, else a copy.
  private static func withRows(_ x: NDArray) -> NDArray { x.shape[2] == 1 || x.view.strides[2] == 1 ? x : x.contiguous() }

  private static func coefficients(_ a: NDArray, _ shape: Shape, _ rows: Int, _ columns: Int) -> NDArray {
    let whole = a.reshaped(Shape(Array(repeating: 1, count: shape.count - a.rank) + Array(a.shape)))
    let (time, last) = (whole.shape[0], shape.count > 1 ? whole.shape[shape.count - 1] : 1)
    let middle = Shape(whole.shape.dropFirst().dropLast())
    var merged = whole
    if middle.elementCount > 1 && middle != Shape(shape.dropFirst().dropLast()) {
      merged = whole.broadcast(to: Shape([time] + shape.dropFirst().dropLast() + [last]))
    }
    let flat = merged.reshaped([time, merged.shape.dropFirst().dropLast().reduce(1, *), last])
    return withRows(flat).broadcast(to: [shape[0], rows, columns])
  }

  /// The operands in the order in which time runs.
  func places(
    _ a: UnsafeRawPointer, _ source: UnsafeRawPointer, _ initial: UnsafeRawPointer?, _ h: UnsafeMutableRawPointer
  ) -> (a: RecurrencePlace, source: RecurrencePlace, initial: RecurrencePlace?, h: RecurrencePlace) {
    var coefficients = ordered(UnsafeMutableRawPointer(mutating: a), self.a, coefficientColumn)
    if form.isTransposed { coefficients.start -= coefficients.time * size }
    let row = extent.columns * (form.isComplex ? 2 : 1)
    return (
      coefficients, ordered(UnsafeMutableRawPointer(mutating: source), self.source, 1),
      initial.map { RecurrencePlace(UnsafeMutableRawPointer(mutating: $0), time: 0, row: row) }, ordered(h, extent.steps)
    )
  }

  private func ordered(_ start: UnsafeMutableRawPointer, _ array: NDArray, _ column: Int) -> RecurrencePlace {
    let strides = array.view.strides
    return ordered(RecurrencePlace(start, time: strides[0], row: strides[1], column: column), extent.steps)
  }

  /// A contiguous array of some steps.
  func ordered(_ start: UnsafeMutableRawPointer, _ steps: Int) -> RecurrencePlace {
    let row = extent.columns * (form.isComplex ? 2 : 1)
    return ordered(RecurrencePlace(start, time: extent.rows * row, row: row), steps)
  }

  private func ordered(_ place: RecurrencePlace, _ steps: Int) -> RecurrencePlace {
    if !form.isReversed { return place }
    return RecurrencePlace(
      place.start + (steps - 1) * place.time * size, time: -place.time, row: place.row, column: place.column)
  }

  /// Some rows, or some columns of the only row.
  struct Part {
    let extent: RecurrenceExtent
    fileprivate let row: Int
    fileprivate let column: Int
    fileprivate let size: Int

    func of(_ place: RecurrencePlace) -> RecurrencePlace {
      RecurrencePlace(
        place.start + (row * place.row + column * place.column) * size, time: place.time, row: place.row, column: place.column)
    }
  }

  /// Runs the parts, on several threads where the work is worth it. A grain moves some 100 KB, which takes about 8 µs.
  func split(_ body: (Part) -> Void) {
    let worth = max(1, (1 << 13) / extent.steps)
    if extent.rows == 1 {
      parallel(extent.columns, grain: (worth + 63) / 64 * 64) { run in
        for start in stride(from: run.lowerBound, to: run.upperBound, by: RecurrenceWalk.strip) {
          body(part(0, 1, start, min(RecurrenceWalk.strip, run.upperBound - start)))
        }
      }
    } else {
      let group = max(1, RecurrenceWalk.strip / extent.columns)
      parallel(extent.rows, grain: max(1, worth / extent.columns)) { run in
        for start in stride(from: run.lowerBound, to: run.upperBound, by: group) {
          body(part(start, min(group, run.upperBound - start), 0, extent.columns))
        }
      }
    }
  }

  private func part(_ row: Int, _ rows: Int, _ column: Int, _ columns: Int) -> Part {
    var extent = extent
    (extent.rows, extent.columns) = (rows, columns)
    return Part(extent: extent, row: row, column: column, size: size)
  }
}
