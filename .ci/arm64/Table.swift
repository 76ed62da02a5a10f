import UnrollKernelTemplates

/// The table in memory, for a program that does not import it. One that did would compile all kernels once more, and run those.
@_cdecl("portable_table")
public func portableTable() -> UnsafeRawPointer {
  let table = UnsafeMutablePointer<KernelTable>.allocate(capacity: 1)
  table.initialize(to: portable)
  return UnsafeRawPointer(table)
}
