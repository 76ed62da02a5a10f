internal import UnrollArrays

/// Truncated backpropagation through time with two lengths: after every `stride` steps (k₁) the losses of these steps go back through
/// at most `depth` steps (k₂).
///
/// ```text
/// stride 3, depth 7, 12 steps            · no part   − in the graph   # in the graph, its loss counts
///
/// step       0  1  2  3  4  5  6  7  8  9 10 11
/// window 0   #  #  #  ·  ·  ·  ·  ·  ·  ·  ·  ·
/// window 1   −  −  −  #  #  #  ·  ·  ·  ·  ·  ·
/// window 2   ·  ·  −  −  −  −  #  #  #  ·  ·  ·     from the state after step 1, a constant
/// window 3   ·  ·  ·  ·  ·  −  −  −  −  #  #  #     from the state after step 4, a constant
/// ```
///
/// The losses of window j are those of the `stride` steps from j · stride on, or of what remains at the end, so that each step's loss
/// counts once. Its graph begins depth − stride steps before them, or where the sequence begins. So the first loss of a window reaches
/// depth − stride + 1 steps back, and the last one `depth`; a window that the end cuts short has the first of these losses. With equal
/// lengths the windows are chunks side by side, and no step runs twice, whatever the number of steps. With a depth of all steps or
/// more, every graph begins where the sequence does, and the windows' gradients sum to that of full backpropagation.
///
///     let windows = Truncation(stride: 3, depth: 7).windows(steps: 12)
///     print(windows[2].graph, windows[2].losses)  // 2..<9 and 6..<9
public struct Truncation: Sendable, Equatable {
  /// How many steps lie between one gradient and the next: k₁.
  public let stride: Int
  /// How many steps a gradient goes back at most: k₂.
  public let depth: Int

  /// One gradient's steps.
  public struct Window: Sendable, Equatable {
    /// The steps that the gradient goes back through.
    public let graph: Range<Int>
    /// The last of them, whose losses count.
    public let losses: Range<Int>
  }

  /// Two lengths, the depth being no less than the stride.
  public init(stride: Int, depth: Int) {
    require(stride > 0, "Truncation: a stride of \(stride) steps makes no progress")
    require(depth >= stride, "Truncation: a depth of \(depth) steps does not reach the first of \(stride) steps' losses")
    self.stride = stride
    self.depth = depth
  }

  /// The windows of so many steps, one after another.
  public func windows(steps: Int) -> [Window] {
    require(steps >= 0, "Truncation: there are no \(steps) steps")
    let before = depth < steps ? depth - stride : steps
    return Swift.stride(from: 0, to: steps, by: stride).map { start in
      let end = start + min(stride, steps - start)
      return Window(graph: max(0, start - before)..<end, losses: start..<end)
    }
  }
}
