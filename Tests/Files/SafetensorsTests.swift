import Testing
import UnrollArrays

@testable import UnrollFiles

struct SafetensorsTests {
  static let mixed: [String: any StoredArrayConvertible] = [
    "weight": floats([1, -2, 0.5, .infinity, 0, 0x1p-140], [2, 3]),
    "ids": StoredArray([3, -1, Int.max]),
    "mask": StoredArray([true, false, true], shape: [1, 3]),
    "bytes": StoredArray([0, 255] as [UInt8]),
    "a \"name\"\n😀": floats([7], []),
    "empty": StoredArray([Int32](), shape: [0, 4]),
  ]

  @Test func whatIsWrittenReturns() throws {
    let encoded = try Safetensors.encode(SafetensorsTests.mixed, metadata: ["format": "pt", "note": "é\t"])
    let file = try SafetensorsFile(bytes: encoded)
    #expect(file.names == ["ids", "a \"name\"\n😀", "weight", "empty", "bytes", "mask"])
    #expect(file.metadata == ["format": "pt", "note": "é\t"])
    for (name, value) in SafetensorsTests.mixed {
      let (read, written) = (try file.read(name), value.storedArray)
      #expect(read.shape == written.shape && read.format == written.format)
      #expect(try bytes(read) == bytes(written))
    }
    #expect(file["none"] == nil && file["mask"]?.shape == [1, 3])
    #expect(try Safetensors.decode(Safetensors.encode([:])).isEmpty)
  }

  @Test func bytesAreThoseOfTheReferenceImplementation() throws {
    let encoded = try Safetensors.encode(
      ["b": StoredArray([1, 2] as [Int16]), "a": floats([1], [1, 1])], metadata: ["k": "v"])
    let header =
      #"{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"#
      + #""b":{"dtype":"I16","shape":[2],"data_offsets":[4,8]}}"#
    let padded = header + String(repeating: " ", count: -header.utf8.count & 7)
    #expect(encoded == [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(padded.utf8) + [0, 0, 0x80, 0x3F, 1, 0, 2, 0])
    #expect(try Safetensors.encode(SafetensorsTests.mixed, metadata: ["format": "pt"]) == fixture("written/mixed.safetensors"))
  }

