public import UnrollArrays

/// h_t = a_t h_{t−1} + b_t. The inputs are a, b and, if it is given, the state before the first step.
///
/// A family of its own: in b it is linear, and its transpose is the same recurrence with time reversed; its tangent is the same
/// recurrence of other terms. So derivatives of every order run on one kernel.
struct LinearRecurrence: Operation {
  let form: RecurrenceForm
  let hasInitial: Bool

  var name: String { "linearRecurrence" }

  func forward(_ x: [NDArray]) -> Values {
    Values([NDArray.linearRecurrence(x[0], x[1], from: hasInitial ? x[2] : nil, form)])
  }

  func keeps(recorded: (Int) -> Bool) -> Keeps {
    .inputs(0) + (recorded(0) ? .output + (hasInitial ? .inputs(2) : .nothing) : .nothing)
  }

  /// With ĝ_t = g_t + ā_{t+1} ĝ_{t+1}: ĝ_t by b, ĝ_t h̄_{t−1} by a, and ā_0 ĝ_0 by the state before the first step.
  func pullback(_ g: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    guard let g = g[0] else { return Few(Array(repeating: nil, count: context.inputCount)) }
    let a = context.input(0)
    var (byA, byB): (Tensor?, Tensor)
    if context.wants(0) {
      let (h, initial) = (context.output(), hasInitial ? context.input(2) : nil)
      if form.isTransposed || [a, h, g].contains(where: \.isRecorded) || initial?.isRecorded == true {
        byB = transposed(a, g)
        byA =
          form.isTransposed
          ? product(before(byB, nil, isReversed: !form.isReversed), h)
          : product(before(h, initial, isReversed: form.isReversed), byB)
      } else {
        let found = NDArray.linearRecurrenceCotangents(a.array, h.array, from: initial?.array, g.array, form)
        (byA, byB) = (Tensor(found.a), Tensor(found.b))
      }
    } else {
      (byA, byB) = (nil, transposed(a, g))
    }
    if !hasInitial { return Few(byA, byB) }
    return Few([byA, byB, context.wants(2) ? product(first(a, context.shape(1)), first(byB, context.shape(1))) : nil])
  }

  func pushforward(_ t: Few<Tensor?>, _ context: Context) -> Few<Tensor?> {
    let byA = t[0].map { t -> Tensor in
      let h = context.output()
      if form.isTransposed { return before(product(t, h), nil, isReversed: form.isReversed) }
      return product(before(h, hasInitial ? context.input(2) : nil, isReversed: form.isReversed), t, conjugating: false)
    }
    let initial = hasInitial ? t[2] : nil
    guard let moved = sum(byA, t[1]) ?? initial.map({ _ in Tensor.zeros(context.outputShape(), context.type) }) else {
      return [nil]
    }
    let given = [context.input(0), moved.broadcast(to: context.outputShape())] + (initial.map { [$0] } ?? [])
    return [LinearRecurrence(form: form, hasInitial: initial != nil).results(given)[0]]
  }

  /// The transposed map of a cotangent.
  private func transposed(_ a: Tensor, _ g: Tensor) -> Tensor {
    LinearRecurrence(form: form.transposed, hasInitial: false)(a, g)
  }

  /// x̄ y element by element, or x y.
  private func product(_ x: Tensor, _ y: Tensor, conjugating: Bool = true) -> Tensor {
    if !form.isComplex { return x * y }
    let (x, y) = (x.chunks(2, axis: -1), y.chunks(2, axis: -1))
    let (real, imaginary) = (x[0], conjugating ? -x[1] : x[1])
    return Tensor.concatenate([real * y[0] - imaginary * y[1], real * y[1] + imaginary * y[0]], axis: -1)
  }

  /// The sequence one step later: at the first step, the state before it, or zero.
  private func before(_ x: Tensor, _ initial: Tensor?, isReversed: Bool) -> Tensor {
    let count = x.shape[0]
    if count == 0 { return x }
    let shape = Shape([1] + x.shape.dropFirst())
    let start = initial.map { $0.broadcast(to: Shape(shape.dropFirst())).reshaped(shape) } ?? Tensor.zeros(shape, x.type)
    return Tensor.concatenate(isReversed ? [x[1...], start] : [start, x[..<(count - 1)]], axis: 0)
  }

  /// The first step in the order in which time runs of an array that broadcasts to a shape.
  private func first(_ x: Tensor, _ shape: Shape) -> Tensor {
    if x.rank < shape.count { return x }
    if x.shape[0] == 0 { return x.sum(axes: 0) }
    return x[form.isReversed ? x.shape[0] - 1 : 0]
  }
}

extension Tensor {
  /// The linear recurrence h_t = a_t h_{t−1} + b_t over time, the first axis, in one pass over memory.
  ///
  /// b of `[time, ...]`, coefficients a that broadcast to that shape, and a state of `[...]` before the first step (nil is zero)
  /// give h of `[time, ...]`. `isReversed` runs time backward. Steps that a mask excludes pass the state on unchanged; a mask
  /// broadcasts to the shape of b. Derivatives of every order are recurrences of the same kind.
  ///
  /// With `isComplex` the numbers are complex: the last axis of each holds the real parts, then as many imaginary parts.
  ///
  ///     let a = Tensor.full([5, 1, 1], 0.9), b = Tensor.ones([5, 2, 3])
  ///     let h = Tensor.linearRecurrence(a, b, from: Tensor.zeros([2, 3]))  // 1, 1.9, 2.71, ...
  public static func linearRecurrence(
    _ a: Tensor, _ b: Tensor, from initial: Tensor? = nil, isReversed: Bool = false, isComplex: Bool = false,
    mask: Mask? = nil
  ) -> Tensor {
    let form = RecurrenceForm(isReversed: isReversed, isComplex: isComplex)
    let operation = LinearRecurrence(form: form, hasInitial: initial != nil)
    let state = initial.map { [$0] } ?? []
    guard let active = mask?.broadcast(to: b.shape) else { return operation.results([a, b] + state)[0] }
    let kept = Tensor.select(active, a, isComplex ? complexOne(b) : Tensor(1, b.type))
    return operation.results([kept, Tensor.select(active, b, Tensor(0, b.type))] + state)[0]
  }

  /// 1 as a row of real parts and imaginary parts.
  private static func complexOne(_ like: Tensor) -> Tensor {
    let count = (like.shape.last ?? 0) / 2
    return Tensor.concatenate([Tensor.ones([count], like.type), Tensor.zeros([count], like.type)], axis: 0)
  }
}
