import Testing
import UnrollTestSupport

@testable import UnrollArrays

/// Every way to misuse an array stops with one sentence that names the operation and the values.
@Suite struct MessageTests {
  struct Misuse: Sendable {
    let sentence: String
    let commit: @Sendable () -> Void

    init(_ sentence: String, _ commit: @escaping @Sendable () -> Void) {
      self.sentence = sentence
      self.commit = commit
    }
  }

  static let misuses: [Misuse] = [
    Misuse("NDArray: 3 numbers do not fill shape [2, 2], which has 4 elements") {
      _ = NDArray([1, 2, 3] as [Float], shape: [2, 2])
    },
    Misuse("NDArray: shape [-1, 2] has a negative extent") { _ = NDArray([] as [Float], shape: [-1, 2]) },
    Misuse("full: shape [2, -3] has a negative extent") { _ = NDArray.zeros([2, -3]) },
    Misuse("an array has at most 8 axes, not 9") { _ = NDArray.zeros([1, 1, 1, 1, 1, 1, 1, 1, 1]) },
    Misuse("an array of shape [4611686018427387904, 4] has more elements than Int can count") {
      _ = NDArray.zeros([1 << 62, 4])
    },
    Misuse("an array of shape [4611686018427387904] has more bytes than Int can count") { _ = NDArray.zeros([1 << 62]) },
    Misuse("identity: size -1 is negative") { _ = NDArray.identity(-1) },
    Misuse("range: a step of 0.0 is zero or not finite") { _ = NDArray.range(from: 0, to: 1, by: 0) },
    Misuse("linearSpace: count -2 is negative") { _ = NDArray.linearSpace(0, 1, count: -2) },
    Misuse("item: an array of shape [2] has 2 elements, not one") { _ = NDArray.zeros([2]).item },
    Misuse("subscript: index 3 is out of range for axis 0 of shape [2, 3]") { _ = NDArray.zeros([2, 3])[3] },
    Misuse("subscript: index -3 is out of range for axis 0 of shape [2, 3]") { _ = NDArray.zeros([2, 3])[-3] },
    Misuse("subscript: 3 selections are too many for the 2 axes of shape [2, 3]") { _ = NDArray.zeros([2, 3])[0, 0, 0] },
    Misuse("subscript: .rest may appear only once") { _ = NDArray.zeros([2, 3])[.rest, .rest] },
    Misuse("subscript: a step of 0 selects nothing of axis 0") { _ = NDArray.zeros([2, 3])[.every(0)] },
    Misuse("subscript: shape [4] does not broadcast to the selected shape [3]") {
      var x = NDArray.zeros([2, 3])
      x[0] = NDArray.range(4)
    },
    Misuse("subscript: float64 cannot be assigned into float32; cast it") {
      var x = NDArray.zeros([2, 3])
      x[0] = NDArray.range(3, .float64)
    },
    Misuse("permuted: [0, 0] does not name each of the 2 axes of shape [2, 3] once") {
      _ = NDArray.zeros([2, 3]).permuted([0, 0])
    },
    Misuse("permuted: axis 2 is out of range for 2 axes") { _ = NDArray.zeros([2, 3]).permuted([0, 2]) },
    Misuse("transposed: axis -3 is out of range for 2 axes") { _ = NDArray.zeros([2, 3]).transposed(0, -3) },
    Misuse("reshaped: shape [2, 3] has 6 elements, shape [4, 2] has 8") { _ = NDArray.zeros([2, 3]).reshaped([4, 2]) },
    Misuse("reshaped: shape [2, 3] cannot become [4, -1]: 6 elements do not divide evenly") {
      _ = NDArray.zeros([2, 3]).reshaped([4, -1])
    },
    Misuse("reshaped: shape [-1, -1] has negative extents; at most one may be -1") {
      _ = NDArray.zeros([2, 3]).reshaped([-1, -1])
    },
    Misuse("broadcast: shape [2, 3] does not broadcast to [3, 3]") { _ = NDArray.zeros([2, 3]).broadcast(to: [3, 3]) },
    Misuse("broadcast: shape [2] does not broadcast to [3]") { _ = Mask([true, false]).broadcast(to: [3]) },
    Misuse("broadcast: shape [2] does not broadcast to [3]") { _ = ([1, 2] as Indices).broadcast(to: [3]) },
    Misuse("broadcast: shape [1] does not broadcast to [-1]") { _ = NDArray.zeros([1]).broadcast(to: [-1]) },
    Misuse("broadcast: shape [1] does not broadcast to [-2, 1]") { _ = Mask([true]).broadcast(to: [-2, 1]) },
    Misuse("tiled: shape [2] repeated [9223372036854775807] times has more bytes than Int can count") {
      _ = NDArray.zeros([2]).tiled([.max])
    },
    Misuse("tiled: shape [1, 3] repeated [2305843009213693952, 1] times has more bytes than Int can count") {
      _ = NDArray.zeros([3]).tiled([1 << 61, 1])
    },
    Misuse("Shape: there is no axis 2 in shape [2, 3]") { _ = NDArray.zeros([2, 3]).shape[2] },
    Misuse("Shape: there is no axis -1 in shape [2, 3]") { _ = ([2, 3] as Shape)[-1] },
    Misuse("Shape: there is no axis 1 in shape [2]") {
      var shape: Shape = [2]
      shape[1] = 3
    },
    Misuse("padded: extents of shape [2] with margins exceed Int") { _ = NDArray.zeros([2]).padded([(.max, 1)]) },
    Misuse("split: parts of [9223372036854775807, 1] do not make up the extent 3 of axis 0") {
      _ = NDArray.zeros([3]).split([.max, 1], axis: 0)
    },
    Misuse("range: from 0.0 to nan by 1.0 gives nan numbers, too many for an array") {
      _ = NDArray.range(from: 0, to: .nan, by: 1)
    },
    Misuse("an array of shape [4611686018427387904] has more bytes than Int can count") {
      _ = NDArray.linearSpace(0, 1, count: 1 << 62)
    },
    Misuse("squeezingAxis: axis 1 of shape [2, 3] has extent 3, not 1") { _ = NDArray.zeros([2, 3]).squeezingAxis(1) },
    Misuse("diagonal: an array of shape [3] has fewer than two axes") { _ = NDArray.zeros([3]).diagonal() },
    Misuse("concatenate: there are no arrays") { _ = NDArray.concatenate([], axis: 0) },
    Misuse("concatenate: shapes [2, 3] and [2, 4] differ in more than axis 0") {
      _ = NDArray.concatenate([NDArray.zeros([2, 3]), NDArray.zeros([2, 4])], axis: 0)
    },
    Misuse(mixing("concatenate")) {
      _ = NDArray.concatenate([NDArray.zeros([2]), NDArray.zeros([2], .float64)], axis: 0)
    },
    Misuse("stack: shapes [2] and [3] differ") { _ = NDArray.stack([NDArray.zeros([2]), NDArray.zeros([3])]) },
    Misuse("split: parts of [1, 1] do not make up the extent 3 of axis 0") { _ = NDArray.zeros([3]).split([1, 1], axis: 0) },
    Misuse("chunks: count 0 is not positive") { _ = NDArray.zeros([3]).chunks(0, axis: 0) },
    Misuse("tiled: [-1] has negative counts") { _ = NDArray.zeros([3]).tiled([-1]) },
    Misuse("padded: 1 margins do not fit the 2 axes of shape [2, 3]") { _ = NDArray.zeros([2, 3]).padded([(1, 1)]) },
    Misuse("Mask: 2 values do not fill shape [3]") { _ = Mask([true, false], shape: [3]) },
    Misuse("|: shapes [2] and [3] do not broadcast") { _ = Mask([true, false]) | Mask([true, true, true]) },
    Misuse("Indices: 2 numbers do not fill shape [3]") { _ = Indices([1, 2], shape: [3]) },
    Misuse("Indices: 4294967296 does not fit 32 bits") { _ = Indices([1 << 32]) },
    Misuse("matmul: shapes [2, 3] and [4, 5] do not fit: their inner extents 3 and 4 differ") {
      _ = NDArray.zeros([2, 3]).matmul(NDArray.zeros([4, 5]))
    },
    Misuse(mixing("matmul")) {
      _ = NDArray.zeros([2, 3]).matmul(NDArray.zeros([3], .float64))
    },
    Misuse("matmul: a scalar is not a matrix (shapes [] and [3]); multiply with *") {
      _ = NDArray(1 as Double).matmul(NDArray.zeros([3], .float64))
    },
    Misuse("matmul: the leading axes of shapes [2, 3, 4] and [3, 4, 5] do not broadcast") {
      _ = NDArray.zeros([2, 3, 4]).matmul(NDArray.zeros([3, 4, 5]))
    },
    Misuse("matmul: shapes [2, 3] and [4, 5] do not fit: their inner extents differ") {
      _ = NDArray.zeros([2, 3]).matmul(PackedMatrix(NDArray.zeros([4, 5])))
    },
    Misuse("PackedMatrix: an array of shape [3] is not a matrix") { _ = PackedMatrix(NDArray.zeros([3])) },
    Misuse("multiply: shapes [2, 3] and [3, 4] give [2, 4], not the target's [2, 5]") {
      var target = NDArray.zeros([2, 5])
      NDArray.multiply(NDArray.zeros([2, 3]), NDArray.zeros([3, 4]), into: &target)
    },
    Misuse("multiply: a bias of shape [3] does not fit 4 columns") {
      var target = NDArray.zeros([2, 4])
      NDArray.multiply(NDArray.zeros([2, 3]), NDArray.zeros([3, 4]), into: &target, bias: NDArray.zeros([3]))
    },
    Misuse("multiply: a bias cannot be added while accumulating") {
      var target = NDArray.zeros([2, 4])
      NDArray.multiply(
        NDArray.zeros([2, 3]), NDArray.zeros([3, 4]), into: &target, accumulating: true, bias: NDArray.zeros([4]))
    },
    Misuse("threadCount: 0 is not between 1 and 256") { Machine.threadCount = 0 },
  ]

  @Test(arguments: misuses.indices)
  func oneSentence(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      Self.misuses[index].commit()
    }
    #expect(stopSentence(result) == Self.misuses[index].sentence)
  }
}