  /// A file of this header, padded data and all.
  static func file(_ header: String, data: Int = 0) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(header.utf8.count))
    return bytes + Array(header.utf8) + [UInt8](repeating: 1, count: data)
  }

  static func tensor(_ name: String, _ dtype: String, _ shape: String, _ offsets: String) -> String {
    #""\#(name)":{"dtype":"\#(dtype)","shape":[\#(shape)],"data_offsets":[\#(offsets)]}"#
  }

  static let hostile: [(bytes: [UInt8], message: String)] = [
    ([], ", byte 0: the length of a safetensors header needs 8 bytes here, but the file has 0 in all"),
    ([1, 2, 3], ", byte 0: the length of a safetensors header needs 8 bytes here, but the file has 3 in all"),
    ([9, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], ", byte 8: the header needs 9 bytes here, but the file has 10 in all"),
    (
      [0, 0, 0, 0, 1, 0, 0, 0, 0x7B, 0x7D],
      ", byte 0: the header claims 4294967296 bytes; more than 100000000 are not allowed"
    ),
    ([UInt8](repeating: 255, count: 16), ", byte 0: the header's length holds the impossible size 18446744073709551615"),
    (file(""), ", byte 8: the header does not begin with \"{\""),
    (file("[]"), ", byte 8: the header does not begin with \"{\""),
    (file("{"), ", byte 9: the JSON text ends: expected a string"),
    (file("{}", data: 3), ", byte 10: 3 bytes of data belong to no tensor"),
    (file("{} x"), ", byte 11: expected the end of the text after the JSON value"),
    (file(#"{"w":3}"#), ", byte 13, array \"w\": expected an object"),
    (
      file(#"{"w":{"dtype":"F32","shape":[]}}"#),
      ", byte 13, array \"w\": a tensor needs \"dtype\", \"shape\" and \"data_offsets\""
    ),
    (file(#"{"__metadata__":{"a":1}}"#), ", byte 29: expected a string"),
    (
      file("{\(tensor("w", "F8_E4M3", "1", "0,1"))}", data: 1),
      ", byte 22, array \"w\": numbers of type \"F8_E4M3\" are not supported"
    ),
    (
      file("{\(tensor("w", "F32", "1,1,1,1,1,1,1,1,1", "0,4"))}", data: 4),
      ", byte 36, array \"w\": 9 axes, but an array has at most 8"
    ),
    (file("{\(tensor("w", "F32", "-1", "0,4"))}", data: 4), ", byte 37, array \"w\": -1 is negative"),
    (file("{\(tensor("w", "F32", "1.0", "0,4"))}", data: 4), ", byte 37, array \"w\": \"1.0\" is not an integer of 64 bits"),
    (
      file("{\(tensor("w", "F32", "9223372036854775808", "0,4"))}", data: 4),
      ", byte 37, array \"w\": \"9223372036854775808\" is not an integer of 64 bits"
    ),
    (
      file("{\(tensor("w", "F64", "4294967296,4294967296", "0,8"))}", data: 8),
      ", byte 36, array \"w\": the size of shape [4294967296, 4294967296] overflows"
    ),
    (
      file("{\(tensor("w", "U8", "0,9223372036854775807,2", "0,0"))}"),
      ", byte 35, array \"w\": the size of shape [0, 9223372036854775807, 2] overflows"
    ),
    (
      file("{\(tensor("w", "F32", "1", "0,4"))}", data: 3),
      ", byte 55, array \"w\": the data ends at offset 4, but only 3 bytes follow the header"
    ),
    (
      file("{\(tensor("w", "F32", "2", "0,4"))}", data: 4),
      ", byte 55, array \"w\": 4 bytes of data do not make shape [2] of float32, which takes 8"
    ),
    (
      file("{\(tensor("w", "F32", "1", "4,0"))}", data: 4), ", byte 55, array \"w\": \"data_offsets\" is not a begin and an end"
    ),
    (file("{\(tensor("w", "F32", "1", "0"))}", data: 4), ", byte 55, array \"w\": \"data_offsets\" is not a begin and an end"),
    (
      file("{\(tensor("v", "U8", "4", "0,4")),\(tensor("w", "U8", "4", "2,6"))}", data: 6),
      ", byte 115, array \"w\": its data overlaps another tensor's"
    ),
    (
      file("{\(tensor("v", "U8", "2", "0,2")),\(tensor("w", "U8", "2", "4,6"))}", data: 6),
      ", byte 115: 2 bytes of data belong to no tensor"
    ),
    (file("{\(tensor("w", "U8", "2", "0,2"))}", data: 9), ", byte 63: 7 bytes of data belong to no tensor"),
    (
      file("{\(tensor("w", "U8", "1", "0,1")),\(tensor("w", "U8", "1", "1,2"))}", data: 2),
      ", byte 61: the name \"w\" occurs twice in one object"
    ),
    (
      file(#"{"w":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}"#, data: 1),
      ", byte 39, array \"w\": the name \"shape\" occurs twice in one object"
    ),
    (
      file(#"{"w":{"x":"# + String(repeating: "[", count: 99) + "}}"),
      ", byte 80, array \"w\": the JSON text is more than 64 levels deep"
    ),
    (
      Array(file("{}").prefix(8)) + [0x7B, 0xFF], ", byte 9: the JSON text is not valid UTF-8"
    ),
  ]

  @Test(arguments: hostile.indices) func hostileFilesAreNamed(_ index: Int) {
    let (bytes, message) = SafetensorsTests.hostile[index]
    #expect(failure { () throws(ArrayFileError) in _ = try Safetensors.decode(bytes) } == "bytes in memory" + message)
  }

  @Test func aMissingNameListsOthers() throws {
    let file = try SafetensorsFile(bytes: Safetensors.encode(["bias": floats([1], [1]), "weight": floats([1], [1])]))
    #expect(
      failure { () throws(ArrayFileError) in _ = try file.read("wieght") }
        == "bytes in memory, array \"wieght\": no array of this name: the file has \"bias\", \"weight\"")
  }

  @Test func aReservedNameStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try Safetensors.encode(["__metadata__": StoredArray([1])])
    }
    #expect(printed(result).contains("Safetensors.write: no array may be called \"__metadata__\"; use metadata:"))
  }
}
