internal import UnrollArrays
internal import UnrollAutograd
internal import UnrollFiles

extension HiddenState: Restorable {
  /// Stores the numbers in the record.
  public func store(in record: inout Record) { record.storeFinite(StoredArray(hidden.array), as: "hidden") }

  /// The stored state, unrecorded. `Recurrent.fits` tells whether it fits a network.
  public init(from record: Record) throws(LoadingError) { self.init(hidden: try record.finiteTensor("hidden")) }
}

extension LSTMState: Restorable {
  /// Stores the numbers in the record.
  public func store(in record: inout Record) {
    record.storeFinite(StoredArray(hidden.array), as: "hidden")
    record.storeFinite(StoredArray(cell.array), as: "cell")
  }

  /// The stored state, unrecorded. `Recurrent.fits` tells whether it fits a network.
  public init(from record: Record) throws(LoadingError) {
    self.init(hidden: try record.finiteTensor("hidden"), cell: try record.finiteTensor("cell"))
  }
}

extension RecurrentStates: Storable where CellState: Restorable {
  /// Stores the states of all cells in the record.
  public func store(in record: inout Record) { record.store(cells, as: "cells") }
}

extension RecurrentStates: Restorable where CellState: Restorable {
  /// The stored states, unrecorded. `Recurrent.fits` tells whether they fit a network.
  public init(from record: Record) throws(LoadingError) {
    self.init(cells: try record.value("cells"))
    if cells.isEmpty { throw record.unfit("the state has no cells") }
  }
}
