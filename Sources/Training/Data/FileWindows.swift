internal import UnrollArrays
internal import UnrollFiles

/// Windows of a stream of ids in a file, read on demand, so that the file may be larger than memory.
///
/// The file contains only ids, as unsigned little-endian integers of one, two or four bytes. Any file can be read as ids of one
/// byte; a text is then the stream of its bytes. Rows and windows are laid out as in `Windows`, and reading a window reads only
/// its own batch · (steps + 1) ids.
///
///     let windows = try FileWindows("tokens.bin", .twoBytes, batch: 32, steps: 128)
///     for position in 0..<windows.count {
///       let window = try windows.window(position)
///       print(window.inputs.shape)  // [32, 128]
///     }
public struct FileWindows: Sendable {
  /// The number of bytes of an id.
  public enum IDFormat: Int, Sendable {
    /// Ids in 0...255.
    case oneByte = 1
    /// Ids in 0...65535.
    case twoBytes = 2
    /// Ids in 0...2³¹ − 1.
    case fourBytes = 4
  }

  /// The number of rows.
  public let batch: Int
  /// The number of steps of a window; the last one may be shorter.
  public let steps: Int
  /// The number of steps of a row.
  public let length: Int
  /// The number of windows.
  public let count: Int
  private let format: IDFormat
  private let bytes: FileBytes

  /// Windows of a file of ids.
  public init(_ path: String, _ format: IDFormat = .oneByte, batch: Int, steps: Int) throws(DataFileError) {
    require(batch > 0 && steps > 0, "FileWindows: \(batch) rows and windows of \(steps) steps must both be positive")
    do { bytes = try FileBytes(path) } catch { throw DataFileError(error) }
    let ids = bytes.count / format.rawValue
    if bytes.count % format.rawValue != 0 {
      throw DataFileError(
        .malformed, "\(bytes.count) bytes are not a whole number of ids of \(format.rawValue) bytes", file: path)
    }
    if ids <= batch {
      throw DataFileError(.empty, "\(ids) ids do not fill \(batch) rows and their targets", file: path)
    }
    self.batch = batch
    self.steps = steps
    self.format = format
    length = (ids - 1) / batch
    count = (length - 1) / steps + 1
  }

  /// Reads a window.
  public func window(_ position: Int) throws(DataFileError) -> Windows.Window {
    require(position >= 0 && position < count, "FileWindows: there is no window \(position) of \(count)")
    let start = position * steps
    let width = min(steps, length - start)
    var (inputs, targets): ([Int32], [Int32]) = ([], [])
    inputs.reserveCapacity(batch * width)
    targets.reserveCapacity(batch * width)
    for row in 0..<batch {
      let ids = try ids(at: row * length + start, count: width + 1)
      inputs += ids.dropLast()
      targets += ids.dropFirst()
    }
    let shape: Shape = [batch, width]
    return Windows.Window(inputs: Indices(inputs, shape: shape), targets: Indices(targets, shape: shape))
  }

  private func ids(at first: Int, count: Int) throws(DataFileError) -> [Int32] {
    let size = format.rawValue
    let piece: [UInt8]
    do { piece = try bytes.bytes("a window", at: first * size, count: count * size) } catch { throw DataFileError(error) }
    if size == 1 { return piece.map { Int32($0) } }
    var ids: [Int32] = []
    ids.reserveCapacity(count)
    for i in 0..<count {
      let id = (0..<size).reduce(UInt32(0)) { $0 | UInt32(piece[i * size + $1]) << UInt32(8 * $1) }
      guard let small = Int32(exactly: id) else {
        throw DataFileError(.malformed, "the id \(id) is greater than 2³¹ − 1", offset: (first + i) * size, file: bytes.path)
      }
      ids.append(small)
    }
    return ids
  }
}
