import Testing
import UnrollArrays

@testable import UnrollFiles

struct JSONTests {
  @Test func valuesKeepTheirOrderAndTheirDigits() throws {
    let json = try JSON(Array(#" {"b": [1, -0, 1.50e+3, 9223372036854775807], "a": {"x": null, "y": true, "z": false}} "#.utf8))
    #expect(json.members.map(\.name) == ["b", "a"])
    #expect(json["b"]?.elements == [.number("1"), .number("-0"), .number("1.50e+3"), .number("9223372036854775807")])
    #expect(json["b"]?.elements.map(\.integer) == [1, 0, nil, .max])
    #expect(json["b"]?.elements[2].double == 1500)
    #expect(
      json["a"]
        == .object([
          .init(name: "x", value: .null), .init(name: "y", value: .truth(true)), .init(name: "z", value: .truth(false)),
        ]))
    #expect(json["a"]?["y"]?.truth == true && json["none"] == nil && json.string == nil)
  }

  @Test(arguments: [
    (#""""#, ""), (#""plain""#, "plain"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
    (#""\u00e9\u20AC\uD83D\uDE00é""#, "é€😀é"),
    (#""a\u0000b""#, "a\0b"),
  ])
  func stringsUnescape(_ text: String, _ value: String) throws {
    #expect(try JSON(Array(text.utf8)) == .string(value))
  }

  @Test func stringsEscapeAndReturn() throws {
    let text = String(String.UnicodeScalarView((0..<0x120).compactMap { Unicode.Scalar($0) })) + "😀"
    var bytes: [UInt8] = []
    bytes.append(jsonString: text)
    #expect(try JSON(bytes) == .string(text))
  }

  @Test(arguments: [
    ("", "byte 0: the JSON text ends: expected a value"),
    ("{", "byte 1: the JSON text ends: expected a string"),
    (#"{"a""#, "byte 4: the JSON text ends: expected \":\" after a name"),
    (#"{"a" 1}"#, "byte 5: expected \":\" after a name"),
    (#"{"a":1,}"#, "byte 7: expected a string"),
    (#"{"a":1 "b":2}"#, "byte 7: expected \",\" or the end of an object"),
    ("[1 2]", "byte 3: expected \",\" or the end of an array"),
    ("[1,]", "byte 3: expected a value"),
    ("[1", "byte 2: the JSON text ends: expected \",\" or the end of an array"),
    ("1 2", "byte 2: expected the end of the text after the JSON value"),
    ("01", "byte 1: expected the end of the text after the JSON value"),
    ("1.", "byte 2: the JSON text ends: expected a digit after the point"),
    ("1.x", "byte 2: expected a digit after the point"),
    ("1e+", "byte 3: the JSON text ends: expected a digit in the exponent"),
    ("+1", "byte 0: expected a value"), ("-", "byte 1: the JSON text ends: expected a value"),
    ("NaN", "byte 0: expected a value"), ("tru", "byte 3: the JSON text ends: expected \"true\""),
    ("nul1", "byte 3: expected \"null\""),
    (#""abc"#, "byte 4: the JSON text ends: a string has no closing quote"),
    ("\"a\nb\"", "byte 2: unescaped control character in a string"),
    (#""a\x""#, "byte 3: unknown escape in a string"), (#""a\"#, "byte 3: the JSON text ends: unknown escape in a string"),
    (#""\u12g4""#, "byte 5: expected four hexadecimal digits"),
    (#""\uD800""#, "byte 1: half of a surrogate pair without the other half"),
    (#""\uDC00""#, "byte 1: half of a surrogate pair without the other half"),
    (#""\uD800\n""#, "byte 8: expected the second half of a surrogate pair"),
    (#""\uD800\u0041""#, "byte 1: half of a surrogate pair without the other half"),
    (#"{"a":1,"a":2}"#, "byte 7: the name \"a\" occurs twice in one object"),
    (#"[{"\u0061":1,"a":{}}]"#, "byte 13: the name \"a\" occurs twice in one object"),
  ])
  func errorsSayWhere(_ text: String, _ expected: String) {
    #expect(failure { () throws(ArrayFileError) in _ = try JSON(Array(text.utf8)) } == "bytes in memory, " + expected)
  }

  @Test(arguments: [
    [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
  ])
  func onlyUTF8IsText(_ bytes: [UInt8]) {
    let message = failure { () throws(ArrayFileError) in _ = try JSON(bytes) }
    #expect(message == "bytes in memory, byte 1: the JSON text is not valid UTF-8")
  }

  @Test func depthIsLimited() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    _ = try JSON(nested(64))
    let message = failure { () throws(ArrayFileError) in _ = try JSON(nested(65)) }
    #expect(message == "bytes in memory, byte 64: the JSON text is more than 64 levels deep")
    let endless = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(failure { () throws(ArrayFileError) in _ = try JSON(endless) } == message)
  }
}
