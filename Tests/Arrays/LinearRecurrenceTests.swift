import Testing
import UnrollArrays
import UnrollTestSupport

/// Linear recurrences of arrays of any arrangement, against a loop over their elements.
@Suite struct LinearRecurrenceTests {
  /// A size, and the shapes that coefficients may have there.
  private static let sizes: [(b: Shape, a: [Shape])] = [
    ([1, 1, 1], [[1, 1, 1], []]), ([5, 1, 1], [[5, 1, 1], [1]]), ([4, 3, 1], [[4, 3, 1], [4, 1, 1], [3, 1]]),
    ([6, 2, 5], [[6, 2, 5], [6, 1, 5], [6, 2, 1], [6, 1, 1], [2, 5], [2, 1], [5], [1, 1, 1], []]),
    ([7], [[7], [1], []]), ([7, 4], [[7, 4], [7, 1], [4], []]),
    ([3, 2, 4, 3], [[3, 2, 4, 3], [3, 1, 4, 3], [3, 2, 1, 1], [4, 3], [3]]),
    ([3, 2, 4500], [[3, 2, 4500], [3, 1, 4500], [4500], [3, 2, 1]]), ([65, 1, 70], [[65, 1, 70], [70]]),
    ([2, 420, 10], [[2, 420, 10], [10]]),
  ]

  private func numbers(_ shape: Shape, _ seed: Int) -> NDArray {
    var generator = Generator(seed: seed)
    return NDArray.uniform(shape, in: -0.7..<0.7, .float64, using: &generator)
  }

  /// The same numbers with the first two axes swapped in memory.
  private func swapped(_ x: NDArray) -> NDArray {
    x.rank < 2 ? x : x.transposed(0, 1).contiguous().transposed(0, 1)
  }

  /// The definition, step by step.
  private func loop(_ a: NDArray, _ b: NDArray, _ initial: NDArray?, _ form: RecurrenceForm) -> NDArray {
    let (steps, a) = (b.shape[0], a.broadcast(to: b.shape))
    let order = form.isReversed ? Array((0..<steps).reversed()) : Array(0..<steps)
    var (states, last): ([NDArray], NDArray?) = ((0..<steps).map { b[$0] }, initial)
    for (place, t) in order.enumerated() {
      guard let state = last else {
        last = states[t]
        continue
      }
      if !form.isTransposed || place > 0 {
        states[t] = product(a[form.isTransposed ? order[place - 1] : t], state, form) + b[t]
      }
      last = states[t]
    }
    return NDArray.stack(states, axis: 0)
  }

  private func product(_ a: NDArray, _ h: NDArray, _ form: RecurrenceForm) -> NDArray {
    if !form.isComplex { return a * h }
    let n = h.shape[h.rank - 1] / 2
    func part(_ x: NDArray, _ first: Bool) -> NDArray {
      x.selecting([.rest, .range(start: first ? nil : n, end: first ? n : nil, step: 1)])
    }
    let (re, im) = (part(a, true), form.isTransposed ? -part(a, false) : part(a, false))
    let (hr, hi) = (part(h, true), part(h, false))
    return NDArray.concatenate([re * hr - im * hi, re * hi + im * hr], axis: -1)
  }

  @Test(arguments: sizes.indices) func recurrencesEqualALoop(_ index: Int) {
    let (shape, coefficients) = LinearRecurrenceTests.sizes[index]
    for (i, aShape) in coefficients.enumerated() {
      let (a, b, g) = (numbers(aShape, 2 * i), numbers(shape, 2 * i + 1), numbers(shape, 50 + i))
      let initial = numbers(Shape(shape.dropFirst()), 100 + i)
      let isEven = shape.count > 1 && shape[shape.count - 1] % 2 == 0 && aShape.last == shape.last
      for isComplex in isEven ? [false, true] : [false] {
        for isReversed in [false, true] {
          let form = RecurrenceForm(isReversed: isReversed, isComplex: isComplex)
          for start in [nil, initial] {
            let expected = loop(a, b, start, form)
            let found = NDArray.linearRecurrence(a, b, from: start, form)
            #expect(found.isClose(to: expected, relative: 1e-12, absolute: 1e-12), "\(aShape) in \(shape)")
            let scattered = NDArray.linearRecurrence(swapped(a), swapped(b), from: start, form)
            #expect(scattered.isClose(to: expected, relative: 1e-12, absolute: 1e-12), "\(aShape) in \(shape), scattered")
            backward(a, expected, start, g, form)
          }
          let turned = form.transposed
          let back = NDArray.linearRecurrence(a, b, from: nil, turned)
          #expect(back.isClose(to: loop(a, b, nil, turned), relative: 1e-12, absolute: 1e-12), "\(aShape) in \(shape), turned")
        }
      }
    }
  }

  private func backward(_ a: NDArray, _ h: NDArray, _ start: NDArray?, _ g: NDArray, _ form: RecurrenceForm) {
    let (byA, byB) = NDArray.linearRecurrenceCotangents(a, h, from: start, g, form)
    let expected = loop(a, g, nil, form.transposed)
    #expect(byB.isClose(to: expected, relative: 1e-12, absolute: 1e-12), "\(a.shape) in \(h.shape), back")
    let (steps, zero) = (h.shape[0], [start ?? h[0] * 0])
    let states = (0..<steps).map { h[$0] }
    let before = NDArray.stack(form.isReversed ? states.dropFirst() + zero : zero + states.dropLast(), axis: 0)
    let turned = RecurrenceForm(isTransposed: true, isComplex: form.isComplex)
    let each = product(before, expected, turned)
    #expect(
      byA.sum(axes: 0).isClose(to: each.sum(axes: 0), relative: 1e-10, absolute: 1e-10), "\(a.shape) in \(h.shape), by a")
    if byA.shape == h.shape && a.shape == h.shape { #expect(byA.isClose(to: each, relative: 1e-12, absolute: 1e-12)) }
  }
}
