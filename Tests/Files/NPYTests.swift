import Testing
import UnrollArrays

@testable import UnrollFiles

struct NPYTests {
  @Test func whatIsWrittenReturns() throws {
    let arrays: [StoredArray] = [
      StoredArray(floats([1, -2, 0.5, .infinity, 0, 0x1p-140], [3, 2])), StoredArray([1, 2, 3]),
      StoredArray([true, false], shape: [2, 1]),
      StoredArray([9] as [UInt16], shape: []), StoredArray([Int8](), shape: [0, 2]),
      StoredArray([1, 2] as [UInt32], shape: [1, 1, 1, 1, 1, 1, 1, 2]),
    ]
    for array in arrays {
      let encoded = try NPY.encode(array)
      let read = try NPY.decode(encoded)
      #expect(read.shape == array.shape && read.format == array.format)
      #expect(try bytes(read) == bytes(array))
      #expect((encoded.count - array.byteCount) % 64 == 0)
    }
  }

  @Test func bytesAreNumPys() throws {
    let text = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1), }"
    let header =
      [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(text.utf8) + [UInt8](repeating: 0x20, count: 117 - text.utf8.count)
    #expect(try NPY.encode(StoredArray([1, 256] as [Int16], shape: [2, 1])) == header + [10, 1, 0, 0, 1])
  }

  /// A version 1 file of this dictionary.
  static func file(_ dictionary: String, data: Int = 0) -> [UInt8] {
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes.append(littleEndian: UInt16(dictionary.utf8.count))
    return bytes + Array(dictionary.utf8) + [UInt8](repeating: 1, count: data)
  }

  static func dictionary(_ descr: String, _ shape: String, order: String = "False") -> String {
    "{'descr': \(descr), 'fortran_order': \(order), 'shape': \(shape), }"
  }

  @Test(arguments: [
    "{'descr':'<u2','fortran_order':False,'shape':(2,)}", "{\"shape\": (2L,), \"descr\": '=u2',\n 'fortran_order': False}  \n",
  ])
  func otherSpellingsAreRead(_ text: String) throws {
    #expect(try NPY.decode(NPYTests.file(text, data: 4)).integers() == [257, 257])
  }

  @Test func version3AndBigEndianColumnsAreRead() throws {
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [3, 0]
    let text = NPYTests.dictionary("'>i4'", "(2, 3)", order: "True")
    bytes.append(littleEndian: UInt32(text.utf8.count))
    bytes += Array(text.utf8) + (0..<6).flatMap { [0, 0, 0, $0] as [UInt8] }
    #expect(try NPY.decode(bytes).integers() == [0, 2, 4, 1, 3, 5])
  }

  static let hostile: [(bytes: [UInt8], message: String)] = [
    ([], ", byte 0: an npy header needs 8 bytes here, but the file has 0 in all"),
    (Array("PK\u{3}\u{4}0000000000".utf8), ", byte 0: this is a zip file, or the beginning of one"),
    (Array("numpy0000000000".utf8), ", byte 0: this is not an npy file: it does not begin with \\x93NUMPY"),
    (
      Array(file(dictionary("'<f4'", "(1,)"), data: 4).prefix(6)) + [4, 0, 0, 0],
      ", byte 6: npy version 4.0 is not supported, only 1.0, 2.0 and 3.0"
    ),
    (Array(file("").prefix(9)), ", byte 0: an npy header needs 10 bytes here, but the file has 9 in all"),
    (Array(file("{}").dropLast()), ", byte 0: an npy header needs 12 bytes here, but the file has 11 in all"),
    (
      Array(file("").prefix(6)) + [2, 0, 255, 255, 255, 255],
      ", byte 8: the header claims 4294967295 bytes; more than 65535 are not allowed"
    ),
    (file(""), ", byte 10: expected \"{\" in the npy header"),
    (file("{}"), ", byte 10: the header lacks the key \"descr\""),
    (file("{'descr': '<f4', 'shape': ()}"), ", byte 10: the header lacks the key \"fortran_order\""),
    (file("{'descr': '<f4', 'descr': '<f4'}"), ", byte 27: the header has the key \"descr\" twice"),
    (file("{'x': 1}"), ", byte 11: the header has the unknown key \"x\""),
    (file("{'descr"), ", byte 17: expected a closing quote in the npy header"),
    (file("{'de\\x41': 1}"), ", byte 14: expected a plain string in the npy header"),
    (file("{'d\u{e9}': 1}"), ", byte 13: expected a plain string in the npy header"),
    (file("{'descr' '<f4'}"), ", byte 19: expected \":\" in the npy header"),
    (file("{'descr': '<f4' 'shape': ()}"), ", byte 26: expected \",\" in the npy header"),
    (file("{'descr': 4}"), ", byte 20: expected a string in the npy header"),
    (file("{'fortran_order': 1}"), ", byte 28: expected True or False in the npy header"),
    (file("{'fortran_order': "), ", byte 28: expected True or False in the npy header"),
    (file("{'shape': [1]}"), ", byte 20: expected \"(\" in the npy header"),
    (file("{'shape': (1)}"), ", byte 22: expected \",\" in the npy header"),
    (file("{'shape': (1 2)}"), ", byte 23: expected \",\" in the npy header"),
    (file("{'shape': (-1,)}"), ", byte 21: expected an extent in the npy header"),
    (file("{'shape': (1, 2.5)}"), ", byte 25: expected \",\" in the npy header"),
    (file("{'shape': (99999999999999999999,)}"), ", byte 21: the extent \"99999999999999999999\" is too large"),
    (file(dictionary("'<f4'", "()") + "x", data: 4), ", byte 65: expected the end of the header in the npy header"),
    (file(dictionary("[('x', '<f4')]", "()"), data: 4), ", byte 20: arrays of records are not supported"),
    (file(dictionary("'|O'", "()"), data: 4), ", byte 20: numbers of type \"|O\" are not supported"),
    (file(dictionary("'<c8'", "()"), data: 8), ", byte 20: numbers of type \"<c8\" are not supported"),
    (file(dictionary("'|f4'", "()"), data: 4), ", byte 20: numbers of type \"|f4\" are not supported"),
    (file(dictionary("''", "()"), data: 4), ", byte 20: numbers of type \"\" are not supported"),
    (
      file(dictionary("'<f4'", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), data: 4),
      ", byte 60: 9 axes, but an array has at most 8"
    ),
    (
      file(dictionary("'<f8'", "(4294967296, 4294967296)"), data: 8),
      ", byte 60: the size of shape [4294967296, 4294967296] overflows"
    ),
    (
      file(dictionary("'<f8'", "(0, 9223372036854775807, 2)")),
      ", byte 60: the size of shape [0, 9223372036854775807, 2] overflows"
    ),
    (
      file(dictionary("'<f4'", "(1000000000,)"), data: 3),
      ", byte 76: shape [1000000000] of float32 takes 4000000000 bytes, but 3 follow the header"
    ),
    (file(dictionary("'<f4'", "(1,)"), data: 5), ", byte 71: 1 bytes follow the data of shape [1]"),
  ]

  @Test(arguments: hostile.indices) func hostileFilesAreNamed(_ index: Int) {
    let (bytes, message) = NPYTests.hostile[index]
    #expect(failure { () throws(ArrayFileError) in _ = try NPY.decode(bytes) } == "bytes in memory" + message)
  }

  @Test func aByteThatIsNoTruthThrows() throws {
    var encoded = try NPY.encode(StoredArray([true, false, true]))
    encoded[130] = 2
    let read = try NPY.decode(encoded)
    #expect(
      failure { () throws(ArrayFileError) in _ = try read.truths() } == "bytes in memory: element 2 is 2, neither 0 nor 1")
  }

  @Test func bfloat16IsNotNumPys() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let tensors = try Safetensors.read(interop + "dtypes.safetensors")
      _ = try NPY.encode(try #require(tensors["bf16"]))
    }
    #expect(printed(result).contains("NPY.write: NumPy has no bfloat16; cast the array first"))
  }
}
