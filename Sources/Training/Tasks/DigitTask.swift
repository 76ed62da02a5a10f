public import UnrollArrays
internal import UnrollAutograd

/// Small digits, drawn with noise at places of their own, read row by row or pixel by pixel.
///
/// A picture has 8 × 8 pixels; a digit of 3 × 5 stands anywhere in it, bright on dark, with normal noise. Inputs `[batch, 8, 8]` by rows,
/// `[batch, 64, 1]` by pixels. Targets `[batch]`: which digit. Each is equally likely, so that chance is 1/10.
///
///     let task = DigitTask(.pixels, noise: 0.1)
///     let batch = task.batch(32, using: &generator)
public struct DigitTask: Sendable, Hashable {
  /// What one step shows.
  public enum Order: Sendable, Hashable {
    /// A row of 8 pixels.
    case rows
    /// One pixel.
    case pixels
  }

  /// What one step shows.
  public let order: Order
  /// The deviation of the noise.
  public let noise: Double

  /// The share of pictures that a guess gets right.
  public static let baseline = 0.1

  /// Digits in the given order of reading.
  public init(_ order: Order, noise: Double = 0.1) {
    require(noise >= 0 && noise.isFinite, "DigitTask: a noise of \(noise) is not a finite number from 0 on")
    self.order = order
    self.noise = noise
  }

  /// The digits, five rows of three pixels each.
  private static let shapes = [
    "####.##.##.####", ".#.##..#..#.###", "##...#.#.#..###", "##...#.#...###.", "#.##.####..#..#",
    "####..##...###.", ".###..####.####", "###..#.#..#..#.", "####.#####.####", "####.####..###.",
  ].map { $0.map { $0 == "#" ? Float(1) : 0 } }

  /// So many pictures and their digits, `[count]`.
  public func batch(_ count: Int, using generator: inout Generator) -> TaskBatch<Indices> {
    requireRows("DigitTask", count)
    var pixels = NDArray.normal([count * 64], deviation: noise, using: &generator).scalars(as: Float.self)
    var labels: [Int] = []
    for picture in 0..<count {
      let digit = Int.random(in: 0..<10, using: &generator)
      let (top, left) = (Int.random(in: 0...3, using: &generator), Int.random(in: 0...5, using: &generator))
      for (position, brightness) in DigitTask.shapes[digit].enumerated() {
        pixels[picture * 64 + (top + position / 3) * 8 + left + position % 3] += brightness
      }
      labels.append(digit)
    }
    let (steps, features) = order == .rows ? (8, 8) : (64, 1)
    return TaskBatch(
      inputs: Tensor(pixels, shape: [count, steps, features]), targets: Indices(labels),
      lengths: Array(repeating: steps, count: count))
  }
}
