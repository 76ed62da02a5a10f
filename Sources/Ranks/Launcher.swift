internal import UnrollArrays

/// What a launcher has told this process by environment variables.
struct Launcher: Equatable {
  /// The number of ranks; nil if the launcher does not say.
  let count: Int?
  /// The number of ranks on this machine, if known.
  let localCount: Int?
  /// The ABIs that the launcher's ranks can have, its own first.
  let abis: [ABI.Name]

  /// The launchers' variables, with Slurm's last: it may have started another launcher.
  private static let known: [(count: String, localCount: String, abis: [ABI.Name])] = [
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", [.openMPI, .standard]),
    ("PMI_SIZE", "MPI_LOCALNRANKS", [.mpich, .standard, .openMPI]),
    ("SLURM_STEP_NUM_TASKS", "", [.standard, .openMPI, .mpich]),
  ]

  /// Nil if this process is alone: without a launcher, or as its only rank.
  init?(_ environment: (String) -> String?) {
    func number(_ name: String) -> Int? { environment(name).flatMap { Int($0) } }
    for (count, localCount, abis) in Launcher.known {
      guard let ranks = number(count) else { continue }
      if ranks <= 1 { return nil }
      (self.count, self.localCount, self.abis) = (ranks, number(localCount), abis)
      return
    }
    // PMIx numbers its ranks, but does not count them in the environment.
    guard environment("PMIX_RANK") != nil else { return nil }
    (count, localCount, abis) = (nil, nil, [.standard, .openMPI, .mpich])
  }
}
