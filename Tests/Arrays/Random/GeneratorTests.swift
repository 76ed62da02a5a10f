import Foundation
import Testing
import UnrollKernelTemplates
import UnrollTestSupport

@testable import UnrollArrays

@Suite struct GeneratorTests {
  /// The vectors that the authors of Philox publish with Random123, as words of 64 bits.
  @Test func blocksAreThePublishedOnes() {
    let rows: [(key: UInt64, stream: UInt64, number: UInt64, first: UInt64, second: UInt64)] = [
      (0, 0, 0, 0xE169_C58D_6627_E8D5, 0x9B00_DBD8_BC57_AC4C),
      (.max, .max, .max, 0x41C8_3B0E_408F_276D, 0x6D54_51FD_A20B_C7C6),
      (
        0x299F_31D0_A409_3822, 0x0370_7344_1319_8A2E, 0x85A3_08D3_243F_6A88, 0x94FD_CCEB_D16C_FE09,
        0x2412_6EA1_5001_E420
      ),
    ]
    for row in rows {
      let philox = Philox(key: row.key, stream: row.stream)
      #expect(philox.block(row.number) == (row.first, row.second))
    }
  }

  @Test func wordsAreThoseOfTheIndependentProgram() {
    var generator = Generator(seed: 1)
    let words = (0..<6).map { _ in generator.next() }
    #expect(
      words == [
        0xE50A_0EBC_E3E8_0670, 0xB615_AA27_95F2_22C0, 0xDFC5_CCBE_AC08_141B, 0xA7F6_6093_79C0_7A47,
        0x8E76_CC9D_3F55_B3F0, 0xEBED_3676_B68F_AA8E,
      ])
    #expect(generator.counter == 6)
    var other = Generator(seed: 1)
    #expect(other.split() == Generator(key: 0x340E_4017_34A4_D61D, stream: 0xE9F5_2B96_F694_5830, counter: 0))
    #expect(other.counter == 1)
  }

  @Test func splittingManyIsSplittingOneByOne() {
    var one = Generator(seed: -9)
    var many = one
    #expect(many.split(into: 5) == (0..<5).map { _ in one.split() })
    #expect(one == many)
    #expect(Set(many.split(into: 1000)).count == 1000)
    #expect(many.split(into: 0).isEmpty)
  }

  @Test func aCheckpointContinues() throws {
    var generator = Generator(key: .max, stream: 12_345_678_901_234_567_890, counter: 0)
    generator.counter = .max - 1
    var copy = try JSONDecoder().decode(Generator.self, from: JSONEncoder().encode(generator))
    #expect(copy == generator)
    let same = (0..<5).allSatisfy { _ in copy.next() == generator.next() }
    #expect(same && generator.counter == 3)
  }

  @Test func aShuffleIsStored() {
    var generator = Generator(seed: 2)
    let order = generator.shuffled(Array(0..<10))
    #expect(order == [9, 0, 6, 2, 7, 5, 8, 1, 3, 4])
    #expect(generator.counter == 9)
    var none: [Int] = []
    generator.shuffle(&none)
    #expect(generator.counter == 9)
  }

  /// A bound just above 2⁶³ rejects almost half of all words, so that the children decide often.
  @Test func integersBelowABoundAreUnbiased() {
    let generator = Generator(seed: 8)
    let bound = (UInt64(1) << 63) + 1
    let values = (0..<20000).map { position in
      Generator.reduce(generator.philox.word(position), below: bound) { generator.child(at: position) }
    }
    #expect(values.allSatisfy { $0 < bound })
    // The mean of 20 000 uniform numbers is within 4 of its standard deviations, 0.0082.
    let mean = values.reduce(0.0) { $0 + Double($1) / Double(bound) } / 20000
    #expect(abs(mean - 0.5) < 0.0082)
  }
}
