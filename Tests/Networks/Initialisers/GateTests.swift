import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

/// Parameters of several gates.
@Suite struct GateTests {
  @Test func blocksAreDrawnOneAfterTheOther() {
    var (generator, same) = (Generator(seed: 1), Generator(seed: 1))
    let tensor = Initializer.perGate([.orthogonal(), .zeros, .glorotUniform])([4, 12], .float64, using: &generator)
    let blocks = tensor.array.split([4, 4, 4], axis: 1)
    #expect(blocks[0] == Initializer.orthogonal()([4, 4], .float64, using: &same).array)
    #expect(blocks[1] == NDArray.zeros([4, 4], .float64))
    #expect(blocks[2] == Initializer.glorotUniform([4, 4], .float64, using: &same).array)
    #expect(generator == same)
  }

  @Test func theSameForEveryGate() {
    var generator = Generator(seed: 1)
    let blocks = Initializer.perGate(4, .orthogonal())([5, 20], .float64, using: &generator).array.chunks(4, axis: 1)
    for block in blocks {
      let product = block.transposed().matmul(block)
      #expect(product.isClose(to: NDArray.identity(5, .float64), absolute: 1e-13))
    }
    #expect(blocks[0] != blocks[1])
  }

  @Test func biases() {
    var generator = Generator(seed: 1)
    let bias = Initializer.perGate([.zeros, .ones, .zeros, .zeros])([8], using: &generator)
    #expect(bias.array.scalars(as: Double.self) == [0, 0, 1, 1, 0, 0, 0, 0])
  }

  /// eᵇ of the forget biases is uniform between 1 and T − 1; 1.63/√n is exceeded once in a hundred times.
  @Test func chrono() {
    var generator = Generator(seed: 9)
    let (hidden, longest) = (5000, 784.0)
    let bias = Initializer.chrono(longest: longest)([4 * hidden], .float64, using: &generator).array
    let parts = bias.split([hidden, hidden, hidden, hidden], axis: 0).map { $0.scalars(as: Double.self) }
    #expect(parts[0] == parts[1].map { -$0 })
    #expect((parts[2] + parts[3]).allSatisfy { $0 == 0 })
    #expect(parts[1].allSatisfy { $0 >= 0 && $0 < log(longest - 1) })
    let n = Double(hidden)
    for (i, p) in parts[1].map({ (exp($0) - 1) / (longest - 2) }).sorted().enumerated() {
      #expect(abs(p - (Double(i) + 0.5) / n) < 1.63 / n.squareRoot())
    }
  }
}
