internal import UnrollArrays

/// Decompresses deflate streams (RFC 1951) into memory of a known size. A stream that yields more or less is an error, so that
/// a zip bomb never gets more memory than its header declared.
struct Inflate {
  /// The largest expansion of deflate: 258 bytes of output from two one-bit code words.
  static let maximumRatio = 1032

  private let input: UnsafeBufferPointer<UInt8>
  private let output: UnsafeMutableBufferPointer<UInt8>
  private var position = 0
  private var produced = 0
  private var bits: UInt64 = 0
  private var bitCount = 0

  private init(_ input: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) {
    self.input = input
    self.output = output
  }

  /// Decompresses the whole stream, which must yield exactly `count` bytes.
  static func inflate(_ input: Block, count: Int) throws(ArrayFileError) -> Block {
    let (ceiling, overflow) = input.byteCount.multipliedReportingOverflow(by: maximumRatio)
    if !overflow && count > ceiling {
      throw ArrayFileError(.excessive, "\(input.byteCount) compressed bytes cannot give the \(count) that are declared", at: 0)
    }
    let output = Block(byteCount: count)
    let produced = try run(input, into: output, isPrefix: false)
    if produced < count {
      throw ArrayFileError(.inconsistent, "the compressed data give \(produced) bytes, not the \(count) that are declared")
    }
    return output
  }

  /// Decompresses the first `count` bytes of a stream.
  static func prefix(of input: Block, count: Int) throws(ArrayFileError) -> [UInt8] {
    let output = Block(byteCount: count)
    if try run(input, into: output, isPrefix: true) < count {
      throw ArrayFileError(.truncated, "the compressed data end within the first \(count) bytes")
    }
    return try ByteSource.block(output).bytes("the data", at: 0, count: count)
  }

  private static func run(_ input: Block, into output: Block, isPrefix: Bool) throws(ArrayFileError) -> Int {
    defer { withExtendedLifetime((input, output)) {} }
    var inflate = Inflate(
      UnsafeBufferPointer(input.bytes.bindMemory(to: UInt8.self)), into: output.bytes.bindMemory(to: UInt8.self))
    do throws(ArrayFileError) {
      try inflate.blocks()
    } catch {
      // A prefix is complete when the output is full.
      if isPrefix && inflate.produced == output.byteCount { return inflate.produced }
      throw error
    }
    return inflate.produced
  }

