public import UnrollArrays
internal import UnrollFiles

/// The characters of a text, numbered: a model's letters.
public typealias CharacterVocabulary = Vocabulary<Character>

/// The words of a text, numbered: what lies between white space.
public typealias WordVocabulary = Vocabulary<String>

/// Tokens and their ids, 0 ..< count: always the same ids for the same text. Characters and words are told apart by their bytes: an é of
/// one code and one of two are two tokens, so that a text comes back as it was.
///
///     let vocabulary = CharacterVocabulary("to be or not to be")
///     let ids = vocabulary.indices("not to be")
///     print(vocabulary.count, vocabulary.text(ids.values))  // 7, not to be
public struct Vocabulary<Token: Hashable & Sendable>: Sendable, Equatable {
  /// The tokens in the order of their ids.
  public let tokens: [Token]
  /// The id that stands for tokens that are not in the vocabulary; nil where all must be.
  public let unknownID: Int?
  private let positions: [TokenKey<Token>: Int]

  /// The given tokens, each of which must come once; `unknown`, if any, is one of them.
  public init(tokens: [Token], unknown: Token? = nil) {
    require(!tokens.isEmpty, "Vocabulary: there are no tokens")
    var positions: [TokenKey<Token>: Int] = [:]
    for (id, token) in tokens.enumerated() {
      if let other = positions.updateValue(id, forKey: TokenKey(token)) {
        stop("Vocabulary: the token \(quoted("\(token)")) has the ids \(other) and \(id)")
      }
    }
    if let unknown {
      require(
        positions[TokenKey(unknown)] != nil, "Vocabulary: the unknown token \(quoted("\(unknown)")) is not among the tokens")
    }
    self.tokens = tokens
    self.positions = positions
    unknownID = unknown.flatMap { positions[TokenKey($0)] }
  }

  /// How many tokens there are: the number of classes.
  public var count: Int { tokens.count }

  /// A token's id: the unknown one's where the vocabulary has no such token, and nil where it has no unknown one either.
  public func id(of token: Token) -> Int? { ownID(of: token) ?? unknownID }

  /// The token's id, if it is one of the vocabulary.
  func ownID(of token: Token) -> Int? { positions[TokenKey(token)] }

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

  public static func == (a: Self, b: Self) -> Bool {
    a.unknownID == b.unknownID && a.tokens.elementsEqual(b.tokens) { TokenKey($0) == TokenKey($1) }
  }

  /// Tokens that come often enough, the most frequent first where there may not be more, and those that come equally often in order.
  fileprivate static func frequent(
    _ tokens: some Sequence<Token>, _ minimumCount: Int, _ maximumSize: Int, _ name: String
  ) -> [Token] where Token == String {
    require(minimumCount > 0, "\(name): a minimum count of \(minimumCount) is not at least 1")
    require(maximumSize > 0, "\(name): a maximum size of \(maximumSize) is not at least 1")
    var counts: [ByteKey: Int] = [:]
    for token in tokens { counts[ByteKey(token), default: 0] += 1 }
    require(!counts.isEmpty, "\(name): the text is empty")
    let often = counts.filter { $0.value >= minimumCount }
    let sorted = often.sorted { a, b in
      a.value != b.value ? a.value > b.value : a.key.text.precedesInBytes(b.key.text)
    }
    return sorted.prefix(maximumSize).map(\.key.text)
  }
}

extension Vocabulary where Token == Character {
  /// The characters of a text in order. With an `unknown` character, which gets the id 0, others can be read too.
  public init(_ text: String, unknown: Character? = nil) {
    require(!text.isEmpty, "CharacterVocabulary: the text is empty")
    var characters = Set(text.map { ByteKey(String($0)) })
    if let unknown { characters.remove(ByteKey(String(unknown))) }
    let sorted = characters.sorted { $0.text.precedesInBytes($1.text) }.compactMap(\.text.first)
    self.init(tokens: (unknown.map { [$0] } ?? []) + sorted, unknown: unknown)
  }

  /// The ids of a text, a vector.
  public func indices(_ text: String) -> Indices { Indices(ids(text)) }

  /// The ids of a text; stops at a character that has none.
  ///
  /// Characters that stand side by side may become one, as a carriage return and a line feed do, or a letter and a mark. One that is no
  /// token is taken apart where its parts are, so that the text of any ids can be read again.
  public func ids(_ text: String) -> [Int] {
    let (ids, unknown) = encoding(text)
    guard let unknown else { return ids }
    stop("Vocabulary: the token \(quoted("\(unknown)")) at position \(ids.count) is not one of \(count), and none is unknown")
  }

  /// The ids of a text up to the first character that has none, and that character.
  package func encoding(_ text: String) -> (ids: [Int], unknown: Character?) {
    var ids: [Int] = []
    ids.reserveCapacity(text.utf8.count)
    var byteCount = 0
    for character in text {
      guard let id = ownID(of: character) else { break }
      ids.append(id)
      byteCount += character.utf8.count
    }
    var rest = text[text.utf8.index(text.startIndex, offsetBy: byteCount)...]
    while let character = rest.first {
      let (id, length) = firstPart(of: character)
      if let id {
        ids.append(id)
        rest = rest[rest.unicodeScalars.index(rest.startIndex, offsetBy: length)...]
      } else if let unknownID {
        ids.append(unknownID)
        rest.removeFirst()
      } else {
        return (ids, character)
      }
    }
    return (ids, nil)
  }

  /// The longest token that a character begins with, and its number of codes: the character itself if it is a token. Where others stand
  /// for the unknown one, a character that has parts which are no tokens does so as a whole.
  private func firstPart(of character: Character) -> (id: Int?, length: Int) {
    if let id = ownID(of: character) { return (id, character.unicodeScalars.count) }
    let scalars = Array(character.unicodeScalars)
    // One of more codes, which only marks heaped on a letter make, has too many parts to try.
    if scalars.count == 1 || scalars.count > 64 { return (nil, 1) }
    var (first, place) = ((id: Int?.none, length: 1), 0)
    while place < scalars.count {
      let part = (place + 1...scalars.count).reversed().lazy.compactMap { end -> (id: Int, length: Int)? in
        let text = String(String.UnicodeScalarView(scalars[place..<end]))
        guard text.count == 1, let whole = text.first else { return nil }
        return self.ownID(of: whole).map { ($0, end - place) }
      }.first
      guard let part else { return unknownID == nil ? first : (nil, 1) }
      if place == 0 { first = part }
      if unknownID == nil { return first }
      place += part.length
    }
    return first
  }

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
    let words = Self.words(text).filter { !$0.hasBytes(of: unknown) }
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
