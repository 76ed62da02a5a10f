import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// Stride and depth: which steps count, which are passed, and what their gradients sum to.
@Suite struct TruncationTests {
  @Test func thePicture() {
    let windows = Truncation(stride: 3, depth: 7).windows(steps: 12)
    #expect(windows.map(\.graph) == [0..<3, 0..<6, 2..<9, 5..<12])
    #expect(windows.map(\.losses) == [0..<3, 3..<6, 6..<9, 9..<12])
    let ragged = Truncation(stride: 5, depth: 6).windows(steps: 12)
    #expect(ragged.map(\.graph) == [0..<5, 4..<10, 9..<12])
    #expect(ragged.map(\.losses) == [0..<5, 5..<10, 10..<12])
    #expect(Truncation(stride: 2, depth: 2).windows(steps: 0).isEmpty)
    #expect(Truncation(stride: .max, depth: .max).windows(steps: 3).map(\.graph) == [0..<3])
  }

  /// With equal lengths windows are chunks, whatever remains at the end: each step runs once, and with the parameters of its window.
  @Test(arguments: [1, 4, 5, 20, 23, 24, 25]) func chunksSideBySide(steps: Int) {
    let windows = Truncation(stride: 5, depth: 5).windows(steps: steps)
    #expect(windows.map(\.graph) == windows.map(\.losses))
    #expect(windows.flatMap(\.losses) == Array(0..<steps))
    var pass = TruncatedPass<Tensor>(steps: steps, Truncation(stride: 5, depth: 5))
    var ran: [Int] = []
    let x = Tensor.ones([steps], .float64)
    while pass.next(
      at: Sum(w: Tensor(0.7, .float64)),
      advance: { model, steps, state in
        ran += steps
        return model.advance(x[steps], state)
      }, loss: { _, outputs, _ in outputs.sum() }) != nil
    {}
    #expect(ran == Array(0..<steps))
  }

  /// A window that the end cuts short has the first losses of a whole one, from where a whole one begins; only a depth of all steps
  /// goes back to the beginning.
  @Test func raggedEnds() {
    for steps in 1...24 {
      for (stride, depth) in [(3, 7), (5, 5), (5, 22), (4, 9), (7, 24)] {
        let windows = Truncation(stride: stride, depth: depth).windows(steps: steps)
        let whole = Truncation(stride: stride, depth: depth).windows(steps: windows.count * stride)
        #expect(windows.flatMap(\.losses) == Array(0..<steps))
        for (window, whole) in zip(windows, whole) {
          let begin = depth >= steps ? 0 : whole.graph.lowerBound
          #expect(window.graph == begin..<window.losses.upperBound, "\(stride), \(depth) of \(steps): \(window)")
          #expect(depth >= steps || window.graph.count <= depth)
        }
      }
    }
  }

  /// h' = w h + x: after t steps the state and its derivative by w are sums that can be written down.
  private struct Sum: Module {
    var w: Tensor
    mutating func visit(_ visitor: Visitor) { visitor("w", &w) }
    func advance(_ x: Tensor, _ state: Tensor?) -> (outputs: Tensor, state: Tensor) {
      var state = state ?? Tensor.zeros([], .float64)
      var outputs: [Tensor] = []
      for x in x.unstacked() {
        state = w * state + x
        outputs.append(state)
      }
      return (Tensor.stack(outputs), state)
    }
  }

  @Test func everyStrideAndDepthAgainstTheDefinition() throws {
    var generator = Generator(seed: 4)
    let steps = 11
    let x = Tensor.normal([steps], .float64, using: &generator)
    let model = Sum(w: Tensor(0.7, .float64))
    let states = model.advance(x, nil).outputs
    let full = valueAndGradient(at: model) { $0.advance(x, nil).outputs.square().sum() }
    for stride in 1...steps {
      for depth in stride...(steps + 2) {
        var pass = TruncatedPass<Tensor>(steps: steps, Truncation(stride: stride, depth: depth))
        var (loss, gradient) = (0.0, 0.0)
        while let window = pass.next(
          at: model, advance: { $0.advance(x[$1], $2) }, loss: { _, outputs, _ in outputs.square().sum() })
        {
          let (graph, losses) = (window.window.graph, window.window.losses)
          let begin = graph.lowerBound == 0 ? nil : states[graph.lowerBound - 1]
          if let begin { #expect(window.initialState?.array.isClose(to: begin.array, relative: 1e-14) == true) }
          let expected = UnrollAutograd.gradient(at: model) {
            $0.advance(x[graph], begin).outputs[(losses.lowerBound - graph.lowerBound)...].square().sum()
          }
          #expect(abs(window.gradient.w.item - expected.w.item) < 1e-12, "stride \(stride), depth \(depth)")
          loss += window.loss.item
          gradient += window.gradient.w.item
        }
        #expect(abs(loss - full.value.item) < 1e-12, "windows sum to one pass")
        #expect(pass.state?.array.isClose(to: states[-1].array, relative: 1e-14) == true)
        if depth >= steps { #expect(abs(gradient - full.gradient.w.item) < 1e-12, "full depth is full backpropagation") }
      }
    }
  }

  @Test func misuseMessages() async {
    let depth = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Truncation(stride: 8, depth: 4)
    }
    #expect(stopSentence(depth) == "Truncation: a depth of 4 steps is less than the stride of 8")
    let stride = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Truncation(stride: 0, depth: 4)
    }
    #expect(stopSentence(stride) == "Truncation: a stride of 0 steps is not positive")
  }
}
