import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollNetworks

/// The model whose `state_dict` PyTorch wrote: embedding, two layers of LSTM in both directions, linear.
struct Tagger: Module {
  var embedding: Embedding
  var lstm: LSTM
  var head: Linear

  init(_ type: ElementType) {
    var generator = Generator(seed: 3)
    embedding = Embedding(11, 5, padding: 0, type, using: &generator)
    lstm = LSTM(5, 6, layers: 2, bidirectional: true, type, using: &generator)
    head = Linear(12, 4, type, using: &generator)
  }

  mutating func visit(_ visitor: Visitor) {
    visitor("embedding", &embedding)
    visitor("lstm", &lstm)
    visitor("head", &head)
  }

  func callAsFunction(_ ids: Indices) -> (logits: Tensor, state: LSTM.State) {
    let (outputs, state) = lstm(embedding(ids))
    return (head(outputs), state)
  }

  static func path(_ name: String) -> String {
    (Bundle.module.resourcePath ?? ".") + "/Fixtures/interop/tagger_\(name).safetensors"
  }

  static func file(_ name: String) throws -> [String: StoredArray] { try Safetensors.read(path(name)) }
}
