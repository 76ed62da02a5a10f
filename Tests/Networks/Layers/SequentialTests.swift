import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks

@Suite struct SequentialTests {
  @Test func isOneLayerAfterTheOther() {
    var generator = Generator(seed: 1)
    let (first, last) = (Linear(3, 8, .float64, using: &generator), Linear(8, 2, .float64, using: &generator))
    let network = Sequential(first, Activation.tanh, LayerNorm(8, .float64), last)
    let x = Tensor.normal([5, 3], .float64, using: &generator)
    #expect(network(x).array == last(LayerNorm(8, .float64)(first(x).tanh())).array)
    #expect(network.parameters.map(\.name) == ["0.weight", "0.bias", "2.scale", "2.shift", "3.weight", "3.bias"])
    #expect(network.audit() == nil)
    let report = checkGradients(at: network, order: 2, directions: 2) { $0(x).square().sum() }
    #expect(report.passes, "\(report)")
  }

  /// Dropout among the layers drops where there is a generator, within another sequence too, and counts as a layer in the names.
  @Test func dropoutIsALayer() {
    var generator = Generator(seed: 1)
    let (first, last) = (Linear(3, 8, .float64, using: &generator), Linear(8, 2, .float64, using: &generator))
    let network = Sequential(first, Sequential(Dropout(0.5), Activation.tanh), Dropout(0.25), last)
    let x = Tensor.normal([5, 3], .float64, using: &generator)
    #expect(network(x).array == last(first(x).tanh()).array)
    let start = generator
    var same = start
    let dropped = Dropout(0.25)(Dropout(0.5)(first(x), using: &same).tanh(), using: &same)
    #expect(network(x, using: &generator).array == last(dropped).array && generator == same && generator != start)
    #expect(network.parameters.map(\.name) == ["0.weight", "0.bias", "3.weight", "3.bias"] && network.audit() == nil)
    let report = checkGradients(at: network, order: 2, directions: 2) { network in
      var generator = start
      return network(x, using: &generator).square().sum()
    }
    #expect(report.passes, "\(report)")
  }

  /// One layer used in two places is one set of parameters with one gradient, the sum of both.
  @Test func tiedWeights() {
    var generator = Generator(seed: 1)
    let layer = Linear(3, 3, .float64, using: &generator)
    let x = Tensor.normal([5, 3], .float64, using: &generator)
    let tied = gradient(at: layer) { $0($0(x).tanh()).square().sum() }
    let apart = gradient(at: [layer, layer]) { $0[1]($0[0](x).tanh()).square().sum() }
    #expect(tied.weight.array.isClose(to: (apart[0].weight + apart[1].weight).array, relative: 1e-12, absolute: 0))
  }
}
