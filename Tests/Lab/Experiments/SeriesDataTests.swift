import Foundation
import Testing
import UnrollArrays
import UnrollAutograd
import UnrollFiles
import UnrollTestSupport
import UnrollTraining

@testable import unroll_lab

/// Series of files, divided and standardised, and what cannot be learned.
@Suite struct SeriesDataTests {
  static let header = "@univariate true\n@classLabel true up down\n@data\n"

  private func write(_ text: String, _ path: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func archive() async throws {
    try await withFolder { folder in
      try write(Self.header + "1,2,3:up\n3,2:down\n1,?,4:up\n", folder + "/Slopes_TRAIN.ts")
      // The same classes in another order.
      try write("@classLabel true down up\n@data\n0,9:up\n", folder + "/Slopes_TEST.ts")
      let data = try SeriesData(contentsOf: folder + "/Slopes_TRAIN.ts")
      #expect(data.name == "Slopes_TRAIN.ts" && data.training.lengths == [3, 2, 3] && data.test.cases.count == 1)
      let (training, test) = data.standardized
      #expect(training.labels == [0, 1, 0] && test.labels == [0] && test.classes == ["up", "down"])
      // Of the seven numbers 1 2 3 3 2 1 4 the mean is 16/7, and the variance 44/7 − (16/7)².
      let (mean, deviation) = (16.0 / 7, (44.0 / 7 - 256.0 / 49).squareRoot())
      let numbers = training.cases[2].scalars(as: Double.self)
      #expect(abs(numbers[0] - (1 - mean) / deviation) < 1e-6 && numbers[1].isNaN)
      #expect(abs(test.cases[0].scalars(as: Double.self)[1] - (9 - mean) / deviation) < 1e-5)
    }
  }

  /// A file alone is divided, the same way every time, and every case is on one side.
  @Test func oneFile() async throws {
    try await withFolder { folder in
      let path = folder + "/slopes.ts"
      try write(Self.header + (0..<8).map { "\($0),\($0),\($0):\($0 % 2 == 0 ? "up" : "down")\n" }.joined(), path)
      let (data, again) = (try SeriesData(contentsOf: path), try SeriesData(contentsOf: path))
      #expect(data.training.cases.count == 6 && data.test.cases.count == 2 && data.test.text == again.test.text)
      let all = (data.training.cases + data.test.cases).map { $0.scalars(as: Double.self)[0] }
      #expect(all.sorted() == (0..<8).map(Double.init))
    }
  }

  @Test func arrays() async throws {
    try await withFolder { folder in
      let path = folder + "/series.npz"
      let (x, y) = (Tensor([1.0, 2, 3, 4, 5, 6], shape: [3, 2]), StoredArray([2, 0, 1]))
      let (many, one) = (Tensor(Array(repeating: 1.0, count: 12), shape: [3, 2, 2]), Tensor([1.0, 2], shape: [1, 2]))
      try NPZ.write(["x": x, "y": y, "x_test": one, "y_test": StoredArray([1])], to: path)
      let data = try SeriesData(contentsOf: path)
      #expect(data.training.labels == [2, 0, 1] && data.training.cases[1].scalars(as: Double.self) == [3, 4])
      #expect(data.training.cases[0].shape == [2, 1] && data.training.classes == ["0", "1", "2"] && data.test.labels == [1])
      let good: [String: any StoredArrayConvertible] = ["x": x, "y": y]
      let infinite = Tensor([.infinity, 0], shape: [1, 2])
      let wrongs: [(test: [String: any StoredArrayConvertible], sentence: String)] = [
        (["x_test": one, "y_test": StoredArray([3])], "the class 3 of the test is not among those to learn"),
        (["x_test": one, "y_test": StoredArray([-1])], "y_test does not number classes from 0 on"),
        (["x_test": one, "y_test": StoredArray([0, 1])], "y_test has 2 classes for the 1 cases of x_test"),
        (["x_test": infinite, "y_test": StoredArray([0])], "a number is infinite"),
        (
          ["x_test": one.reshaped([2]), "y_test": StoredArray([0])],
          "x_test of shape [2] is not [cases, time] or [cases, time, dimensions]"
        ),
        (
          ["x_test": many, "y_test": StoredArray([0, 0, 0])],
          "series of 1 dimensions to learn, and of 2 in the test"
        ),
      ]
      for (test, sentence) in wrongs {
        try NPZ.write(good.merging(test) { $1 }, to: path)
        #expect(throws: SeriesData.Unfit(description: "\(path): \(sentence)")) { try SeriesData(contentsOf: path) }
      }
      try NPZ.write(good, to: path)
      let missing = #expect(throws: ArrayFileError.self) { try SeriesData(contentsOf: path) }
      #expect(missing?.kind == .missing && "\(missing as Any)".contains("x_test"))
    }
  }

  @Test func whatCannotBeLearned() async throws {
    try await withFolder { folder in
      let none = "names no classes to learn; a file with @classLabel true does"
      for (name, text, sentence) in [
        ("regression.ts", "@targetlabel true\n@data\n1,2:0.5\n", none),
        ("one.ts", Self.header + "1:up\n", "has 1 series, too few to keep some aside"),
      ] {
        let path = folder + "/" + name
        try write(text, path)
        #expect(throws: SeriesData.Unfit(description: "\(path) \(sentence)")) { try SeriesData(contentsOf: path) }
      }
      try write(Self.header + "1:up\n", folder + "/Half_TRAIN.ts")
      let half = #expect(throws: DataFileError.self) { try SeriesData(contentsOf: folder + "/Half_TRAIN.ts") }
      #expect(half?.file == folder + "/Half_TEST.ts")
      try write(Self.header + "1:over\n", folder + "/Half_TEST.ts")
      let damaged = #expect(throws: DataFileError.self) { try SeriesData(contentsOf: folder + "/Half_TRAIN.ts") }
      #expect(damaged?.line == 4 && damaged?.kind == .malformed)
    }
  }

  /// Distances by hand: a shorter series goes on with zeros, and a missing number is one.
  @Test func nearest() throws {
    let training = try SeriesFile(text: Self.header + "0,0,5:up\n4,4,?:down\n")
    let test = try SeriesFile(text: Self.header + "3,3:down\n1,0,4:up\n3,3,0:up\n0,0,1:up\n")
    #expect(nearestNeighbours(training, test) == 0.75)
  }

  /// By command: a row for every network, none of them twice, and another file is another training.
  @Test func byCommand() async throws {
    try await withFolder { folder in
      let path = folder + "/Slopes_TRAIN.ts"
      try write(Self.header + (0..<6).map { "\($0),1,0:up\n0,1,\($0):down\n" }.joined(), path)
      try write(Self.header + "2,1,0:up\n0,1,3:down\n", folder + "/Slopes_TEST.ts")
      func run(_ arguments: [String]) async throws -> (text: String, trained: Int) {
        let all = ["reproduce"] + arguments + ["--seeds", "1", "--updates", "2", "--out", folder + "/out"]
        var reproduction = Reproduction(options: try Options(all))
        reproduction.isInterrupted = { false }
        reproduction.workingFolder = folder
        var count = 0
        reproduction.tell = { if $0.contains(" updates, measured ") { count += 1 } }
        return (try await reproduction.run(), count)
      }
      let (text, trained) = try await run(["--data", path])
      #expect(trained == 5 && text.split(separator: "\n").count { $0.hasPrefix("| series of Slopes_TRAIN.ts |") } == 5)
      #expect(text.contains("2 test cases right than by the class of the nearest of the 12 training cases"))
      #expect(try await run(["--data", path]).trained == 0)
      try write(Self.header + "2,1,0:up\n0,2,3,4:down\n", folder + "/Slopes_TEST.ts")
      let ragged = try await run(["series", "--data", path])
      #expect(ragged.trained == 4 && !ragged.text.contains("every output read"))
      for (arguments, sentence) in [
        (["series"], "name a file of series to classify: unroll-lab reproduce --data FILE"),
        (["adding", "--data", path], "--data is for the experiment series, which is not among those named"),
      ] {
        await #expect(throws: Options.Misuse(description: sentence)) { try await run(arguments) }
      }
    }
  }
}
