/// The header of a safetensors file: eight bytes of length, then JSON with every tensor's format, shape and range in the data
/// that follows.
///
/// It is checked before it is used: every tensor's bytes fit its shape, and together they cover the data without overlaps or
/// holes, as the reference implementation requires.
struct SafetensorsHeader {
  /// The reference implementation's limit.
  static let maximumByteCount = 100_000_000

  struct Entry {
    let name: String
    let format: ElementFormat
    let declared: DeclaredShape
    /// The offset of the tensor's bytes in the file.
    let offset: Int
  }

  /// In the order of the header.
  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]
  private let dataStart: Int
  private let dataCount: Int

  /// Reads the header of a source. A source of another known format throws an error that names the format.
  init(_ source: ByteSource) throws(ArrayFileError) {
    do throws(ArrayFileError) { try self.init(of: source) } catch { throw ForeignFile.error(source) ?? error }
  }

  private init(of source: ByteSource) throws(ArrayFileError) {
    var cursor = ByteCursor(
      try source.bytes("the length of a safetensors header", at: 0, count: 8), "the header's length", at: 0)
    let count = try cursor.size()
    if count > SafetensorsHeader.maximumByteCount {
      throw ArrayFileError(
        .excessive, "the header claims \(count) bytes; more than \(SafetensorsHeader.maximumByteCount) are not allowed", at: 0)
    }
    let text = try source.bytes("the header", at: 8, count: count)
    dataStart = 8 + count
    dataCount = source.count - dataStart
    if text.first != UInt8(ascii: "{") { throw ArrayFileError(.malformed, "the header does not begin with \"{\"", at: 8) }
    var reader = try JSONReader(text, at: 8)
    try reader.object { (reader, name) throws(ArrayFileError) in
      if name == "__metadata__" {
        metadata = try SafetensorsHeader.metadata(from: &reader)
      } else {
        do throws(ArrayFileError) {
          entries.append(try entry(name, from: &reader))
        } catch {
          throw error.located(array: name)
        }
      }
    }
    try reader.end()
    try checkCoverage()
  }

  private static func metadata(from reader: inout JSONReader) throws(ArrayFileError) -> [String: String] {
    var metadata: [String: String] = [:]
    try reader.object { (reader, key) throws(ArrayFileError) in
      let place = reader.offset()
      if metadata.updateValue(try reader.string(), forKey: key) != nil {
        throw ArrayFileError(
          .unsupported, "two texts of the metadata spell the name \(quoted(key)) in different bytes", at: place)
      }
    }
    return metadata
  }

  private func entry(_ name: String, from reader: inout JSONReader) throws(ArrayFileError) -> Entry {
    let place = reader.offset()
    var format: ElementFormat?
    var extents: [Int]?
    var range: [Int]?
    var shapePlace = place
    var rangePlace = place
    try reader.object { (reader, key) throws(ArrayFileError) in
      switch key {
      case "dtype":
        let place = reader.offset()
        let text = try reader.string()
        format = ElementFormat(safetensors: text)
        if format == nil { throw ArrayFileError(.unsupported, "numbers of type \(quoted(text)) are not supported", at: place) }
      case "shape":
        shapePlace = reader.offset()
        extents = try SafetensorsHeader.integers(from: &reader)
      case "data_offsets":
        rangePlace = reader.offset()
        range = try SafetensorsHeader.integers(from: &reader)
      default:
        try reader.skip()
      }
    }
    guard let format, let extents, let range else {
      throw ArrayFileError(.malformed, "a tensor needs \"dtype\", \"shape\" and \"data_offsets\"", at: place)
    }
    let declared = try DeclaredShape(extents, format, at: shapePlace)
    guard range.count == 2, range[0] <= range[1] else {
      throw ArrayFileError(.malformed, "\"data_offsets\" is not a begin and an end", at: rangePlace)
    }
    if range[1] > dataCount {
      throw ArrayFileError(
        .truncated, "the data ends at offset \(range[1]), but only \(dataCount) bytes follow the header", at: rangePlace)
    }
    if range[1] - range[0] != declared.byteCount {
      throw ArrayFileError(
        .inconsistent,
        "\(range[1] - range[0]) bytes of data do not make shape \(declared.shape) of \(format), which takes \(declared.byteCount)",
        at: rangePlace)
    }
    return Entry(name: name, format: format, declared: declared, offset: dataStart + range[0])
  }

  private static func integers(from reader: inout JSONReader) throws(ArrayFileError) -> [Int] {
    var integers: [Int] = []
    try reader.array { (reader) throws(ArrayFileError) in
      let place = reader.offset()
      let value = try reader.integer()
      if value < 0 { throw ArrayFileError(.malformed, "\(value) is negative", at: place) }
      integers.append(value)
    }
    return integers
  }

  private func checkCoverage() throws(ArrayFileError) {
    var end = dataStart
    for entry in entries.sorted(by: { ($0.offset, $0.declared.byteCount) < ($1.offset, $1.declared.byteCount) }) {
      if entry.offset < end {
        throw ArrayFileError(.inconsistent, "its data overlaps another tensor's", at: entry.offset, array: entry.name)
      }
      if entry.offset > end {
        throw ArrayFileError(.inconsistent, "\(entry.offset - end) bytes of data belong to no tensor", at: end)
      }
      end += entry.declared.byteCount
    }
    if end != dataStart + dataCount {
      throw ArrayFileError(.inconsistent, "\(dataStart + dataCount - end) bytes of data belong to no tensor", at: end)
    }
  }
}

extension ElementFormat {
  /// The format's name in safetensors headers.
  var safetensorsName: String {
    switch self {
    case .bool: "BOOL"
    case .uint8, .uint16, .uint32, .uint64: "U\(size * 8)"
    case .int8, .int16, .int32, .int64: "I\(size * 8)"
    case .float16, .float32, .float64: "F\(size * 8)"
    case .bfloat16: "BF16"
    }
  }

  init?(safetensors name: String) {
    guard let format = ElementFormat.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
    self = format
  }
}
