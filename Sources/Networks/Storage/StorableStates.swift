internal import UnrollAutograd

extension HiddenState: Restorable {
  /// Puts the numbers into the record.
  public func store(in record: inout Record) { record.store(hidden, as: "hidden") }

  /// The state that is in the record, unrecorded.
  public init(from record: Record) throws(LoadingError) { self.init(hidden: try record.value("hidden")) }
}

extension LSTMState: Restorable {
  /// Puts the numbers into the record.
  public func store(in record: inout Record) {
    record.store(hidden, as: "hidden")
    record.store(cell, as: "cell")
  }

  /// The state that is in the record, unrecorded.
  public init(from record: Record) throws(LoadingError) {
    self.init(hidden: try record.value("hidden"), cell: try record.value("cell"))
  }
}

extension RecurrentStates: Storable where CellState: Restorable {
  /// Puts the states of all cells into the record.
  public func store(in record: inout Record) { record.store(cells, as: "cells") }
}

extension RecurrentStates: Restorable where CellState: Restorable {
  /// The states that are in the record, unrecorded.
  public init(from record: Record) throws(LoadingError) { self.init(cells: try record.value("cells")) }
}
