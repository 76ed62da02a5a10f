import Foundation
import Testing
import UnrollArrays
import UnrollFiles
import UnrollTestSupport

@testable import UnrollTraining

/// Files of events, against one that TensorBoard's own writer (tensorboard 2.21.0, `RecordWriter` and `Event`) has written.
@Suite struct EventFileTests {
  private static let columns = ["loss", "rate/größe"]
  private static let rows: [(step: Int, values: [String: Double])] = [
    (0, ["loss": 2.5]), (1, ["rate/größe": 1e-20, "loss": 0.1]), (3, ["rate/größe": .nan]), (4, [:]),
    (300, ["loss": .infinity, "rate/größe": -0.0]), (1 << 40, ["loss": 1]),
  ]

  private static func fixture() throws -> [UInt8] {
    let path = (Bundle.module.resourcePath ?? ".") + "/Fixtures/tensorboard/events.out.tfevents.fixture"
    return try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// The records of the rows up to a step.
  private static func written(upTo step: Int = .max) -> [UInt8] {
    rows.filter { $0.step <= step }.reduce(EventFile.beginning(at: 1_700_000_000.25)) { bytes, row in
      bytes + EventFile.event(row.step, row.values, columns, at: 1_700_000_000.5 + Double(row.step))
    }
  }

  @Test func theBytesAreTensorBoards() throws {
    let fixture = try EventFileTests.fixture()
    #expect(fixture.count > 300)
    #expect(EventFileTests.written() == fixture)
  }

  /// RFC 3720 lists CRC-32C of these 32 bytes; here they are unmasked again.
  @Test func checksums() {
    func plain(_ bytes: [UInt8]) -> UInt32 {
      let rotated = EventFile.checksum(bytes) &- 0xA282_EAD8
      return rotated << 15 | rotated >> 17
    }
    #expect(plain(Array(repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(plain(Array(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(plain(Array(0..<32)) == 0x46DD_794E)
    #expect(plain([]) == 0)
  }

  @Test(arguments: [(-1, -1), (0, 0), (2, 1), (299, 4), (300, 300), (Int.max, Int.max)])
  func aResumedLogKeepsWhatCameBefore(step: Int, last: Int) throws {
    let kept = try EventFile(columns: EventFileTests.columns, path: "x").kept(
      of: EventFileTests.fixture(), upTo: step, now: 5)
    #expect(kept == EventFileTests.written(upTo: last))
  }

  /// Wherever a file was cut, complete records stay, and a flipped bit is an error.
  @Test func damage() throws {
    let (file, whole) = (EventFile(columns: EventFileTests.columns, path: "x"), try EventFileTests.fixture())
    var ends: [Int] = [0, EventFile.beginning(at: 0).count]
    for row in EventFileTests.rows {
      ends.append(ends[ends.count - 1] + EventFile.event(row.step, row.values, EventFileTests.columns, at: 1).count)
    }
    #expect(ends.last == whole.count)
    for count in 0...whole.count {
      let complete = ends.last { $0 <= count } ?? 0
      let expected = complete == 0 ? EventFile.beginning(at: 5) : Array(whole.prefix(complete))
      // The first record has its own time, which the bytes before the twelfth do not tell.
      #expect(try file.kept(of: Array(whole.prefix(count)), upTo: .max, now: 5) == expected, "\(count)")
    }
    for place in 0..<whole.count {
      var damaged = whole
      damaged[place] ^= 1 << UInt8(place % 8)
      let error = #expect(throws: ArrayFileError.self, "\(place)") { try file.kept(of: damaged, upTo: .max, now: 5) }
      #expect(error?.kind == .malformed)
    }
  }

  /// Not a byte of a file that is no log of these columns is lost.
  @Test func otherFiles() async throws {
    let fixture = try EventFileTests.fixture()
    let event = EventFile.event(1, ["loss": 1], ["loss"], at: 1)
    let rows: [(bytes: [UInt8], columns: [String], reason: String)] = [
      (
        fixture, ["loss"],
        "the record at byte 80 does not belong to this log; it has a number named \"rate/größe\", not one of [\"loss\"]"
      ),
      (Array("step,loss\n".utf8), ["loss"], "the record at byte 0 does not belong to this log; it is not the beginning of one"),
      (
        Array("all weights of a year".utf8), ["loss"],
        "the record at byte 0 does not belong to this log; its length does not match its checksum"
      ),
      (event, ["loss"], "the record at byte 0 does not belong to this log; it does not say the version of the file"),
    ]
    try await withFolder { folder in
      let path = folder + "/events.out.tfevents.x"
      for (bytes, columns, reason) in rows {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ArrayFileError.self) { try TrainingLog(path, columns: columns, as: .tensorBoard, after: 9) }
        #expect(error?.reason == reason && error?.kind == .malformed && error?.file == path)
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == bytes)
      }
    }
  }

  @Test func aLogIsAppendedAndResumed() async throws {
    try await withFolder { folder in
      let path = folder + "/events.out.tfevents.run"
      var log = try TrainingLog(path, columns: ["loss"], as: .tensorBoard, after: 0)
      for step in 1...3 { try log.append(step: step, ["loss": Double(step)]) }
      let three = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
      var resumed = try TrainingLog(path, columns: ["loss"], as: .tensorBoard, after: 1)
      try resumed.append(step: 2, ["loss": 2])
      let two = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
      let record = EventFile.event(1, ["loss": 1], ["loss"], at: 1).count
      #expect(three.count == EventFile.beginning(at: 1).count + 3 * record && two.count == three.count - record)
      // The time of the second event is that of the second run.
      #expect(two.prefix(two.count - record) == three.prefix(two.count - record))
      let time = two.suffix(record).dropFirst(13).prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      #expect(abs(Double(bitPattern: time) - Date().timeIntervalSince1970) < 100)
    }
  }

  @Test func messages() async {
    let name = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try TrainingLog("tfevents/run.log", columns: ["loss"], as: .tensorBoard, after: 0)
    }
    #expect(
      stopSentence(name) == "TrainingLog: TensorBoard reads files whose names contain tfevents, and tfevents/run.log does not")
  }
}
