internal import UnrollArrays

extension Restorable where Self: LosslessStringConvertible {
  /// Puts the value's text into the record, from which it comes back exactly.
  public func store(in record: inout Record) { record.text = description }

  /// The value whose text is in the record.
  public init(from record: Record) throws(LoadingError) { self = try record.read("\(Self.self)") { Self($0) } }
}

extension Int: Restorable {}
extension UInt64: Restorable {}
extension Bool: Restorable {}
extension Float: Restorable {}
extension Double: Restorable {}
extension String: Restorable {}

extension Optional: Storable where Wrapped: Restorable {
  /// Puts the value into the record as if it were not optional, or that there is none.
  public func store(in record: inout Record) {
    if let self { self.store(in: &record) } else { record.store(true, as: "isNil") }
  }
}

extension Optional: Restorable where Wrapped: Restorable {
  /// The value that is in the record, or nil if that was stored.
  public init(from record: Record) throws(LoadingError) {
    self = record.part("isNil").text == "true" ? nil : try Wrapped(from: record)
  }
}

extension Array: Storable where Element: Restorable {
  /// Puts the number of elements and all elements into the record.
  public func store(in record: inout Record) {
    record.store(count, as: "count")
    for (i, element) in enumerated() { record.store(element, as: "\(i)") }
  }
}

extension Array: Restorable where Element: Restorable {
  /// The elements that are in the record.
  public init(from record: Record) throws(LoadingError) {
    self = []
    for i in 0..<Swift.max(0, try record.value("count", as: Int.self)) { append(try record.value("\(i)", as: Element.self)) }
  }
}
