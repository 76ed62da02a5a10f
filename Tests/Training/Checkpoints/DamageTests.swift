import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollNetworks
import UnrollTestSupport
import UnrollTraining

/// Files that are not as they were written.
@Suite struct DamageTests {
  static func small() -> Checkpoint {
    var generator = Generator(seed: 3)
    let model = Linear(2, 1, using: &generator)
    return Checkpoint(step: 7, ["model": model, "rate": 0.1, "ids": Indices([1, 2])])
  }

  @Test func everyPrefixIsRefused() async throws {
    try await withFolder { folder in
      let path = folder + "/x"
      try DamageTests.small().write(to: path)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      for count in 0..<bytes.count {
        try bytes.prefix(count).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: LoadingError.self) { try Checkpoint(path: path) }
        #expect(error?.file == path && error?.reason.isEmpty == false, "\(count)")
      }
    }
  }

  @Test func everyFlippedBitIsRefused() async throws {
    try await withFolder { folder in
      let path = folder + "/x"
      try DamageTests.small().write(to: path)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      for place in 0..<bytes.count {
        for bit in [0, 1, 3, 5, 7] {
          var damaged = bytes
          damaged[place] ^= 1 << UInt8(bit)
          try damaged.write(to: URL(fileURLWithPath: path))
          let error = #expect(throws: LoadingError.self, "bit \(bit) of byte \(place)") { try Checkpoint(path: path) }
          #expect(error?.file == path)
        }
      }
    }
  }

  @Test func aDamagedOneIsSkippedAndNamed() async throws {
    try await withFolder { folder in
      for step in [1, 2, 3] { try Checkpoint(step: step, ["a": Tensor.ones([4])]).save(to: folder, keeping: 5) }
      let newest = folder + "/checkpoint-000000003.safetensors"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: newest))
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: URL(fileURLWithPath: newest))
      try Data().write(to: URL(fileURLWithPath: folder + "/checkpoint-000000002.safetensors"))
      var skipped: [String] = []
      #expect(try Checkpoint.latest(in: folder) { skipped.append($0.description) }?.step == 1)
      try #require(skipped.count == 2)
      #expect(skipped[0] == newest + ": the contents do not match their checksum")
      #expect(skipped[1].contains("checkpoint-000000002.safetensors: byte 0: "))
      try FileManager.default.removeItem(atPath: folder + "/checkpoint-000000001.safetensors")
      #expect(throws: LoadingError.self) { try Checkpoint.latest(in: folder) { _ in } }
    }
  }

  @Test func itIsSaidOnStandardError() async throws {
    try await withFolder { folder in
      try Data().write(to: URL(fileURLWithPath: folder + "/checkpoint-000000002.safetensors"))
      try Checkpoint(step: 1, ["a": 1]).save(to: folder, keeping: 5)
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        [folder = folder as String] in
        let latest = try Checkpoint.latest(in: folder)
        #expect(latest?.step == 1)
      }
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains("skipped a damaged checkpoint: \(folder)/checkpoint-000000002.safetensors"))
    }
  }
}