  private mutating func blocks() throws(ArrayFileError) {
    var isLast = false
    while !isLast {
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try storedBlock()
      case 1: try compressedBlock(FixedCodes.lengths, FixedCodes.distances)
      case 2: try dynamicBlock()
      default: throw error("a block has the reserved type")
      }
    }
    let unused = input.count - position + bitCount / 8
    if unused > 0 { throw error("\(unused) bytes follow the end of the compressed data") }
  }

  private func error(_ reason: String, _ kind: ArrayFileError.Kind = .malformed) -> ArrayFileError {
    ArrayFileError(kind, reason, at: position - bitCount / 8)
  }

  private func truncated() -> ArrayFileError { error("the compressed data end inside a block", .truncated) }

  private func overfull() -> ArrayFileError {
    error("the compressed data give more than the \(output.count) bytes that are declared", .inconsistent)
  }

  @inline(__always)
  private mutating func refill() {
    while bitCount <= 56 && position < input.count {
      bits |= UInt64(input[position]) << UInt64(bitCount)
      position += 1
      bitCount += 8
    }
  }

  @inline(__always)
  private mutating func drop(_ count: Int) {
    bits >>= UInt64(count)
    bitCount -= count
  }

  /// The next `count` bits, at most 16.
  private mutating func take(_ count: Int) throws(ArrayFileError) -> Int {
    refill()
    if bitCount < count { throw truncated() }
    let value = Int(truncatingIfNeeded: bits & (1 << UInt64(count) - 1))
    drop(count)
    return value
  }

  private mutating func symbol(_ code: borrowing HuffmanCode) throws(ArrayFileError) -> Int {
    refill()
    guard let (symbol, length) = code.decode(bits, available: bitCount) else {
      throw bitCount < 15 ? truncated() : error("these bits are not a word of the Huffman code")
    }
    drop(length)
    return symbol
  }

  private mutating func storedBlock() throws(ArrayFileError) {
    drop(bitCount % 8)
    let count = try take(16)
    if try take(16) != ~count & 0xFFFF { throw error("the length of a stored block disagrees with its complement") }
    position -= bitCount / 8
    (bits, bitCount) = (0, 0)
    let fitting = min(count, input.count - position, output.count - produced)
    for index in 0..<fitting { output[produced + index] = input[position + index] }
    produced += fitting
    position += fitting
    if fitting < count { throw produced == output.count ? overfull() : truncated() }
  }

  private mutating func dynamicBlock() throws(ArrayFileError) {
    let (lengthCount, distanceCount, orderCount) = (try take(5) + 257, try take(5) + 1, try take(4) + 4)
    if lengthCount > 286 || distanceCount > 30 { throw error("a block declares too many codes") }
    // The order of the code lengths, from RFC 1951, 3.2.7.
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    var lengths = [UInt8](repeating: 0, count: 19)
    for index in 0..<orderCount { lengths[order[index]] = UInt8(try take(3)) }
    guard let lengthsCode = HuffmanCode(lengths: lengths) else { throw error("the code of code lengths is invalid") }
    lengths = []
    while lengths.count < lengthCount + distanceCount {
      let symbol = try symbol(lengthsCode)
      var (value, repetitions): (UInt8, Int)
      switch symbol {
      case 16:
        guard let previous = lengths.last else { throw error("the first code length is a repetition") }
        (value, repetitions) = (previous, try take(2) + 3)
      case 17: (value, repetitions) = (0, try take(3) + 3)
      case 18: (value, repetitions) = (0, try take(7) + 11)
      default: (value, repetitions) = (UInt8(symbol), 1)
      }
      lengths += repeatElement(value, count: repetitions)
    }
    if lengths.count != lengthCount + distanceCount { throw error("the code lengths exceed their declared number") }
    if lengths[256] == 0 { throw error("a block's code lacks the end-of-block symbol") }
    guard let literals = HuffmanCode(lengths: lengths[..<lengthCount]) else {
      throw error("the code of literals and lengths is invalid")
    }
    guard let distances = HuffmanCode(lengths: lengths[lengthCount...]) else {
      throw error("the code of distances is invalid")
    }
    try compressedBlock(literals, distances)
  }

  private mutating func compressedBlock(_ literals: HuffmanCode, _ distances: HuffmanCode) throws(ArrayFileError) {
    while true {
      let literal = try symbol(literals)
      if literal < 256 {
        if produced == output.count { throw overfull() }
        output[produced] = UInt8(truncatingIfNeeded: literal)
        produced += 1
        continue
      }
      if literal == 256 { return }
      if literal > 285 { throw error("a match has a reserved length") }
      let length = DeflateTables.lengthBase[literal - 257] + (try take(DeflateTables.lengthBits[literal - 257]))
      let code = try symbol(distances)
      if code > 29 { throw error("a match has a reserved distance") }
      let distance = DeflateTables.distanceBase[code] + (try take(DeflateTables.distanceBits[code]))
      if distance > produced { throw error("a match begins before the data") }
      let fitting = min(length, output.count - produced)
      // Byte by byte, because a match may overlap its own output.
      for index in produced..<produced + fitting { output[index] = output[index - distance] }
      produced += fitting
      if fitting < length { throw overfull() }
    }
  }
}

/// The fixed codes, for blocks without codes of their own (RFC 1951, 3.2.6).
private enum FixedCodes {
  static let lengths = code(DeflateTables.fixedLengths)
  static let distances = code([UInt8](repeating: 5, count: 32))

  private static func code(_ lengths: [UInt8]) -> HuffmanCode {
    guard let code = HuffmanCode(lengths: lengths) else { stop("Inflate: the fixed code is complete by definition") }
    return code
  }
}
