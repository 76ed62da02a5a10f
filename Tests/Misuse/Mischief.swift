import Foundation
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// Where the arguments of one trial come from: the same seed gives the same ones. Most are right; in three of four trials some are
/// wrong, and those are counted. Everything that is drawn is said on standard output, wrong arguments in lines that begin with "!".
struct Mischief {
  private var random: TestRandom
  /// One argument of so many is wrong; 0 where none is.
  private let rarity: Int
  /// The type of the numbers of this trial, where nothing is wrong with it.
  let type: ElementType
  /// How many arguments were wrong so far.
  private(set) var wrongs = 0

  init(seed: UInt64) {
    random = TestRandom(seed: seed)
    rarity = [0, 3, 6, 14][Int.random(in: 0..<4, using: &random)]
    type = Bool.random(using: &random) ? .float32 : .float64
  }

  private func say(_ line: String) {
    var line = line + "\n"
    line.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
  }

  private mutating func goesWrong() -> Bool { rarity > 0 && Int.random(in: 0..<rarity, using: &random) == 0 }

  private mutating func wrong(_ line: String) {
    wrongs += 1
    say("! " + line)
  }

  /// Says a step of the trial.
  func note(_ text: String) { say("  " + text) }

  /// Says that the library may refuse these arguments, which nobody has called wrong.
  mutating func mayStop() { wrong("whether these fit each other is left to chance") }

  /// Says that the library has accepted the arguments: from here on, a stop means that one entrance accepts what another refuses.
  func accepted() { say("= accepted") }

  /// Ends the trial as failed where the condition does not hold.
  func expect(_ condition: Bool, _ sentence: @autoclosure () -> String) {
    if condition { return }
    say("? " + sentence())
    _exit(3)
  }

  // MARK: Choices that are right whatever they are

  mutating func chance(_ rarity: Int) -> Bool { Int.random(in: 0..<rarity, using: &random) == 0 }

