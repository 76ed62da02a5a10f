import Testing

@testable import UnrollONNX

@Suite struct ProtobufTests {
  @Test func fieldsHaveTheDocumentedBytes() {
    // The examples of the description of the wire format: 150, "testing", and a message with 150.
    var number = Protobuf()
    number.write(1, 150)
    #expect(number.bytes == [0x08, 0x96, 0x01])
    var text = Protobuf()
    text.write(2, "testing")
    #expect(text.bytes == [0x12, 0x07] + Array("testing".utf8))
    var outer = Protobuf()
    outer.write(3, number)
    #expect(outer.bytes == [0x1A, 0x03, 0x08, 0x96, 0x01])
    var float = Protobuf()
    float.write(2, Float(1))
    #expect(float.bytes == [0x15, 0, 0, 0x80, 0x3F])
    var negative = Protobuf()
    negative.write(1, -1)
    #expect(negative.bytes == [0x08] + Array(repeating: 0xFF, count: 9) + [0x01])
    var high = Protobuf()
    high.write(20, 7)
    #expect(high.bytes == [0xA0, 0x01, 0x07])
  }

  @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, Int.max, Int.min, -2]) func numbersComeBack(number: Int) throws {
    var message = Protobuf()
    message.write(3, number)
    message.write(4, Array(repeating: UInt8(1), count: 300))
    let fields = try Fields(message.bytes)
    #expect(fields.numbers(3) == [number])
    #expect(fields.bytes(4).map(\.count) == [300])
  }
}

@Suite struct SizeTests {
  private let solver = SizeSolver(symbols: [
    SizeSymbol(name: "batch", input: 0, axis: 0, values: [3, 5, 3, 7, 5]),
    SizeSymbol(name: "time", input: 0, axis: 1, values: [11, 11, 13, 13, 17]),
  ])

  @Test func sizesAreFound() {
    func values(_ f: (Int, Int) -> Int) -> [Int] { zip(solver.symbols[0].values, solver.symbols[1].values).map(f) }
    #expect(solver.size(values { _, _ in 4 }) == .number(4))
    #expect(solver.size(values { batch, _ in batch }) == Size(symbols: [0], factor: 1, offset: 0))
    #expect(solver.size(values { _, time in 2 * time - 1 }) == Size(symbols: [1], factor: 2, offset: -1))
    #expect(solver.size(values { batch, time in batch * time * 4 }) == Size(symbols: [0, 1], factor: 4, offset: 0))
    #expect(solver.size(values { batch, time in batch * time * time }) == Size(symbols: [0, 1, 1], factor: 1, offset: 0))
    #expect(solver.size(values { batch, time in batch + time }) == nil)
    #expect(solver.size(values { _, time in time / 2 }) == nil)
  }
}
