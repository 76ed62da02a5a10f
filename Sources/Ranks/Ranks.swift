public import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles
public import UnrollNetworks

/// The processes that train one model together, each on its share of every batch: data parallelism over MPI.
///
/// A launcher (`mpirun`, `mpiexec`, `srun`) starts the same program many times, and each process is one rank. All ranks hold the same
/// model, compute the gradient of their rows, and `mean` gives all of them the gradient of the whole batch, so that their updates are
/// equal. Without a launcher there is one rank, and nothing is loaded or exchanged.
///
///     let ranks = try Ranks.joined()
///     var optimizer = Adam(for: model)
///     ranks.broadcast(&model)
///     let rows = ranks.share(of: 64)
///     let (inputs, wanted) = (x[rows], weights[0..<1])
///     let (loss, slope) = valueAndGradient(at: model) { model in (model(inputs) - wanted[.all, 0..<1]).square().mean() }
///     let gradient = ranks.mean(slope, weight: Double(rows.count))
///     optimizer.update(&model, along: gradient.clipped(norm: 1))
///     if ranks.isFirst { print(loss.item) }
///
/// All ranks must call the same functions of `Ranks` in the same order. Those that differ, in the calls, in the sizes or in the
/// shuffles, end all ranks with one sentence.
public struct Ranks: Sendable {
  /// The other ranks; nil if there are none.
  let others: (any Communicator)?
  /// Whether gradients are added in rank order, so that the bits of a sum do not depend on the MPI library.
  public let addsInRankOrder: Bool

  init(_ others: (any Communicator)?, addingInRankOrder: Bool = true) {
    self.others = others
    addsInRankOrder = addingInRankOrder
  }

  /// The number of this rank, from 0 on.
  public var rank: Int { others?.rank ?? 0 }

  /// The number of ranks.
  public var count: Int { others?.count ?? 1 }

  /// Whether this is rank 0, which shows progress, and writes logs and checkpoints.
  ///
  ///     let ranks = try Ranks.joined()
  ///     var progress = ranks.isFirst ? Progress(total: 100) : nil
  ///     progress?.update(step: 1, loss: 0.5)
  public var isFirst: Bool { rank == 0 }
}

/// The work of a batch, divided.
extension Ranks {
  /// This rank's part of `0..<count`: contiguous, and at most one longer than that of another rank.
  ///
  ///     let rows = try Ranks.joined().share(of: x.shape[0])
  ///     print(x[rows].shape)
  public func share(of count: Int) -> Range<Int> {
    require(count >= 0, "share: a count of \(count) is negative")
    let (least, more) = count.quotientAndRemainder(dividingBy: self.count)
    return least * rank + min(rank, more)..<least * (rank + 1) + min(rank + 1, more)
  }

  /// A generator for what each rank draws for its own rows, such as dropout. The generator that all ranks share advances equally on
  /// all of them, so that it still shuffles alike.
  ///
  ///     var noise = try Ranks.joined().split(&generator)
  ///     let dropped = Dropout(0.1)(x, using: &noise)
  public func split(_ generator: inout Generator) -> Generator { generator.split(into: count)[rank] }
}

/// Means over all ranks.
extension Ranks {
  /// Σ w g / Σ w over the gradients of all ranks, equal to the last bit on all of them.
  ///
  /// If each rank's loss is a mean over its targets, and w their number, this is the gradient of the mean over all targets, as
  /// `GradientMean` has it for the parts of a batch on one rank. A rank without targets has weight 0. Clip after the mean: the norm
  /// is then that of the whole batch, on all ranks.
  ///
  ///     let slope = gradient(at: model) { $0(x).square().mean() }
  ///     let gradient = try Ranks.joined().mean(slope, weight: 64).clipped(norm: 5)
  public func mean<Model: Module>(_ gradient: Model, weight: Double = 1) -> Model {
    requireWeight(weight)
    guard let others else { return gradient }
    let parameters = gradient.parameters
    for (name, parameter) in parameters {
      require(!parameter.isRecorded, "mean: the gradient of \(name) is recorded, and other ranks know nothing of its record")
    }
    let all = others.agree(
      Notice(
        .gradientMean, size: parameters.reduce(0) { $0 + $1.tensor.count }, layout: Ranks.layout(of: parameters), weight: weight
      ))
    let scale = weight / total(all.map(\.weight), others)
    var mean = gradient
    for type in ElementType.allCases {
      let arrays = parameters.map(\.tensor).filter { $0.type == type && !$0.isFrozen }.map(\.array)
      if arrays.isEmpty { continue }
      let flat = FlatNumbers(arrays, type, scale: scale, lengthIn: count)
      if addsInRankOrder { flat.sumInRankOrder(on: others) } else { flat.sum(on: others) }
      var next = 0
      mean.visitParameters { _, parameter in
        if parameter.type != type || parameter.isFrozen { return }
        let shape = parameter.shape
        parameter.modifyArray { $0 = flat.array(next, shape: shape) }
        next += 1
      }
    }
    return mean
  }

  /// Σ w x / Σ w over the numbers of all ranks, such as losses and other metrics; it is added in rank order, and equal on all of them.
  ///
  ///     let loss = try Ranks.joined().mean(0.25, weight: 64)
  public func mean(_ number: Double, weight: Double = 1) -> Double {
    requireWeight(weight)
    guard let others else { return number }
    let all = others.agree(Notice(.numberMean, weight: weight, number: number))
    let total = total(all.map(\.weight), others)
    return all.reduce(0) { $1.weight == 0 ? $0 : $0 + $1.weight / total * $1.number }
  }

  private func requireWeight(_ weight: Double) {
    require(weight >= 0 && weight.isFinite, "mean: a weight of \(weight) is negative or not finite")
    require(weight > 0 || others != nil, "mean: the weight of the only rank is 0, so there is no mean")
  }

  private func total(_ weights: [Double], _ others: any Communicator) -> Double {
    let total = weights.reduce(0, +)
    if !(total > 0 && total.isFinite) {
      others.end("mean: the weights of the \(count) ranks sum to \(total), so there is no mean", isKnownToAll: true)
    }
    return total
  }

  private static func layout(of parameters: [(name: String, tensor: Tensor)]) -> UInt64 {
    var sum = Checksum()
    for (name, tensor) in parameters {
      sum.add(name)
      sum.add(Int(tensor.type.rawValue) * 2 + (tensor.isFrozen ? 1 : 0))
      sum.add(tensor.rank)
      for extent in tensor.shape { sum.add(extent) }
    }
    return sum.value
  }
}

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
