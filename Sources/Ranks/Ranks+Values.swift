internal import UnrollFiles
public import UnrollNetworks

/// Values of all kinds from rank to rank.
extension Ranks {
  /// Gives all ranks the value of rank 0: a model, an optimizer, a generator, a state, a number or a text. Frozen parameters stay frozen
  /// where they are.
  ///
  ///     let ranks = try Ranks.joined()
  ///     var optimizer = Adam(for: model)
  ///     ranks.broadcast(&model)
  ///     ranks.broadcast(&optimizer)
  ///     ranks.broadcast(&generator)
  public func broadcast<Value: Storable>(_ value: inout Value) {
    guard let others else { return }
    let record = broadcast(isFirst ? Ranks.record(of: value) : Record(), others)
    if isFirst { return }
    do throws(LoadingError) {
      value = try value.restored(from: record.part(Ranks.root))
    } catch {
      others.end("broadcast: the value of rank 0 does not fit that of rank \(rank): \(error)", isKnownToAll: false)
    }
  }

  /// The values of all ranks, in rank order, on all ranks: metrics, states, generators.
  ///
  ///     let ranks = try Ranks.joined()
  ///     for (rank, loss) in ranks.gathered(0.25).enumerated() { print(rank, loss) }
  public func gathered<Value: Restorable>(_ value: Value) -> [Value] {
    guard let others else { return [value] }
    var bytes = Ranks.bytes(of: Ranks.record(of: value), others)
    let sizes = others.agree(Notice(.gathering, size: bytes.count)).map(\.size)
    return sizes.enumerated().map { root, size in
      var part = root == rank ? bytes : [UInt8](repeating: 0, count: size)
      others.broadcast(&part, from: root)
      if root == rank {
        bytes = []
        return value
      }
      do throws(LoadingError) {
        return try Value(from: try Ranks.record(from: part).part(Ranks.root))
      } catch {
        others.end("gathered: the value of rank \(root) does not fit that of rank \(rank): \(error)", isKnownToAll: false)
      }
    }
  }

  /// The record of rank 0.
  func broadcast(_ record: Record, _ others: any Communicator) -> Record {
    var bytes = isFirst ? Ranks.bytes(of: record, others) : []
    let size = others.agree(Notice(.broadcast, size: bytes.count))[0].size
    if !isFirst { bytes = [UInt8](repeating: 0, count: size) }
    others.broadcast(&bytes, from: 0)
    if isFirst { return record }
    do throws(LoadingError) {
      return try Ranks.record(from: bytes)
    } catch {
      others.end("broadcast: what rank 0 has sent does not arrive whole at rank \(rank): \(error)", isKnownToAll: false)
    }
  }

  /// The name of a value in its record: an array without a name is none.
  private static let root = "value"

  private static func record(of value: some Storable) -> Record {
    var record = Record()
    record.store(value, as: root)
    return record
  }

  private static func bytes(of record: Record, _ others: any Communicator) -> [UInt8] {
    do throws(ArrayFileError) {
      return try Safetensors.encode(record.arrays, metadata: record.texts)
    } catch {
      others.end("rank \(others.rank) cannot send a value: \(error)", isKnownToAll: false)
    }
  }

  private static func record(from bytes: [UInt8]) throws(LoadingError) -> Record {
    var record = Record()
    do throws(ArrayFileError) {
      let file = try SafetensorsFile(bytes: bytes)
      record.texts = file.metadata
      record.arrays = try file.arraysByName()
    } catch {
      throw LoadingError(error)
    }
    return record
  }
}
