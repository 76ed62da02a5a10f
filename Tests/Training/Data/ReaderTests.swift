import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollTestSupport
import UnrollTraining

/// Text, tables and series: what is read, and what is said of damaged files.
@Suite struct ReaderTests {
  @Test func text() throws {
    let text = "Zwölf Boxkämpfer\r\n🎈 \u{10FFFF}\u{0}"
    #expect(try withTemporaryFile(Array(text.utf8)) { try TextFile.read($0) } == text)
    #expect(try TextFile.text([0xEF, 0xBB, 0xBF, 0x61]) == "a")
    #expect(try TextFile.text([]) == "")
  }

  @Test(
    arguments: [
      ([0x61, 0xFF], 1), ([0x61, 0x62, 0xC3], 2), ([0xC0, 0x80], 0), ([0xE0, 0x80, 0x80], 0), ([0xED, 0xA0, 0x80], 0),
      ([0xF4, 0x90, 0x80, 0x80], 0), ([0x61, 0xE2, 0x82, 0x61], 1), ([0xC3, 0xA4, 0x80], 2), ([0xF0, 0x9F, 0x8E], 0),
    ] as [([UInt8], Int)]) func badBytes(bytes: [UInt8], offset: Int) throws
  {
    let error = #expect(throws: DataFileError.self) { try withTemporaryFile(bytes) { try TextFile.read($0) } }
    #expect(error?.kind == .encoding && error?.offset == offset && error?.file != nil)
  }

  /// The validation agrees with the standard library's, whatever two bytes come first.
  @Test func everyPairOfBytes() {
    var disagreements: [[UInt8]] = []
    for first in 0x7F...UInt8.max {
      for second in 0...UInt8.max {
        for rest in [[], [0x80], [0xBF, 0x80], [0x41]] as [[UInt8]] {
          let bytes = [first, second] + rest
          let isRead = (try? TextFile.text(bytes)) != nil
          if isRead != (String(validating: bytes, as: UTF8.self) != nil) { disagreements.append(bytes) }
        }
      }
    }
    #expect(disagreements.isEmpty)
  }

  @Test func table() throws {
    let table = try CSVTable(text: "name,\"a, b\",load\r\n\"x \"\"y\"\"\nz\",1.5,?\n\n,-2e3, NA \nlast,,7")
    #expect(table.header == ["name", "a, b", "load"] && table.columnCount == 3)
    #expect(table.rows == [["x \"y\"\nz", "1.5", "?"], ["", "-2e3", " NA "], ["last", "", "7"]])
    #expect(table.lines == [2, 5, 6])
    #expect(try table.column("name")[2] == "last")
    let numbers = try table.tensor(["load", "a, b"], .float64)
    let expected = NDArray([.nan, 1.5, .nan, -2000, 7, .nan] as [Double], shape: [3, 2])
    #expect(numbers.array.isClose(to: expected))
    let plain = try CSVTable(text: "1;2\n3;4\n", separator: ";", hasHeader: false)
    #expect(plain.header == nil)
    #expect(try plain.numbers(1) == [2, 4])
    #expect(try CSVTable(text: "only,header\n").rows.isEmpty)
  }

  private static let brokenTables: [(String, String)] = [
    ("a,b\n1,2\n3\n", "text in memory, line 3: 1 fields, where the first row has 2"),
    ("a,b\n\"1\n2,3\n", "text in memory, line 2: the opening quote of a field is never closed"),
    ("a,b\n1,\"2\"3\n", "text in memory, line 2: \"3\" after the closing quote of a field"),
    ("a,b\n1,2\"3\n", "text in memory, line 2: a quote inside a field that does not begin with one"),
    ("\n\n", "text in memory: the table has no rows"),
    ("\n\"a\",b,a\n1,2,3", "text in memory, line 2: two columns have the name \"a\""),
  ]

  @Test(arguments: brokenTables) func damagedTables(text: String, message: String) {
    let error = #expect(throws: DataFileError.self) { try CSVTable(text: text) }
    #expect(error?.description == message)
  }

  /// A line separator is text, and a mark behind a separator belongs to the field.
  @Test func rowsEndAtLineEndsAlone() throws {
    let table = try CSVTable(text: "a\u{2028}b,c\r1\u{85},\u{301}2\r\n\"3\u{2029}\r\n4\",5\u{B}\n\u{C}6,7")
    #expect(table.header == ["a\u{2028}b", "c"])
    #expect(table.rows == [["1\u{85}", "\u{301}2"], ["3\u{2029}\r\n4", "5\u{B}"], ["\u{C}6", "7"]])
    #expect(table.lines == [2, 3, 5])
    let other = try CSVTable(text: "a；b\n1；2", separator: "；")
    #expect(try other.numbers("b") == [2])
  }

