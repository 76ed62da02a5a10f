internal import UnrollArrays

/// The cotangents that have arrived at one output so far.
enum Arrivals {
  case none
  case one(Tensor)
  /// The sum of several unrecorded cotangents, accumulated in place.
  case sum(RunningSum)

  final class RunningSum {
    /// Accessed only by the walk that owns the sum, one addition at a time. An exclusivity check would cost as much as a small
    /// addition.
    @safe @exclusivity(unchecked) var array: NDArray
    init(_ array: NDArray) { self.array = array }
  }

  mutating func add(_ cotangent: Tensor) {
    switch self {
    case .none: self = .one(cotangent)
    case .one(let first) where first.isRecorded || cotangent.isRecorded: self = .one(first + cotangent)
    case .one(let first): self = .sum(RunningSum(first.array + cotangent.array))
    case .sum(let sum) where cotangent.isRecorded: self = .one(Tensor(sum.array) + cotangent)
    case .sum(let sum): sum.array += cotangent.array
    }
  }

  /// Adds the cotangent of a part of the output in place; the zeros around it are filled in once only.
  mutating func add(_ part: NDArray, shape: Shape, by add: (NDArray, inout NDArray) -> Void) {
    switch self {
    case .sum: break
    case .none: self = .sum(RunningSum(NDArray.zeros(shape, part.type)))
    case .one(let first) where first.isRecorded:
      var whole = NDArray.zeros(shape, part.type)
      add(part, &whole)
      self = .one(first + Tensor(whole))
      return
    case .one(let first): self = .sum(RunningSum(first.array))
    }
    if case .sum(let sum) = self { add(part, &sum.array) }
  }

  /// Whether cotangents have arrived and none of them is recorded.
  var isUnrecorded: Bool {
    switch self {
    case .none: false
    case .one(let first): !first.isRecorded
    case .sum: true
    }
  }

  /// Updates the sum of unrecorded cotangents in place.
  mutating func change(_ body: (inout NDArray) -> Void) {
    if case .one(let first) = self { self = .sum(RunningSum(first.array)) }
    if case .sum(let sum) = self { body(&sum.array) }
  }

  /// The sum of all cotangents, or nil if there are none. Leaves `none`.
  mutating func take() -> Tensor? {
    let all = self
    self = .none
    return switch consume all {
    case .none: nil
    case .one(let tensor): tensor
    case .sum(let sum): Tensor(sum.array)
    }
  }
}
