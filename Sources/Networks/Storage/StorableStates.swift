internal import UnrollArrays
internal import UnrollAutograd
public import UnrollFiles

extension HiddenState: Restorable {
  /// Puts the numbers into the record.
  public func store(in record: inout Record) { record.storeFinite(StoredArray(hidden.array), as: "hidden") }

  /// The state that is in the record, unrecorded. Whether it is one of a network's, `Recurrent.fits` says.
  public init(from record: Record) throws(LoadingError) { self.init(hidden: try record.finiteTensor("hidden")) }
}

extension LSTMState: Restorable {
  /// Puts the numbers into the record.
  public func store(in record: inout Record) {
    record.storeFinite(StoredArray(hidden.array), as: "hidden")
    record.storeFinite(StoredArray(cell.array), as: "cell")
  }

  /// The state that is in the record, unrecorded. Whether it is one of a network's, `Recurrent.fits` says.
  public init(from record: Record) throws(LoadingError) {
    self.init(hidden: try record.finiteTensor("hidden"), cell: try record.finiteTensor("cell"))
  }
}

extension RecurrentStates: Storable where CellState: Restorable {
  /// Puts the states of all cells into the record.
  public func store(in record: inout Record) { record.store(cells, as: "cells") }
}

extension RecurrentStates: Restorable where CellState: Restorable {
  /// The states that are in the record, unrecorded. Whether they are those of a network, `Recurrent.fits` says.
  public init(from record: Record) throws(LoadingError) {
    self.init(cells: try record.value("cells"))
    if cells.isEmpty { throw record.unfit("the states of no cells are no network's") }
  }
}
