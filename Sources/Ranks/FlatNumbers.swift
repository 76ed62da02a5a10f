internal import UnrollArrays
internal import UnrollAutograd

/// Arrays of one element type in one buffer, each scaled on its way in: what is added over all ranks.
struct FlatNumbers {
  /// `[numbers]`, with zeros at the end that make its length a multiple of the number of ranks.
  private var numbers: NDArray
  private let starts: [Int]

  init(_ arrays: [NDArray], _ type: ElementType, scale: Double, lengthIn ranks: Int) {
    var (starts, end) = ([Int](), 0)
    for array in arrays {
      starts.append(end)
      end += array.count
    }
    self.starts = starts
    let length = (end + ranks - 1) / ranks * ranks
    if scale == 0 {
      // A rank without a target may have a gradient of NaN, which a product by 0 would keep.
      numbers = NDArray.zeros([length], type)
      return
    }
    numbers = NDArray(uninitialized: [length], type)
    numbers.fill(0, at: end..<length)
    for (array, start) in zip(arrays, starts) {
      let row = array.reshaped([array.count])
      numbers[start..<start + array.count] = scale == 1 ? row : row * scale
    }
  }

  /// The part that one of the arrays became, as a view.
  func array(_ index: Int, shape: Shape) -> NDArray {
    numbers[starts[index]..<starts[index] + shape.elementCount].reshaped(shape)
  }

  /// Adds the buffers of all ranks in the order of the communicator.
  func sum(on others: any Communicator, pieceBytes: Int = pieceBytes) {
    withAddress { address in
      for (start, count) in pieces(lanes: 1, pieceBytes) {
        others.sum(address + start * numbers.type.size, numbers.type, count: count)
      }
    }
  }

  /// Adds the buffers of all ranks in rank order: every rank adds a part of its own, which it receives from all ranks, and then
  /// gives all others the result. As many bytes travel as in a ring, and the bits are those of any communicator.
  func sumInRankOrder(on others: any Communicator, pieceBytes: Int = pieceBytes) {
    let (ranks, type) = (others.count, numbers.type)
    withAddress { address in
      for (start, count) in pieces(lanes: ranks, pieceBytes) {
        let share = count / ranks
        let received = NDArray(uninitialized: [ranks, share], type)
        let piece = address + start * type.size
        received.withAddress { others.exchange(piece, into: $0, byteCount: share * type.size) }
        let sum = (1..<ranks).reduce(received[0]) { $0 + received[$1] }.contiguous()
        sum.withAddress { others.gather($0, into: piece, byteCount: share * type.size) }
      }
    }
  }

  /// The buffer in pieces of bounded size, each of as many numbers for every lane.
  private func pieces(lanes: Int, _ pieceBytes: Int) -> [(start: Int, count: Int)] {
    let most = max(1, pieceBytes / numbers.type.size / lanes) * lanes
    return stride(from: 0, to: numbers.count, by: most).map { ($0, min(most, numbers.count - $0)) }
  }

  private func withAddress(_ body: (UnsafeMutableRawPointer) -> Void) { numbers.withAddress(body) }
}

extension NDArray {
  /// Calls `body` with the address of the first element of a contiguous array. Written only to arrays that nothing else references.
  fileprivate func withAddress(_ body: (UnsafeMutableRawPointer) -> Void) {
    withExtendedLifetime(view.storage) { body(view.storage.pointer + view.offset * type.size) }
  }
}
