internal import UnrollArrays

extension Restorable where Self: LosslessStringConvertible {
  /// Stores the value as text, from which it can be restored exactly.
  public func store(in record: inout Record) { record.text = description }

  /// The value whose text is stored in the record.
  public init(from record: Record) throws(LoadingError) { self = try record.read("\(Self.self)") { Self($0) } }
}

extension Int: Restorable {}
extension UInt64: Restorable {}
extension Bool: Restorable {}
extension Float: Restorable {}
extension Double: Restorable {}
extension String: Restorable {}

extension Optional: Storable where Wrapped: Restorable {
  /// Stores the wrapped value as if it were not optional, or a flag if it is nil.
  public func store(in record: inout Record) {
    if let self { self.store(in: &record) } else { record.store(true, as: "isNil") }
  }
}

extension Optional: Restorable where Wrapped: Restorable {
  /// The stored value, or nil if nil was stored.
  public init(from record: Record) throws(LoadingError) {
    self = record.part("isNil").text == "true" ? nil : try Wrapped(from: record)
  }
}

extension Array: Storable where Element: Restorable {
  /// Stores the number of elements and each element.
  public func store(in record: inout Record) {
    record.store(count, as: "count")
    for (i, element) in enumerated() { record.store(element, as: "\(i)") }
  }
}

extension Array: Restorable where Element: Restorable {
  /// The stored elements.
  public init(from record: Record) throws(LoadingError) {
    self = []
    for i in 0..<Swift.max(0, try record.value("count", as: Int.self)) { append(try record.value("\(i)", as: Element.self)) }
  }
}
