public import UnrollNetworks

extension Module {
  /// A gradient whose global norm is at most a bound: scaled as a whole where it exceeds it, so that its direction stays.
  ///
  ///     optimizer.update(&model, along: gradient.clipped(norm: 5))
  public func clipped(norm bound: Double) -> Self {
    let norm = norm
    return norm > bound ? self * (bound / norm) : self
  }
}