  /// Names are their bytes, and marks without end cost no more than other bytes.
  @Test func namesOfColumnsAndClasses() throws {
    let (one, two) = ("\u{E9}", "e\u{301}")
    let table = try CSVTable(text: "\(one),\(two),,\n1,2,3,4")
    #expect(try table.numbers(one) == [1] && table.numbers(two) == [2] && table.columnCount == 4)
    let heap = "x" + String(repeating: "\u{301}\u{323}", count: 60_000)
    let seconds = try ContinuousClock().measure {
      let table = try CSVTable(text: "\(heap),\(heap)y\n1,\(heap)")
      #expect(try table.numbers(heap) == [1] && table.column(heap + "y")[0].utf8.count == heap.utf8.count)
      let set = try SeriesFile(text: "@classLabel true \(heap) \(one) \(two)\n@data\n1:\(heap)\n2:\(two)")
      #expect(set.labels == [0, 2])
      #expect(throws: DataFileError.self) { try SeriesFile(text: "@data\(heap)\n1") }
      #expect(throws: DataFileError.self) { try SeriesFile(text: "@missing true\(heap)\n@data\n1") }
      let words = WordVocabulary("\(heap) a \(heap)", unknown: "<unk>")
      #expect(words.count == 3 && words.ids([heap, "a"]) == [1, 2])
      #expect(CharacterVocabulary(heap + "a").ids(heap + "a").count == 2)
    }
    // Hashing one such text takes a minute in Swift's own way.
    #expect(seconds < .seconds(20))
  }

  /// A file of a terabyte, which takes no room on the disk, is no text for memory.
  @Test func moreThanMemory() throws {
    try withTemporaryFile([0x61]) { path in
      try #require(truncate(path, 1 << 40) == 0)
      let error = #expect(throws: DataFileError.self) { try TextFile.read(path) }
      guard case .unreadable(let cause) = error?.kind else { throw try #require(error) }
      #expect(cause.kind == .excessive)
    }
  }

  @Test func wrongColumns() throws {
    try withTemporaryFile(Array("a,b\n1,2\n\n3,0x10\n".utf8)) { path in
      let table = try CSVTable(contentsOf: path)
      let number = #expect(throws: DataFileError.self) { try table.numbers("b") }
      #expect(number?.description == "\(path), line 4: \"0x10\" in column \"b\" is not a number")
      let missing = #expect(throws: DataFileError.self) { try table.column("c") }
      #expect(missing?.description == "\(path): there is no column \"c\" among \"a\", \"b\"")
    }
  }

  private static let header = """
    # a comment
    @problemName Two Kinds
    @timeStamps false
    @missing true
    @univariate false
    @dimensions 2
    @equalLength false
    @classLabel true calm wild
    @data

    """

  @Test func series() throws {
    let set = try withTemporaryFile(Array((Self.header + "1,2,?:4,5,6:wild\r\n\n# more\n1.5:-1e1:calm\n").utf8)) {
      try SeriesFile(contentsOf: $0, .float64)
    }
    #expect(set.name == "Two Kinds" && set.dimensions == 2 && set.classes == ["calm", "wild"] && set.labels == [1, 0])
    #expect(set.lines == [10, 13] && set.targets.isEmpty)
    #expect(set.cases[0].array.isClose(to: NDArray([1, 4, 2, 5, .nan, 6] as [Double], shape: [3, 2])))
    #expect(set.cases[1].array == NDArray([1.5, -10] as [Double], shape: [1, 2]))
    let regression = try SeriesFile(text: "@targetlabel true\n@data\n1,2:0.5\n3:-1\n")
    #expect(regression.targets == [0.5, -1] && regression.labels.isEmpty && regression.dimensions == 1)
    let unlabelled = try SeriesFile(text: "@univariate true\n@classLabel false\n@data\n1,2\n")
    #expect(unlabelled.cases[0].array == NDArray([1, 2] as [Float], shape: [2, 1]) && unlabelled.classes.isEmpty)
  }

  private static let brokenSeries: [(String, String)] = [
    ("HEADER1:2:tame", "line 10: the class \"tame\" is not one of 2 of @classLabel"),
    ("HEADER1:2:calm\n1:2:3:calm", "line 11: 3 dimensions instead of 2"),
    ("HEADER1,2:3:calm", "line 10: a dimension of 1 steps instead of 2"),
    ("HEADER1,x:3,4:calm", "line 10: \"x\" is not a number"),
    ("HEADER1,:3,4:calm", "line 10: \"\" is not a number"),
    ("HEADER@missing false", "line 10: \"@missing false\" after @data"),
    ("HEADER", "no cases after @data"),
    ("@problemName a", "there is no @data"),
    ("1,2:3", "line 1: \"1,2:3\" before @data"),
    ("@missing perhaps", "line 1: @missing must be followed by true or false"),
    ("@seriesLength -3", "line 1: @serieslength must be followed by a count"),
    ("@seriesLength 3\n@data\n1,2", "line 3: a dimension of 2 steps instead of 3"),
    ("@missing false\n@data\n1,?", "line 3: a number is missing, although @missing is false"),
    ("@timestamps true", "line 1: series with time stamps are not supported"),
    ("@classLabel true", "line 1: @classLabel true names no classes"),
    ("@classLabel true a a", "line 1: @classLabel names a class twice"),
    ("@targetlabel true\n@data\n1:y", "line 3: the target \"y\" is not a number"),
    ("@what 3", "line 1: \"@what\" is not metadata of the format"),
  ]

  @Test(arguments: brokenSeries) func damagedSeries(text: String, message: String) {
    let error = #expect(throws: DataFileError.self) { try SeriesFile(text: text.replacing("HEADER", with: Self.header)) }
    let place = message.hasPrefix("line") ? "text in memory, " : "text in memory: "
    #expect(error?.description == place + message)
  }
}
