internal import UnrollArrays

/// The collective operations of ranks: all ranks call the same ones in the same order. No call moves more than `pieceBytes` between two
/// ranks, since MPI counts in 32 bits.
protocol Communicator: Sendable {
  var rank: Int { get }
  var count: Int { get }

  /// Gives every rank the bytes of all ranks, in rank order.
  func gather(_ own: UnsafeRawPointer, into all: UnsafeMutableRawPointer, byteCount: Int)

  /// Sends part r of `parts`, of `byteCount` bytes, to rank r, and receives a part of every rank, in rank order.
  func exchange(_ parts: UnsafeRawPointer, into received: UnsafeMutableRawPointer, byteCount: Int)

  /// Copies the bytes of one rank to all others.
  func broadcast(_ bytes: UnsafeMutableRawPointer, byteCount: Int, from root: Int)

  /// Adds the numbers of all ranks in place, in an order of the communicator's choice.
  func sum(_ numbers: UnsafeMutableRawPointer, _ type: ElementType, count: Int)

  /// Ends all ranks with a sentence. If all ranks know of the failure and call this, one of them prints it.
  func end(_ sentence: String, isKnownToAll: Bool) -> Never
}

/// What a rank is about to do, exchanged before the bytes: ranks that differ stop with a sentence instead of waiting for each other, or
/// taking one kind of bytes for another.
struct Notice: Equatable {
  enum Action: UInt64 {
    case gradientMean, numberMean, gathering, broadcast, shard, end

    /// The action in a sentence.
    var name: String {
      switch self {
      case .gradientMean: "the mean of a gradient"
      case .numberMean: "the mean of a number"
      case .gathering: "what is gathered"
      case .broadcast: "what is broadcast"
      case .shard: "a shard"
      case .end: "the end"
      }
    }
  }

  let action: Action
  /// The number of elements or bytes.
  var size = 0
  /// A checksum of everything that must be equal on all ranks.
  var layout: UInt64 = 0
  var weight = 0.0
  var number = 0.0

  init(_ action: Action, size: Int = 0, layout: UInt64 = 0, weight: Double = 0, number: Double = 0) {
    (self.action, self.size, self.layout, self.weight, self.number) = (action, size, layout, weight, number)
  }

  fileprivate static let words = 5

  fileprivate var words: [UInt64] {
    [action.rawValue, UInt64(bitPattern: Int64(size)), layout, weight.bitPattern, number.bitPattern]
  }

  /// Nil if the words are not those of a notice, as when programs of different versions meet.
  fileprivate init?(_ words: ArraySlice<UInt64>) {
    let words = Array(words)
    guard let action = Action(rawValue: words[0]) else { return nil }
    self.init(
      action, size: Int(Int64(bitPattern: words[1])), layout: words[2], weight: Double(bitPattern: words[3]),
      number: Double(bitPattern: words[4]))
  }
}

extension Notice {
  /// The sentence about the first rank that does something else than rank 0; nil if all agree.
  static func disagreement(_ notices: [Notice]) -> String? {
    guard let other = notices.firstIndex(where: { $0.action != notices[0].action || $0.layout != notices[0].layout }) else {
      return nil
    }
    let (first, second) = (notices[0], notices[other])
    if first.action != second.action {
      let (ended, waiting) = first.action == .end ? (0, other) : (other, 0)
      if notices[ended].action == .end {
        return "rank \(ended) has ended, and rank \(waiting) waits for it with \(notices[waiting].action.name)"
      }
      return "rank 0 is at \(first.action.name), rank \(other) at \(second.action.name); "
        + "all ranks must take the same steps in the same order"
    }
    switch first.action {
    case .gradientMean where first.size != second.size:
      return "mean: the gradient of rank 0 has \(first.size) numbers, that of rank \(other) \(second.size)"
    case .gradientMean:
      return "mean: the gradients of rank 0 and rank \(other) differ in names, shapes, element types or in what is frozen"
    default:
      return "shard: rank 0 and rank \(other) have different data or have shuffled it differently; "
        + "use generators with the same seed on all ranks"
    }
  }
}

extension Communicator {
  /// Exchanges notices, and ends all ranks if they disagree. Returns the notices of all ranks.
  @discardableResult
  func agree(_ notice: Notice) -> [Notice] {
    let all = exchanged(notice)
    if let sentence = Notice.disagreement(all) { end(sentence, isKnownToAll: true) }
    return all
  }

  /// The notices of all ranks.
  func exchanged(_ notice: Notice) -> [Notice] {
    let own = notice.words
    var words = [UInt64](repeating: 0, count: Notice.words * count)
    words.withUnsafeMutableBytes { all in
      own.withUnsafeBytes { own in
        if let target = all.baseAddress, let source = own.baseAddress { gather(source, into: target, byteCount: own.count) }
      }
    }
    return (0..<count).map { rank in
      guard let notice = Notice(words[rank * Notice.words..<(rank + 1) * Notice.words]) else {
        end("rank \(rank) runs another version of the program", isKnownToAll: true)
      }
      return notice
    }
  }

  /// Copies the bytes of one rank to all others, piece by piece.
  func broadcast(_ bytes: inout [UInt8], from root: Int) {
    bytes.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return }
      for offset in stride(from: 0, to: buffer.count, by: pieceBytes) {
        broadcast(start + offset, byteCount: min(pieceBytes, buffer.count - offset), from: root)
      }
    }
  }
}

/// The most bytes that one call moves between two ranks. A sum in rank order takes as much memory beside the numbers.
let pieceBytes = 1 << 24

/// A checksum of what must be equal on all ranks: FNV-1a over 64-bit words, which differs with every single change.
struct Checksum {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ word: Int) {
    value = (value ^ UInt64(bitPattern: Int64(word))) &* 0x100_0000_01B3
    value ^= value >> 32
  }

  mutating func add(_ text: String) {
    add(text.utf8.count)
    for byte in text.utf8 { add(Int(byte)) }
  }

  init() {}

  init(_ words: some Sequence<Int>) { for word in words { add(word) } }
}
