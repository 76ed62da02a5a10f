public import UnrollArrays
internal import UnrollAutograd
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
///     let rows = ranks.share(of: x.shape[0])
///     let inputs = x[rows]
///     let (loss, slope) = valueAndGradient(at: model) { $0(inputs).square().mean() }
///     let gradient = ranks.mean(slope, weight: Double(rows.count))
///     optimizer.update(&model, along: gradient.clipped(norm: 1))
///     if ranks.isFirst { print(loss.item) }
///
/// All ranks must call the same functions of `Ranks` in the same order. Those that differ, in the calls, in the sizes or in the
/// shuffles, end all ranks with one sentence.
public struct Ranks: Sendable {
  /// The other ranks; nil if there are none.
  let others: (any Communicator)?
  /// Whether gradients are added in rank order.
  private let addsInRankOrder: Bool

  init(_ others: (any Communicator)?, addingInRankOrder: Bool = true) {
    self.others = others
    addsInRankOrder = addingInRankOrder
  }

  /// Joins the ranks that a launcher has started; one rank without a launcher, without a look for MPI. Throws if this process is one of
  /// several ranks and cannot join the others.
  ///
  /// `addingInRankOrder` makes the bits of a sum independent of the MPI library, the machines and the network. Without it the library
  /// adds as it likes, which is quicker where the network itself adds.
  ///
  ///     let ranks = try Ranks.joined()
  ///     print("rank \(ranks.rank) of \(ranks.count)")
  public static func joined(addingInRankOrder: Bool = true) throws(RanksError) -> Ranks {
    Ranks(try MPI.joined.get(), addingInRankOrder: addingInRankOrder)
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

  /// A generator for what each rank draws for its own rows, such as dropout. The generator that all ranks share advances by one, on
  /// any number of ranks, so that it still shuffles alike.
  ///
  ///     var noise = try Ranks.joined().split(&generator)
  ///     let dropped = Dropout(0.1)(x, using: &noise)
  public func split(_ generator: inout Generator) -> Generator {
    var family = generator.split()
    return family.split(into: count)[rank]
  }
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
