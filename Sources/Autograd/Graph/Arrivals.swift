internal import UnrollArrays

/// The cotangents that have arrived at one output so far.
enum Arrivals {
  case none
  case one(Tensor)
  /// The sum of several unrecorded ones, added to in place.
  case sum(RunningSum)

  final class RunningSum {
    /// Touched by the one walk that holds the sum, one addition at a time; the check would cost as much as a small addition.
    @exclusivity(unchecked) var array: NDArray
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

  /// A part, added to the rest in place; zeros are filled in once only.
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

  /// Whether there are some, none of which is recorded.
  var isUnrecorded: Bool {
    switch self {
    case .none: false
    case .one(let first): !first.isRecorded
    case .sum: true
    }
  }

  /// Changes the sum of unrecorded ones in place.
  mutating func change(_ body: (inout NDArray) -> Void) {
    if case .one(let first) = self { self = .sum(RunningSum(first.array)) }
    if case .sum(let sum) = self { body(&sum.array) }
  }

  /// The sum of all; nil if there is none. Nothing is left here.
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
