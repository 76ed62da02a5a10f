import UnrollArrays
import UnrollAutograd

/// Derivatives from values alone: central differences of four points in float64.
///
/// With a step of h = 1e-3 the terms that are left out are h⁴ f⁽⁵⁾ / 30, below 1e-9 for all functions of the table where they are
/// looked at, and values wrong by 1e-16 are divided by h: 1e-13. Derivatives agree with them to 1e-8 of the largest element, or
/// of one: a rule that is wrong by a thousandth does not pass.
enum Differences {
  static let tolerance = 1e-8
  private static let step = 1e-3

  /// The derivative at zero of a function of one number.
  private static func slope(_ f: (Double) -> [Tensor]) -> [Tensor] {
    let values = [1.0, -1, 2, -2].map { f($0 * step) }
    return values[0].indices.map { i in
      ((values[0][i] - values[1][i]) * 8 - (values[2][i] - values[3][i])) / (12 * step)
    }
  }

  /// How the results of a function change along directions.
  static func tangent(at x: [Tensor], along directions: [Tensor], of f: ([Tensor]) -> [Tensor]) -> [Tensor] {
    slope { distance in f(zip(x, directions).map { $0 + $1 * distance }) }
  }

  /// The derivative of ⟨cotangents, results⟩ by every element of every input.
  static func gradient(at x: [Tensor], _ cotangents: [Tensor], of f: ([Tensor]) -> [Tensor]) -> [Tensor] {
    x.enumerated().map { i, input in
      let elements = input.array.scalars(as: Double.self)
      let slopes = elements.indices.map { k in
        slope { distance in
          var (moved, all) = (elements, x)
          moved[k] += distance
          all[i] = Tensor(moved, shape: input.shape)
          return [inner(cotangents, f(all))]
        }[0].item
      }
      return Tensor(slopes, shape: input.shape)
    }
  }
}

/// ⟨a, b⟩ over all tensors.
func inner(_ a: [Tensor], _ b: [Tensor]) -> Tensor {
  zip(a, b).reduce(Tensor(0, a.first?.type ?? .float64)) { $0 + ($1.0 * $1.1).sum() }
}

/// Whether shapes are equal and elements differ by no more than a part of the largest one, or of one where all are smaller.
func agree(_ found: [Tensor], _ expected: [Tensor], relative: Double) -> Bool {
  guard found.count == expected.count else { return false }
  return zip(found, expected).allSatisfy { a, b in
    guard a.shape == b.shape else { return false }
    if b.count == 0 { return true }
    let (a, b) = (a.array.cast(to: .float64), b.array.cast(to: .float64))
    return a.isClose(to: b, relative: 0, absolute: relative * max(1, b.norm(order: .infinity).item))
  }
}
