internal import UnrollArrays

/// The header of an npy file: a magic number, a version, and a Python dictionary with the format of the numbers, their order
/// and the shape.
struct NPYHeader {
  let format: ElementFormat
  let declared: DeclaredShape
  let isBigEndian: Bool
  let isColumnMajor: Bool
  /// The offset of the first number.
  let dataOffset: Int

  /// The limit of version 1. A header of a supported array has about a hundred bytes.
  private static let maximumTextCount = 65_535

  /// - Parameters:
  ///   - count: The size of the whole file, which must be exactly what the header declares.
  ///   - prefix: Returns the first so many bytes of the file, or throws if it is shorter.
  init(count: Int, prefix: (Int) throws(ArrayFileError) -> [UInt8]) throws(ArrayFileError) {
    var cursor = ByteCursor(try prefix(8), "an npy file", at: 0)
    if try cursor.take(6) != [0x93] + Array("NUMPY".utf8) {
      throw ArrayFileError(.malformed, "this is not an npy file: it does not begin with \\x93NUMPY", at: 0)
    }
    let (major, minor) = (try cursor.integer(UInt8.self), try cursor.integer(UInt8.self))
    if !(1...3).contains(major) || minor != 0 {
      throw ArrayFileError(.unsupported, "npy version \(major).\(minor) is not supported, only 1.0, 2.0 and 3.0", at: 6)
    }
    let textOffset = major == 1 ? 10 : 12
    cursor = ByteCursor(try prefix(textOffset), "an npy file", at: 0)
    _ = try cursor.take(8)
    let textCount = major == 1 ? Int(try cursor.integer(UInt16.self)) : Int(try cursor.integer(UInt32.self))
    if textCount > NPYHeader.maximumTextCount {
      throw ArrayFileError(
        .excessive, "the header claims \(textCount) bytes; more than \(NPYHeader.maximumTextCount) are not allowed", at: 8)
    }
    dataOffset = textOffset + textCount
    let text = Array(try prefix(dataOffset)[textOffset...])
    var dictionary = NPYDictionary(text, at: textOffset)
    try dictionary.read()
    let (format, isBigEndian) = try NPYHeader.format(dictionary.descr, at: dictionary.descrOffset)
    self.format = format
    self.isBigEndian = isBigEndian
    isColumnMajor = dictionary.fortranOrder
    declared = try DeclaredShape(dictionary.shape, format, at: dictionary.shapeOffset)
    let present = count - dataOffset
    if declared.byteCount > present {
      throw ArrayFileError(
        .truncated,
        "shape \(declared.shape) of \(format) takes \(declared.byteCount) bytes, but \(present) follow the header",
        at: dataOffset)
    }
    if declared.byteCount < present {
      throw ArrayFileError(
        .inconsistent, "\(present - declared.byteCount) bytes follow the data of shape \(declared.shape)",
        at: dataOffset + declared.byteCount)
    }
  }

  /// Parses a type such as `<f4`: byte order, kind and size.
  private static func format(_ descr: String, at offset: Int) throws(ArrayFileError) -> (ElementFormat, isBigEndian: Bool) {
    var name = Substring(descr)
    let order = name.first
    if let order, "<>|=".contains(order) { name.removeFirst() }
    guard let format = ElementFormat.allCases.first(where: { $0.npyName.map { $0 == name } ?? false }),
      order != "|" || format.size == 1
    else {
      throw ArrayFileError(.unsupported, "numbers of type \(quoted(descr)) are not supported", at: offset)
    }
    return (format, order == ">")
  }

  /// The header that NumPy writes for a row-major array: version 1.0, spare room for the first extent to grow, and the data at
  /// a multiple of 64 bytes. Stops if NumPy has no such format.
  static func encode(_ array: StoredArray) -> [UInt8] {
    guard let name = array.format.npyName else { stop("NPY.write: NumPy has no \(array.format); cast the array first") }
    let order = array.format.size == 1 ? "|" : "<"
    let extents = array.shape.map(String.init)
    let tuple = extents.count == 1 ? extents[0] + "," : extents.joined(separator: ", ")
    var text = Array("{'descr': '\(order)\(name)', 'fortran_order': False, 'shape': (\(tuple)), }".utf8)
    let growth = extents.first.map { max(21 - $0.utf8.count, 0) } ?? 0
    text += [UInt8](repeating: UInt8(ascii: " "), count: growth)
    text += [UInt8](repeating: UInt8(ascii: " "), count: 64 - (text.count + 11) % 64)
    text.append(UInt8(ascii: "\n"))
    var header = [0x93] + Array("NUMPY".utf8) + [1, 0]
    header.append(littleEndian: UInt16(text.count))
    return header + text
  }
}

