import UnrollArrays
import UnrollAutograd
import UnrollGradientFlow
import UnrollNetworks

/// A user's cell: m' = a m + (1 − a) tanh(x W + h U), h' = m' g with a gate g = σ(x W + h U).
struct LeakyMemoryCell: GatedCell {
  struct State: RecurrentState {
    var hidden: Tensor
    var memory: Tensor

    mutating func visitTensors(_ visit: (inout Tensor) -> Void) {
      visit(&hidden)
      visit(&memory)
    }
  }

  var weight: Tensor
  var recurrentWeight: Tensor
  var leak = 0.8

  var hiddenSize: Int { recurrentWeight.shape[0] }
  var gates: CellGates { CellGates(["g"]) }

  mutating func visit(_ visitor: Visitor) {
    visitor("weight", &weight)
    visitor("recurrentWeight", &recurrentWeight)
  }

  func project(_ x: Tensor) -> Tensor { x.matmul(weight) }
  func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }

  func step(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> State {
    let a = projected + recurred
    let memory = state.memory * leak + a.tanh() * (1 - leak)
    return State(hidden: memory * a.sigmoid(), memory: memory)
  }

  func activations(_ projected: Tensor, _ recurred: Tensor, _ state: State) -> [GateActivation] {
    [GateActivation("g", .unit, (projected + recurred).sigmoid())]
  }

  func initialState(batch: Int, _ type: ElementType) -> State {
    State(hidden: Tensor.zeros([batch, hiddenSize], type), memory: Tensor.zeros([batch, hiddenSize], type))
  }

  static func random(_ inputs: Int, _ hidden: Int, seed: Int) -> LeakyMemoryCell {
    LeakyMemoryCell(weight: normal([inputs, hidden], seed), recurrentWeight: normal([hidden, hidden], seed + 1))
  }
}

func normal(_ shape: Shape, _ seed: Int, deviation: Double = 1) -> Tensor {
  var generator = Generator(seed: seed)
  return Tensor.normal(shape, deviation: deviation, .float64, using: &generator)
}

/// A linear recurrence h' = x W + h U.
func linearCell(_ u: Tensor, inputs: Int = 2) -> RNNCell {
  RNNCell(inputWeight: normal([inputs, u.shape[0]], 91), recurrentWeight: u, bias: nil, activation: .identity)
}

func rotation(_ n: Int, _ seed: Int) -> Tensor { Tensor(normal([n, n], seed).array.qr().q) }

func power(_ base: Double, _ exponent: Int) -> Double { (0..<exponent).reduce(1.0) { result, _ in result * base } }
