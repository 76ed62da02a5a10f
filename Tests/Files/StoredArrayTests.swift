import Testing
import UnrollArrays

@testable import UnrollFiles

struct StoredArrayTests {
  @Test func integersTakeTheFormatOfTheirType() throws {
    #expect(StoredArray([1, 2] as [Int]).format == .int64 && StoredArray([1] as [UInt]).format == .uint64)
    #expect(try StoredArray([Int8.min, .max]).integers() == [-128, 127])
    #expect(try StoredArray([UInt8.max]).integers() == [255])
    #expect(try StoredArray([Int16.min, .max]).integers() == [-32768, 32767])
    #expect(try StoredArray([UInt16.max]).integers() == [65535])
    #expect(try StoredArray([Int32.min, .max]).integers() == [-2_147_483_648, 2_147_483_647])
    #expect(try StoredArray([UInt32.max]).integers() == [4_294_967_295])
    #expect(try StoredArray([Int64.min, .max]).integers() == [.min, .max])
    #expect(try StoredArray([UInt64(Int64.max)]).integers() == [.max])
    #expect(try StoredArray([Int](), shape: [0, 3]).integers() == [] && StoredArray([5], shape: []).shape == [])
  }

  @Test func everyFloat16WidensExactly() {
    for bits in UInt16.min ... .max {
      let wide = float32FromFloat16(bits)
      let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
      let sign: Double = bits >> 15 == 1 ? -1 : 1
      let expected =
        switch exponent {
        case 0: sign * fraction * 0x1p-24
        case 31: fraction == 0 ? sign * .infinity : .nan
        default: sign * (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
        }
      if Double(wide) != expected && !(wide.isNaN && expected.isNaN) || (wide.sign == .minus) != (bits >> 15 == 1) {
        Issue.record("float16 \(String(bits, radix: 16)) widened to \(wide)")
      }
    }
  }

  @Test func bfloat16IsTheUpperHalf() {
    #expect(
      float32FromBFloat16(0x3FC0) == 1.5 && float32FromBFloat16(0xFF80) == -.infinity && float32FromBFloat16(0x7FC1).isNaN)
  }

  @Test func theWrongQuestionThrows() {
    func message(_ body: () throws(ArrayFileError) -> Void) -> String { failure(body) }
    let words = StoredArray([1, .max] as [UInt64])
    #expect(
      message { () throws(ArrayFileError) in _ = try words.integers() }
        == "bytes in memory: element 1 is 18446744073709551615, which does not fit Int64")
    #expect(
      message { () throws(ArrayFileError) in _ = try words.array() }
        == "bytes in memory: holds uint64, not floating-point numbers")
    #expect(
      message { () throws(ArrayFileError) in _ = try words.truths() } == "bytes in memory: holds uint64, not truth values")
    let truths = StoredArray([true])
    #expect(message { () throws(ArrayFileError) in _ = try truths.integers() } == "bytes in memory: holds bool, not integers")
  }

  @Test func arraysShareTheirStorageUnlessTheyAreStrided() throws {
    let array = floats([1, 2, 3, 4, 5, 6], [2, 3])
    #expect(try StoredArray(array).array().view.storage === array.view.storage)
    func stored(_ offset: Int, _ shape: Shape, _ strides: Shape) throws -> [Double] {
      let view = View(array.view, offset: offset, shape, strides: strides)
      return try numbers(StoredArray(NDArray(view: view, type: .float32)).array())
    }
    #expect(try stored(0, [3, 2], [1, 3]) == [1, 4, 2, 5, 3, 6])
    #expect(try stored(5, [3, 2], [-1, -3]) == [6, 3, 5, 2, 4, 1])
    #expect(try stored(1, [2, 2, 2], [0, 3, 1]) == [2, 3, 5, 6, 2, 3, 5, 6])
  }

  @Test func aWrongShapeStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StoredArray([1, 2, 3], shape: [2, 2])
    }
    #expect(printed(result).contains("StoredArray: shape [2, 2] does not hold 3 values"))
  }
}