  mutating func extent(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func pick<T>(_ name: String, _ choices: [T]) -> T {
    let choice = choices[Int.random(in: 0..<choices.count, using: &random)]
    say("  \(name) \(choice)")
    return choice
  }

  mutating func flag(_ name: String) -> Bool { pick(name, [false, true]) }

  /// A shape of small extents.
  mutating func freeShape(_ ranks: ClosedRange<Int>, from least: Int = 1) -> Shape {
    Shape((0..<Int.random(in: ranks, using: &random)).map { _ in Int.random(in: least...4, using: &random) })
  }

  mutating func generator() -> Generator { Generator(seed: Int.random(in: 0..<1000, using: &random)) }

  // MARK: Arguments

  /// An integer: the right one, or one that no sane caller gives.
  mutating func integer(_ name: String, _ right: Int) -> Int {
    guard goesWrong() else {
      say("  \(name) \(right)")
      return right
    }
    let value = [right - 1, right + 1, right * 2, 0, -1, -right, 7, .max, .min, 1 << 40][Int.random(in: 0..<10, using: &random)]
    wrong("\(name) \(value) for \(right)")
    return value
  }

  mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int {
    integer(name, Int.random(in: range, using: &random))
  }

  /// How often something happens. Without numbers whose work would take forever: the library may begin it.
  mutating func count(_ name: String, in range: ClosedRange<Int>) -> Int {
    let right = Int.random(in: range, using: &random)
    guard goesWrong() else {
      say("  \(name) \(right)")
      return right
    }
    let value = [right - 1, right + 1, right * 2, 0, -1, -right, 7, .min][Int.random(in: 0..<8, using: &random)]
    wrong("\(name) \(value) for \(right)")
    return value
  }

  /// Some of something, made one after the other.
  mutating func list<T>(_ name: String, in range: ClosedRange<Int>, _ make: (inout Mischief, Int) -> T) -> [T] {
    let count = max(0, count(name, in: range))
    return (0..<count).map { make(&self, $0) }
  }

  /// A number of a range, or one that no sane caller gives.
  mutating func number(_ name: String, in range: ClosedRange<Double>) -> Double {
    guard goesWrong() else {
      let right = Double.random(in: range, using: &random)
      say("  \(name) \(right)")
      return right
    }
    let values = [.nan, .infinity, -.infinity, -1, 0, 1, 2, 1e308, -1e-3, .leastNonzeroMagnitude, -0.0]
    let value = values[Int.random(in: 0..<values.count, using: &random)]
    wrong("\(name) \(value)")
    return value
  }

  /// An axis of a tensor of so many axes, counted from either end.
  mutating func axis(_ name: String, _ rank: Int) -> Int {
    if rank == 0 || goesWrong() {
      let value = [rank, rank + 1, -rank - 1, 9, .min, .max][Int.random(in: 0..<6, using: &random)]
      wrong("\(name) \(value) of \(rank)")
      return value
    }
    let value = Int.random(in: -rank..<rank, using: &random)
    say("  \(name) \(value)")
    return value
  }

  /// Different axes.
  mutating func axes(_ name: String, _ rank: Int) -> [Int] {
    var axes = (0..<rank).filter { _ in Bool.random(using: &random) }.map { Bool.random(using: &random) ? $0 : $0 - rank }
    if goesWrong() {
      axes.append([axes.first ?? 0, rank, -rank - 1, .min][Int.random(in: 0..<4, using: &random)])
      wrong("\(name) \(axes) of \(rank)")
    } else {
      say("  \(name) \(axes)")
    }
    return axes
  }

  private mutating func warped(_ right: Shape) -> Shape {
    var extents = Array(right)
    switch Int.random(in: 0..<8, using: &random) {
    case 0 where !extents.isEmpty: extents.removeLast()
    case 1 where !extents.isEmpty: extents.removeFirst()
    case 2 where extents.count < 8: extents.insert(Int.random(in: 0...3, using: &random), at: 0)
    case 3 where extents.count < 8: extents.append(Int.random(in: 0...3, using: &random))
    case 4 where extents.count > 1: extents.reverse()
    case 5: extents = []
    default:
      if extents.isEmpty { return [2] }
      let axis = Int.random(in: 0..<extents.count, using: &random)
      extents[axis] =
        [0, 1, extents[axis] + 1, max(0, extents[axis] - 1), extents[axis] * 3][
          Int.random(in: 0..<5, using: &random)]
    }
    return Shape(extents)
  }

  /// The shape, or another one.
  mutating func shape(_ name: String, _ right: Shape) -> Shape {
    if !goesWrong() { return right }
    let shape = warped(right)
    if shape == right { return right }
    wrong("\(name) of shape \(shape) for \(right)")
    return shape
  }

  /// A shape as a creating function gets it, which may be impossible too.
  mutating func anyShape(_ name: String, _ right: Shape) -> Shape {
    guard goesWrong() else {
      say("  \(name) of shape \(right)")
      return right
    }
    var extents = Array(right)
    let odd = [-1, .min, .max, 1 << 40][Int.random(in: 0..<4, using: &random)]
    extents.append(odd)
    let shape = Shape(extents)
    wrong("\(name) of shape \(shape)")
    return shape
  }

  /// The type of this trial, or the other one.
  mutating func elementType(_ name: String) -> ElementType {
    if !goesWrong() { return type }
    let other: ElementType = type == .float32 ? .float64 : .float32
    wrong("\(name) of \(other) among \(type)")
    return other
  }

  /// Numbers in any arrangement in memory, some of them special. Special numbers are no wrong argument: they must come through.
  mutating func tensor(_ name: String, _ right: Shape, in range: ClosedRange<Double> = -2...2) -> Tensor {
    let shape = shape(name, right)
    let type = elementType(name)
    var numbers = (0..<shape.elementCount).map { _ in Double.random(in: range, using: &random) }
    var special = ""
    if rarity > 0, !numbers.isEmpty, Int.random(in: 0..<8, using: &random) == 0 {
      let values = [.nan, .infinity, -.infinity, 0, -0.0, 1e30, -1e30, 1e-40, 1]
      let value = values[Int.random(in: 0..<values.count, using: &random)]
      if Bool.random(using: &random) {
        numbers = Array(repeating: value, count: numbers.count)
      } else {
        numbers[Int.random(in: 0..<numbers.count, using: &random)] = value
      }
      special = " with \(value)"
    }
    let plain = NDArray(numbers, shape: shape).cast(to: type)
    let layout = Int.random(in: 0..<6, using: &random)
    let array = arranged(plain, layout)
    say("  \(name) \(type) of shape \(shape)\(special), arrangement \(layout)")
    return Tensor(array)
  }

  /// The same numbers, elsewhere in memory.
  private func arranged(_ array: NDArray, _ layout: Int) -> NDArray {
    if array.rank == 0 || array.rank > 6 { return array }
    switch layout {
    case 0 where array.rank > 1: return array.transposed().contiguous().transposed()
    case 1: return NDArray.stack([array * 0 + 7, array, array * 0 - 1])[1]
    case 2: return NDArray.stack([array, array * 0 - 1], axis: array.rank)[.rest, 0]
    case 3: return array.flipped(0).contiguous().flipped(0)
    default: return array
    }
  }

  /// Truth values.
  mutating func mask(_ name: String, _ right: Shape) -> Mask {
    let shape = shape(name, right)
    let values = (0..<shape.elementCount).map { _ in Int.random(in: 0..<4, using: &random) > 0 }
    say("  \(name) \(values) of shape \(shape)")
    return Mask(values, shape: shape)
  }

  /// Positions below a bound, or beside it.
  mutating func indices(_ name: String, _ right: Shape, below bound: Int) -> Indices {
    let shape = shape(name, right)
    var values = (0..<shape.elementCount).map { _ in bound > 0 ? Int.random(in: 0..<bound, using: &random) : 0 }
    if !values.isEmpty, goesWrong() {
      let value = [bound, -1, bound + 1, Int(Int32.max), Int(Int32.min)][Int.random(in: 0..<5, using: &random)]
      values[Int.random(in: 0..<values.count, using: &random)] = value
      wrong("\(name) has \(value) among positions below \(bound)")
    }
    say("  \(name) \(values) of shape \(shape)")
    return Indices(values, shape: shape)
  }

  /// Lengths of so many rows.
  mutating func lengths(_ name: String, _ rows: Int, in range: ClosedRange<Int>) -> [Int] {
    var lengths = (0..<max(0, rows)).map { _ in Int.random(in: range, using: &random) }
    if goesWrong() {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: lengths.append(1)
      case 1: lengths = Array(lengths.dropLast())
      case 2 where !lengths.isEmpty: lengths[0] = range.upperBound + 1
      default: lengths = lengths.map { _ in [0, -1, .max, .min][Int.random(in: 0..<4, using: &random)] }
      }
      wrong("\(name) \(lengths)")
    } else {
      say("  \(name) \(lengths)")
    }
    return lengths
  }

  /// Overwrites one of a module's parameters, as anybody may, since they are public variables.
  mutating func damage<Model: TensorGroup>(_ model: inout Model) {
    let count = model.tensors.count
    guard count > 0, goesWrong() else { return }
    let victim = Int.random(in: 0..<count, using: &random)
    var tensors = model.tensors
    let right = tensors[victim]
    let shape = warped(right.shape)
    let type: ElementType =
      Int.random(in: 0..<3, using: &random) > 0 ? right.type : right.type == .float32 ? .float64 : .float32
    if shape == right.shape && type == right.type { return }
    wrong("tensor \(victim) of \(Model.self), \(right.type) of shape \(right.shape), becomes \(type) of shape \(shape)")
    tensors[victim] = Tensor.full(shape, 0.5, type)
    model = model.replacingTensors(tensors)
  }
}
