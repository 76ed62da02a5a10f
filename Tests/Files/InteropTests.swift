import Foundation
import Testing
import UnrollArrays

@testable import UnrollFiles

/// Files that NumPy and the safetensors package wrote. Each file of the folder must have its expectation here.
struct InteropTests {
  static let files =
    FileManager.default.enumerator(atPath: interop)?.compactMap { $0 as? String }
    .filter { $0 != "npy" }.sorted() ?? []

  @Test func theFolderIsThere() {
    #expect(InteropTests.files.count == 32)
  }

  @Test(arguments: files) func everyFileReadsExactly(_ file: String) throws {
    switch file {
    case "dtypes.safetensors", "dtypes.json": try checkFormats()
    case "npy/values.json": try checkEveryValueHasItsFile()
    case _ where file.hasPrefix("npy/"): try checkNPY(String(file.dropFirst(4)))
    case "arrays.npz", "arrays_compressed.npz": try checkArrays(file)
    case "positional.npz":
      let read = try NPZ.read(interop + file)
      #expect(read.keys.sorted() == ["arr_0", "arr_1"])
      try expect(read["arr_0"], equals: "f8_c.npy")
      try expect(read["arr_1"], equals: "b1_c.npy")
    case "tagger_f32_io.safetensors", "tagger_f64_io.safetensors": try checkModelOutputs(file)
    case "tagger_f32.safetensors", "tagger_f64.safetensors": try checkRewriting(file)
    case "tagger_f32.npz", "tagger_f64.npz", "tagger_f32_compressed.npz", "tagger_f64_compressed.npz":
      try checkWeights(file)
    default: Issue.record("no expectation for \(file)")
    }
  }

  private func values() throws -> JSON { try JSON(fixture("interop/npy/values.json")) }

  private func checkFormats() throws {
    let expected = try JSON(fixture("interop/dtypes.json"))
    let file = try SafetensorsFile(interop + "dtypes.safetensors")
    #expect(Set(file.names) == Set(expected.members.map(\.name)))
    #expect(Set(file.names.compactMap { file[$0]?.format }.map { "\($0)" }).count == 10)
    for (name, tensor) in expected.members.map({ ($0.name, $0.value) }) {
      let read = try file.read(name)
      #expect(read.shape.map(Int64.init) == tensor["shape"]?.elements.compactMap(\.integer))
      let values = tensor["values"]?.elements.map { $0.string ?? "\($0.double ?? .nan)" }
      let isNarrow = read.format != .float64 && read.format.kind == .float
      // The reference has float32 rounded to the shortest decimals of a float64.
      #expect(try texts(read) == (isNarrow ? values?.map { "\(Double(Float($0) ?? .nan))" } : values), "\(name)")
    }
    #expect(try file.read("bf16").array().type == .float32)
    #expect(
      try Safetensors.encode(Safetensors.read(interop + "dtypes.safetensors"), metadata: file.metadata)
        == fixture("interop/dtypes.safetensors"))
  }

  private func checkEveryValueHasItsFile() throws {
    #expect(
      try values().members.map { "npy/" + $0.name }.sorted()
        == InteropTests.files.filter { $0.hasSuffix(".npy") })
  }

  private func checkNPY(_ file: String) throws {
    let read = try NPY.read(interop + "npy/" + file)
    try expect(Optional(read), equals: file)
    let isRowMajor = try values()[file]?["fortran_order"]?.truth == false
    if isRowMajor && !file.contains("big_endian") && !file.contains("version2") {
      #expect(try NPY.encode(read) == fixture("interop/npy/" + file))
    }
  }

  /// Compares with what the reference says about one of the npy files.
  private func expect(_ read: StoredArray?, equals file: String) throws {
    let read = try #require(read)
    let expected = try #require(try values()[file])
    #expect(read.shape.map(Int64.init) == expected["shape"]?.elements.compactMap(\.integer))
    let descr = try #require(expected["descr"]?.string)
    let kind: ElementFormat.Kind = descr.contains("f") ? .float : descr.contains("b") ? .truth : .integer
    #expect(read.format.kind == kind && descr.hasSuffix("\(read.format.size)"))
    let values = expected["values_in_c_order"]?.elements.compactMap(\.string) ?? []
    if kind == .float {
      #expect(try texts(read) == values.map { "\(Double($0) ?? 0)" })
    } else {
      #expect(try texts(read) == values)
    }
  }

  private func checkArrays(_ file: String) throws {
    let read = try NPZ.read(interop + file)
    #expect(read.keys.sorted() == ["fortran", "ids", "mask", "scalar", "weights"])
    try expect(read["weights"], equals: "f8_c.npy")
    try expect(read["fortran"], equals: "f4_fortran.npy")
    try expect(read["ids"], equals: "i8_c.npy")
    try expect(read["mask"], equals: "b1_c.npy")
    #expect(try read["scalar"]?.integers() == [7] && read["scalar"]?.shape == [])
    #expect(try NPZFile(interop + file).names == ["weights", "fortran", "ids", "mask", "scalar"])
  }

  /// The checksums are those of the bytes that Python's safetensors reads.
  private func checkModelOutputs(_ file: String) throws {
    let isNarrow = file.contains("f32")
    let expected: KeyValuePairs<String, (shape: Shape, narrow: UInt32, wide: UInt32)> = [
      "ids": ([3, 7], 0x8B25_6F43, 0x8B25_6F43), "out.logits": ([3, 7, 4], 0x8F88_8899, 0xC7B0_23C7),
      "out.h_n": ([4, 3, 6], 0x669F_DACD, 0x3788_707F), "out.c_n": ([4, 3, 6], 0x41A5_51B8, 0x991F_F7C8),
    ]
    let read = try SafetensorsFile(interop + file)
    #expect(read.names == expected.map(\.key))
    for (name, (shape, narrow, wide)) in expected {
      let array = try read.read(name)
      #expect(array.shape == shape)
      #expect(try bytes(array).withUnsafeBytes { CRC32.checksum($0) } == (isNarrow ? narrow : wide), "\(name)")
    }
    let config = try JSON([UInt8](try #require(read.metadata["config"]).utf8))
    #expect(config["hidden"]?.integer == 6 && config["bidirectional"]?.truth == true)
  }

  /// What we write is what the safetensors package writes, byte for byte.
  private func checkRewriting(_ file: String) throws {
    let read = try SafetensorsFile(interop + file)
    #expect(read.names.count == 19)
    let arrays = try Safetensors.read(interop + file)
    #expect(try Safetensors.encode(arrays, metadata: read.metadata) == fixture("interop/" + file))
  }

  private func checkWeights(_ file: String) throws {
    let fromZip = try NPZ.read(interop + file)
    let reference = try Safetensors.read(interop + file.prefix(10) + ".safetensors")
    #expect(fromZip.keys.sorted() == reference.keys.sorted())
    for (name, array) in reference {
      let other = try #require(fromZip[name])
      #expect(other.shape == array.shape && other.format == array.format)
      #expect(try bytes(other) == bytes(array), "\(name)")
    }
  }
}