extension ElementFormat {
  /// NumPy's letter and size; it has no bfloat16.
  fileprivate var npyName: String? {
    switch self {
    case .bool: "b1"
    case .uint8, .uint16, .uint32, .uint64: "u\(size)"
    case .int8, .int16, .int32, .int64: "i\(size)"
    case .float16, .float32, .float64: "f\(size)"
    case .bfloat16: nil
    }
  }
}

/// Reads the Python dictionary of an npy header: exactly the keys `descr`, `fortran_order` and `shape`, in any order, with
/// literals of the kinds that NumPy writes for plain numbers.
struct NPYDictionary {
  private(set) var descr = ""
  private(set) var fortranOrder = false
  private(set) var shape: [Int] = []
  private(set) var descrOffset = 0
  private(set) var shapeOffset = 0

  private let text: [UInt8]
  private let base: Int
  private var position = 0

  /// - Parameter base: The offset of the text in the file.
  init(_ text: [UInt8], at base: Int) {
    self.text = text
    self.base = base
  }

  mutating func read() throws(ArrayFileError) {
    var found: Set<String> = []
    try expect("{")
    while peek() != UInt8(ascii: "}") {
      let place = base + position
      let key = try string()
      if !found.insert(key).inserted {
        throw ArrayFileError(.inconsistent, "the header has the key \(quoted(key)) twice", at: place)
      }
      try expect(":")
      _ = peek()
      switch key {
      case "descr":
        descrOffset = base + position
        if peek() == UInt8(ascii: "[") {
          throw ArrayFileError(.unsupported, "arrays of records are not supported", at: descrOffset)
        }
        descr = try string()
      case "fortran_order":
        fortranOrder = try truth()
      case "shape":
        shapeOffset = base + position
        shape = try tuple()
      default:
        throw ArrayFileError(.malformed, "the header has the unknown key \(quoted(key))", at: place)
      }
      if peek() != UInt8(ascii: "}") { try expect(",") }
    }
    position += 1
    if peek() != nil { throw error("the end of the header") }
    for key in ["descr", "fortran_order", "shape"] where !found.contains(key) {
      throw ArrayFileError(.malformed, "the header lacks the key \"\(key)\"", at: base)
    }
  }

  /// The next byte that is not space.
  private mutating func peek() -> UInt8? {
    while position < text.count, text[position] == 0x20 || text[position] == 0x0A { position += 1 }
    return position < text.count ? text[position] : nil
  }

  private func error(_ expected: String) -> ArrayFileError {
    ArrayFileError(.malformed, "expected \(expected) in the npy header", at: base + position)
  }

  private mutating func expect(_ symbol: Unicode.Scalar) throws(ArrayFileError) {
    if peek() != UInt8(ascii: symbol) { throw error("\"\(symbol)\"") }
    position += 1
  }

  private mutating func string() throws(ArrayFileError) -> String {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { throw error("a string") }
    position += 1
    let start = position
    while position < text.count, text[position] != quote {
      if text[position] == UInt8(ascii: "\\") || !(0x20..<0x7F).contains(text[position]) { throw error("a plain string") }
      position += 1
    }
    if position == text.count { throw error("a closing quote") }
    position += 1
    return String(decoding: text[start..<position - 1], as: UTF8.self)
  }

  private mutating func truth() throws(ArrayFileError) -> Bool {
    for (word, value) in [("True", true), ("False", false)] where text[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw error("True or False")
  }

  private mutating func tuple() throws(ArrayFileError) -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while peek() != UInt8(ascii: ")") {
      extents.append(try integer())
      if peek() == UInt8(ascii: ",") {
        position += 1
      } else if extents.count == 1 || peek() != UInt8(ascii: ")") {
        throw error("\",\"")
      }
    }
    position += 1
    return extents
  }

  private mutating func integer() throws(ArrayFileError) -> Int {
    let start = position
    while position < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) { position += 1 }
    if position == start { throw error("an extent") }
    let digits = String(decoding: text[start..<position], as: UTF8.self)
    guard let value = Int(digits) else {
      throw ArrayFileError(.excessive, "the extent \(quoted(digits)) is too large", at: base + start)
    }
    // Python 2 wrote an L after long integers.
    if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }
    return value
  }
}
