import Testing
import UnrollArrays
import UnrollTestSupport
import UnrollTraining

/// Tokens to ids and back, always the same.
@Suite struct VocabularyTests {
  @Test func characters() {
    let text = "zu sein, oder nicht: äöü 🎈\n"
    let vocabulary = CharacterVocabulary(text)
    #expect(vocabulary.tokens == Array(Set(text)).sorted())
    #expect(vocabulary.unknownID == nil && vocabulary.id(of: "Q") == nil)
    #expect(vocabulary.text(vocabulary.ids(text)) == text)
    #expect(vocabulary.indices("zu").values == [vocabulary.id(of: "z"), vocabulary.id(of: "u")])
    #expect(CharacterVocabulary(String(text.reversed())) == vocabulary)
    #expect(CharacterVocabulary(tokens: vocabulary.tokens) == vocabulary)
  }

  @Test func unknownCharacters() {
    let vocabulary = CharacterVocabulary("banana", unknown: "?")
    #expect(vocabulary.tokens == ["?", "a", "b", "n"])
    #expect(vocabulary.ids("a cab") == [1, 0, 0, 1, 2])
    #expect(vocabulary.text([3, 0, 1]) == "n?a")
  }

  /// What the tokens of any ids make is a text that can be read again, also where characters become one.
  @Test func charactersThatMerge() {
    let (family, germany) = ("\u{1F469}\u{200D}\u{1F467}", "\u{1F1E9}\u{1F1EA}")
    let texts = ["a\rb\n", "e\n\u{301}o", "\u{1F1E9} \(germany)\u{1F1EA}", "\(family) \u{1F467}\n\u{200D}", "a\r\n\r"]
    for text in texts {
      let vocabulary = CharacterVocabulary(text)
      #expect(vocabulary.text(vocabulary.ids(text)).utf8.elementsEqual(text.utf8))
      for first in 0..<vocabulary.count {
        for second in 0..<vocabulary.count {
          for third in 0..<vocabulary.count {
            let merged = vocabulary.text([first, second, third])
            #expect(
              vocabulary.text(vocabulary.ids(merged)).utf8.elementsEqual(merged.utf8), "\(first) \(second) \(third) of \(text)")
          }
        }
      }
    }
    let lines = CharacterVocabulary("\r a \n")
    #expect(lines.ids("\r\n").count == 2 && lines.indices("\r\n a").count == 4)
    #expect(CharacterVocabulary("\r\n\r \n").ids("\r\n").count == 1, "one where it is a token")
    let marked = CharacterVocabulary("e\n\u{301}", unknown: "?")
    #expect(marked.ids("e\u{301}").count == 2 && marked.ids("o\u{301}") == [0] && marked.ids("e\u{302}") == [0])
  }

  /// Two spellings of a letter are two tokens, and each comes back as it was.
  @Test func spellings() {
    let text = "\u{E9} e\u{301}"
    let vocabulary = CharacterVocabulary(text)
    #expect(vocabulary.count == 3 && vocabulary.text(vocabulary.ids(text)).utf8.elementsEqual(text.utf8))
    #expect(WordVocabulary(text).count == 3)
    #expect(CharacterVocabulary("\u{E9}") != CharacterVocabulary("e\u{301}"))
    #expect(Vocabulary(tokens: [3, 1, 4]).ids([4, 3]) == [2, 0])
  }

  @Test func words() {
    let text = "the cat and\tthe dog\nand the  bird"
    #expect(WordVocabulary(text).tokens == ["<unk>", "the", "and", "bird", "cat", "dog"])
    #expect(WordVocabulary(text, minimumCount: 2).tokens == ["<unk>", "the", "and"])
    #expect(WordVocabulary(text, maximumSize: 4).tokens == ["<unk>", "the", "and", "bird"])
    #expect(WordVocabulary(text, maximumSize: 1).tokens == ["<unk>"])
    #expect(WordVocabulary("<unk> a <unk>").tokens == ["<unk>", "a"])
    #expect(WordVocabulary("<unk>").tokens == ["<unk>"])
    let vocabulary = WordVocabulary(text, minimumCount: 2)
    #expect(vocabulary.indices("and the fish").values == [2, 1, 0])
    #expect(vocabulary.text([2, 1, 0]) == "and the <unk>")
  }

  @Test func misuseMessages() async {
    let empty = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = CharacterVocabulary("") }
    #expect(stopSentence(empty) == "CharacterVocabulary: the text is empty")
    let noWords = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { _ = WordVocabulary(" \n") }
    #expect(stopSentence(noWords) == "WordVocabulary: the text is empty")
    let id = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CharacterVocabulary("abc").text([0, 3])
    }
    #expect(stopSentence(id) == "Vocabulary: the id 3 is not one of 3")
    let token = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = CharacterVocabulary("abc").ids("cab!")
    }
    #expect(stopSentence(token) == "Vocabulary: the token \"!\" at position 3 is not one of 3, and unknown is nil")
    let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = WordVocabulary(tokens: ["a", "b", "a"])
    }
    #expect(stopSentence(twice) == "Vocabulary: the token \"a\" has the ids 0 and 2")
    let minimum = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = WordVocabulary("a b", minimumCount: 0)
    }
    #expect(stopSentence(minimum) == "WordVocabulary: a minimum count of 0 is not at least 1")
  }
}
