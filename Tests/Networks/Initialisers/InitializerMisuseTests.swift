import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport

/// What initialisers say where they cannot be used.
@Suite struct InitializerMisuseTests {
  @Test func extents() async {
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.zeros([3, 0], using: &generator)
    }
    #expect(stopSentence(empty) == "Initializer: shape [3, 0] has an extent that is not positive")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.orthogonal()([-3, 2], using: &generator)
    }
    #expect(stopSentence(negative) == "Initializer: shape [-3, 2] has an extent that is not positive")
  }

  @Test func ranks() async {
    let vector = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.glorotUniform([3], using: &generator)
    }
    #expect(stopSentence(vector) == "glorotUniform: shape [3] is not that of a matrix [inputs, outputs]")
    let normal = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.heNormal([3, 2, 1], using: &generator)
    }
    #expect(stopSentence(normal) == "heNormal: shape [3, 2, 1] is not that of a matrix [inputs, outputs]")
    let orthogonal = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.orthogonal()([2, 2, 2], using: &generator)
    }
    #expect(stopSentence(orthogonal) == "orthogonal: shape [2, 2, 2] is not that of a matrix [inputs, outputs]")
  }

  @Test func squares() async {
    let radius = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.spectralRadius(0.9)([3, 4], using: &generator)
    }
    #expect(stopSentence(radius) == "spectralRadius: shape [3, 4] is not that of a square matrix")
    let identity = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.identity()([3], using: &generator)
    }
    #expect(stopSentence(identity) == "identity: shape [3] is not that of a square matrix")
  }

  @Test func numbers() async {
    let radius = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Initializer.spectralRadius(-1)
    }
    #expect(stopSentence(radius) == "spectralRadius: -1.0 is negative or not finite")
    let gain = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Initializer.orthogonal(gain: .infinity)
    }
    #expect(stopSentence(gain) == "orthogonal: a gain of inf is not finite")
    let deviation = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.normal(deviation: -1)([3], using: &generator)
    }
    #expect(stopSentence(deviation) == "normal: a deviation of -1.0 is negative or not finite")
    let longest = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Initializer.chrono(longest: 2)
    }
    #expect(stopSentence(longest) == "chrono: a longest dependency of 2.0 steps is not a finite number above 2")
    let sparse = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.sparse(nonzerosPerColumn: 4)([3, 8], using: &generator)
    }
    #expect(stopSentence(sparse) == "sparse: 4 nonzeros do not fit into a column of shape [3, 8]")
  }

  @Test func gates() async {
    let blocks = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.perGate(4, .zeros)([3, 10], using: &generator)
    }
    #expect(stopSentence(blocks) == "perGate: the last axis of shape [3, 10] does not split into 4 equal blocks")
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = Initializer.perGate([]) }
    #expect(stopSentence(none) == "perGate: the list of initialisers is empty")
    let chrono = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer.chrono(longest: 10)([10], using: &generator)
    }
    #expect(stopSentence(chrono) == "chrono: shape [10] is not that of the biases of four gates [4 * hidden]")
  }

  @Test func closures() async {
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = Generator(seed: 1)
      _ = Initializer { _, type, _ in Tensor.ones([2], type) }([3], using: &generator)
    }
    #expect(stopSentence(shape) == "Initializer: asked for float32 of shape [3], the closure made float32 of shape [2]")
  }
}
