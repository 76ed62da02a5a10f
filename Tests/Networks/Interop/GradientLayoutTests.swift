import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// Gradients in a framework's layout, and what one bias instead of two means for training.
@Suite struct GradientLayoutTests {
  private static let x = {
    var generator = Generator(seed: 5)
    return Tensor.normal([2, 5, 3], .float64, using: &generator)
  }()

  private static func slope<Cell: RecurrentCell>(_ layer: Recurrent<Cell>) -> Recurrent<Cell> {
    gradient(at: layer) { $0(x).outputs.square().sum() }
  }

  /// Both biases have the derivative of the one, to the last bit; matrices are turned.
  @Test func bothBiasesHaveTheDerivative() throws {
    var generator = Generator(seed: 1)
    let slope = Self.slope(LSTM(3, 4, .float64, using: &generator))
    let all = slope.gradients(for: .pytorch)
    let bias = try #require(slope.forward[0].bias)
    #expect(bits(bias).contains { $0 != 0 })
    for name in ["bias_ih_l0", "bias_hh_l0"] { #expect(try bits(Tensor(#require(all[name]).array())) == bits(bias), "\(name)") }
    #expect(try bits(Tensor(#require(all["weight_ih_l0"]).array())) == bits(slope.forward[0].inputWeight.transposed()))
    #expect(all.count == 4)
  }

  /// Of weights that nothing reads the derivative is 0; names of parts and of other modules stay.
  @Test func whatIsNotReadHasNone() throws {
    var generator = Generator(seed: 1)
    let slope = Self.slope(CoupledLSTM(3, 4) { CoupledLSTMCell($0, $1, peepholes: true, .float64, using: &generator) })
    let all = slope.gradients(for: .onnx)
    let (w, p) = (try #require(all["W"]).array(), try #require(all["P"]).array())
    #expect(w[0, 8..<12] == NDArray.zeros([4, 3], .float64) && w[0, 0..<8] != NDArray.zeros([8, 3], .float64))
    #expect(p[0, 8..<12] == NDArray.zeros([4], .float64))
    var model = Tagger(.float32)
    try model.load(Tagger.file("f32"), from: .pytorch)
    let ids = Indices([1, 2, 3, 4], shape: [2, 2])
    let names = gradient(at: model) { $0(ids).0.square().sum() }.gradients(for: .pytorch).keys.sorted()
    #expect(names == model.weights(for: .pytorch).keys.sorted())
  }

  /// Descent that moves both biases moves their sum twice as far: at twice the rate the one bias stays equal to it, at the same rate
  /// it does not.
  @Test func oneBiasAtTwiceTheRate() throws {
    var generator = Generator(seed: 2)
    let layer = LSTM(3, 4, .float64, using: &generator)
    var pairs = try layer.weights(for: .pytorch).mapValues { Tensor(try $0.array()) }
    var (twice, once) = (layer, layer)
    for _ in 0..<3 {
      let slopes = gradient(at: pairs) { pairs in
        var model = layer
        do { try model.load(pairs, from: .pytorch) } catch { Issue.record(error) }
        return model(Self.x).outputs.square().sum()
      }
      pairs = Dictionary(uniqueKeysWithValues: pairs.map { name, tensor in (name, tensor - (slopes[name] ?? tensor) * 0.01) })
      func moved(_ layer: LSTM, biasRate: Double) -> LSTM {
        let slope = Self.slope(layer)
        var next = layer - slope * 0.01
        next.forward[0].bias = layer.forward[0].bias.map { $0 - (slope.forward[0].bias ?? $0) * biasRate }
        return next
      }
      (twice, once) = (moved(twice, biasRate: 0.02), moved(once, biasRate: 0.01))
    }
    var framework = layer
    try framework.load(pairs, from: .pytorch)
    #expect((framework - twice).norm < 1e-12 && (framework - once).norm > 1e-4)
  }
}
