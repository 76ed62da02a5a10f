internal import UnrollArrays

/// Truncated backpropagation through time with two lengths: after every `stride` steps (k₁), the losses of these steps are
/// propagated back through at most `depth` steps (k₂).
///
/// ```text
/// stride 3, depth 7, 12 steps            · not in the graph   − in the graph   # in the graph, its loss counts
///
/// step       0  1  2  3  4  5  6  7  8  9 10 11
/// window 0   #  #  #  ·  ·  ·  ·  ·  ·  ·  ·  ·
/// window 1   −  −  −  #  #  #  ·  ·  ·  ·  ·  ·
/// window 2   ·  ·  −  −  −  −  #  #  #  ·  ·  ·     from the state after step 1, a constant
/// window 3   ·  ·  ·  ·  ·  −  −  −  −  #  #  #     from the state after step 4, a constant
/// ```
///
/// The losses of window j are those of `stride` steps from j · stride on, or of the remaining steps at the end, so that each
/// step's loss counts once. Its graph begins depth − stride steps earlier, or at the start of the sequence. The first loss of a
/// window thus reaches depth − stride + 1 steps back, and the last one `depth`; a window that is cut short at the end lacks the
/// latter losses. With equal lengths the windows are adjacent chunks, and no step runs twice. If the depth is at least the
/// number of steps, every graph begins at the start of the sequence, and the windows' gradients sum to that of full
/// backpropagation.
///
///     let windows = Truncation(stride: 3, depth: 7).windows(steps: 12)
///     print(windows[2].graph, windows[2].losses)  // 2..<9 and 6..<9
public struct Truncation: Sendable, Equatable {
  /// The number of steps between gradients, k₁.
  public let stride: Int
  /// The largest number of steps that a gradient travels back, k₂.
  public let depth: Int

  /// The steps of one gradient.
  public struct Window: Sendable, Equatable {
    /// The steps through which the gradient travels.
    public let graph: Range<Int>
    /// The last of these steps, whose losses count.
    public let losses: Range<Int>
  }

  /// A truncation with the given lengths; the depth must be at least the stride.
  public init(stride: Int, depth: Int) {
    require(stride > 0, "Truncation: a stride of \(stride) steps is not positive")
    require(depth >= stride, "Truncation: a depth of \(depth) steps is less than the stride of \(stride)")
    self.stride = stride
    self.depth = depth
  }

  /// The windows of a sequence of `steps` steps, in order.
  public func windows(steps: Int) -> [Window] {
    require(steps >= 0, "Truncation: a step count of \(steps) is negative")
    let before = depth < steps ? depth - stride : steps
    return Swift.stride(from: 0, to: steps, by: stride).map { start in
      let end = start + min(stride, steps - start)
      return Window(graph: max(0, start - before)..<end, losses: start..<end)
    }
  }
}
