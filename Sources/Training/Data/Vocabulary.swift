public import UnrollArrays

/// The characters of a text, numbered: a model's letters.
public typealias CharacterVocabulary = Vocabulary<Character>

/// The words of a text, numbered: what lies between white space.
public typealias WordVocabulary = Vocabulary<String>

/// Tokens and their ids, 0 ..< count: always the same ids for the same text.
///
///     let vocabulary = CharacterVocabulary("to be or not to be")
///     let ids = vocabulary.indices("not to be")
///     print(vocabulary.count, vocabulary.text(ids.values))  // 7, not to be
public struct Vocabulary<Token: Hashable & Sendable>: Sendable, Equatable {
  /// The tokens in the order of their ids.
  public let tokens: [Token]
  /// The id that stands for tokens that are not in the vocabulary; nil where all must be.
  public let unknownID: Int?
  private let positions: [Token: Int]

  /// The given tokens, each of which must come once; `unknown`, if any, is one of them.
  public init(tokens: [Token], unknown: Token? = nil) {
    require(!tokens.isEmpty, "Vocabulary: there are no tokens")
    var positions: [Token: Int] = [:]
    for (id, token) in tokens.enumerated() {
      if let other = positions.updateValue(id, forKey: token) {
        stop("Vocabulary: the token \(quoted("\(token)")) has the ids \(other) and \(id)")
      }
    }
    if let unknown {
      require(positions[unknown] != nil, "Vocabulary: the unknown token \(quoted("\(unknown)")) is not among the tokens")
    }
    self.tokens = tokens
    self.positions = positions
    unknownID = unknown.flatMap { positions[$0] }
  }

  /// How many tokens there are: the number of classes.
  public var count: Int { tokens.count }

  /// A token's id: the unknown one's where the vocabulary has no such token, and nil where it has no unknown one either.
  public func id(of token: Token) -> Int? { positions[token] ?? unknownID }

  /// The token of an id.
  public func token(_ id: Int) -> Token {
    require(id >= 0 && id < count, "Vocabulary: the id \(id) is not one of \(count)")
    return tokens[id]
  }

  /// The ids of tokens; stops at one that has none.
  public func ids(_ tokens: some Sequence<Token>) -> [Int] {
    tokens.enumerated().map { position, token in
      guard let id = id(of: token) else {
        stop("Vocabulary: the token \(quoted("\(token)")) at position \(position) is not one of \(count), and none is unknown")
      }
      return id
    }
  }

  public static func == (a: Self, b: Self) -> Bool { a.tokens == b.tokens && a.unknownID == b.unknownID }

  /// Tokens that come often enough, the most frequent first where there may not be more, and those that come equally often in order.
  fileprivate static func frequent(
    _ tokens: some Sequence<Token>, _ minimumCount: Int, _ maximumSize: Int, _ name: String
  ) -> [Token] where Token: Comparable {
    require(minimumCount > 0, "\(name): a minimum count of \(minimumCount) is not at least 1")
    require(maximumSize > 0, "\(name): a maximum size of \(maximumSize) is not at least 1")
    var counts: [Token: Int] = [:]
    for token in tokens { counts[token, default: 0] += 1 }
    require(!counts.isEmpty, "\(name): the text is empty")
    let often = counts.filter { $0.value >= minimumCount }
    let sorted = often.sorted { a, b in a.value != b.value ? a.value > b.value : a.key < b.key }
    return sorted.prefix(maximumSize).map(\.key)
  }
}

extension Vocabulary where Token == Character {
  /// The characters of a text in order. With an `unknown` character, which gets the id 0, others can be read too.
  public init(_ text: String, unknown: Character? = nil) {
    require(!text.isEmpty, "CharacterVocabulary: the text is empty")
    let characters = Set(text).subtracting(unknown.map { [$0] } ?? []).sorted()
    self.init(tokens: (unknown.map { [$0] } ?? []) + characters, unknown: unknown)
  }

  /// The ids of a text, a vector.
  public func indices(_ text: String) -> Indices { Indices(ids(text)) }

  /// The text of ids.
  public func text(_ ids: some Sequence<Int>) -> String { String(ids.map(token)) }
}

extension Vocabulary where Token == String {
  /// The words of a text that come at least `minimumCount` times, at most `maximumSize` with the unknown one, whose id is 0; the most
  /// frequent follow first, and words that come equally often in order.
  ///
  ///     let vocabulary = WordVocabulary("the cat and the dog and the bird", minimumCount: 2)
  ///     print(vocabulary.tokens)  // <unk>, the, and
  public init(_ text: String, minimumCount: Int = 1, maximumSize: Int = .max, unknown: String = "<unk>") {
    let words = Self.words(text).filter { $0 != unknown }
    require(!text.allSatisfy(\.isWhitespace), "WordVocabulary: the text is empty")
    require(maximumSize > 0, "WordVocabulary: a maximum size of \(maximumSize) is not at least 1")
    let room = maximumSize - 1
    let frequent = words.isEmpty || room == 0 ? [] : Self.frequent(words, minimumCount, room, "WordVocabulary")
    self.init(tokens: [unknown] + frequent, unknown: unknown)
  }

  /// What lies between white space.
  public static func words(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }

  /// The ids of a text's words, a vector.
  public func indices(_ text: String) -> Indices { Indices(ids(Self.words(text))) }

  /// The words of ids with a space between them.
  public func text(_ ids: some Sequence<Int>) -> String { ids.map(token).joined(separator: " ") }
}
