import Training
import Unroll

// Run anew by `checkThisBuild`, which looks at how this ends.
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "mistake", let number = Int(CommandLine.arguments[2]) {
  Mistake.all[number].make()
  fatalError("mistake \(number) went on")
}

let report = trainingReport()
print(report)
guard report.hasPrefix("a user's Arrays: [5.0, 11.0, 11.0, 25.0]") else { fatalError("the product is wrong") }

// A cell of one's own: it is stacked, runs in both directions, leaves padding out, is computed again in segments, and its gradient is
// the one that differences find.
struct GatedCell: RecurrentCell {
  var weight: Tensor, recurrentWeight: Tensor
  var hiddenSize: Int { recurrentWeight.shape[0] }
  mutating func visit(_ visitor: Visitor) { visitor("weight", &weight); visitor("recurrentWeight", &recurrentWeight) }
  func project(_ x: Tensor) -> Tensor { x.matmul(weight) }
  func recur(_ hidden: Tensor) -> Tensor { hidden.matmul(recurrentWeight) }
  func step(_ projected: Tensor, _ recurred: Tensor, _ state: HiddenState) -> HiddenState {
    let (gate, candidate) = (
      (projected + recurred).chunks(2, axis: -1)[0].sigmoid(), (projected + recurred).chunks(2, axis: -1)[1].tanh()
    )
    return HiddenState(hidden: gate * state.hidden + (1 - gate) * candidate)
  }
  func initialState(batch: Int, _ type: ElementType) -> HiddenState {
    HiddenState(hidden: Tensor.zeros([batch, hiddenSize], type))
  }
}

var generator = Generator(seed: 1)
var network = Recurrent(2, [3, 3], bidirectional: true) { inputs, hidden in
  GatedCell(
    weight: Initializer.glorotUniform([inputs, 2 * hidden], .float64, using: &generator),
    recurrentWeight: Initializer.perGate(2, .orthogonal())([hidden, 2 * hidden], .float64, using: &generator))
}
network.checkpointInterval = 2
let sequences = Tensor.normal([2, 5, 2], .float64, using: &generator)
let check = checkGradients(at: network) { $0(sequences, lengths: [5, 3]).outputs.square().sum() }
print(check)
guard check.passes else { fatalError("the gradient of a cell of one's own is wrong") }

try checkThisBuild()
