internal import UnrollKernelTemplates

/// One operation on rows: a kernel, and where the operands lie.
///
/// The interpreter reads one field at a time through a pointer. A copy of an instruction would count references to every kernel in it,
/// which costs as much as a row of 32 numbers does.
struct Instruction: Sendable {
  enum Kind: UInt8, Sendable {
    case unary, binary, multiplyAdd, fold, add, copy
  }

  /// Everything but the kernel.
  struct Form: Sendable {
    var kind: Kind
    var x, y, z, out: Place
    /// 0 where an operand is one number, 1 where it is a row.
    var dx, dy, dz: Int
    var width: Int
    /// Parameters of a function.
    var a, b: Double
    /// Whether the rows of all operands lie one after another, so that one call does all of them.
    var isFlat: Bool
    var function: UnaryOperation?
  }

  var form: Form
  let unary: UnaryKernel?
  let binary: BinaryKernel?
  let multiplyAdd: MultiplyAddKernel?
  let fold: ReductionKernels.Fold?

  typealias Operand = (place: Place, step: Int)

  private init(
    _ kind: Kind, _ operands: [Operand], _ out: Place, _ width: Int, a: Double = 0, b: Double = 0,
    function: UnaryOperation? = nil, unary: UnaryKernel? = nil, binary: BinaryKernel? = nil,
    multiplyAdd: MultiplyAddKernel? = nil, fold: ReductionKernels.Fold? = nil
  ) {
    let none: Operand = (Place(memory: 0, offset: 0, pitch: 0), 0)
    let all = operands + Array(repeating: none, count: 3 - operands.count)
    form = Form(
      kind: kind, x: all[0].place, y: all[1].place, z: all[2].place, out: out, dx: all[0].step, dy: all[1].step,
      dz: all[2].step, width: width, a: a, b: b,
      isFlat: kind != .fold && kind != .add && out.pitch == width
        && operands.allSatisfy { $0.step == 1 ? $0.place.pitch == width : $0.place.pitch == 0 }, function: function)
    (self.unary, self.binary, self.multiplyAdd, self.fold) = (unary, binary, multiplyAdd, fold)
  }

  /// y ← f(x; a, b).
  static func unary(_ f: UnaryOperation, _ x: Operand, _ a: Double, _ b: Double, _ out: Place, _ width: Int, _ k: Kernels)
    -> Self
  {
    Self(.unary, [x], out, width, a: a, b: b, function: f, unary: k.elements.unary(f))
  }

  static func binary(_ f: BinaryOperation, _ x: Operand, _ y: Operand, _ out: Place, _ width: Int, _ k: Kernels) -> Self {
    Self(.binary, [x, y], out, width, binary: k.elements.binary(f))
  }

  static func multiplyAdd(_ x: Operand, _ y: Operand, _ z: Operand, _ out: Place, _ width: Int, _ k: Kernels) -> Self {
    Self(.multiplyAdd, [x, y, z], out, width, multiplyAdd: k.elements.multiplyAdd)
  }

  /// A row to one number.
  static func fold(_ reduction: Reduction, _ x: Place, _ out: Place, _ width: Int, _ k: Kernels) -> Self {
    Self(.fold, [(x, 1)], out, width, fold: k.reductions.foldRows(reduction))
  }

  /// Adds rows to a sum, one after the other.
  static func add(_ x: Operand, to sum: Place, _ width: Int, _ k: Kernels) -> Self {
    Self(.add, [x], sum, width, binary: k.elements.binary(.addition))
  }

  static func copy(_ x: Place, _ out: Place, _ width: Int) -> Self { Self(.copy, [(x, 1)], out, width) }

  /// This and the next instruction as one, where both apply a function to neighbouring columns.
  func joined(_ next: Instruction) -> Instruction? {
    let (f, g) = (form, next.form)
    guard f.kind == .unary, g.kind == .unary, f.function == g.function, f.a == g.a, f.b == g.b, f.dx == 1, g.dx == 1 else {
      return nil
    }
    func continues(_ p: Place, _ q: Place) -> Bool {
      p.memory == q.memory && p.pitch == q.pitch && p.offset + f.width == q.offset && p.pitch >= f.width + g.width
    }
    guard continues(f.x, g.x), continues(f.out, g.out), f.x == f.out || f.x.memory != f.out.memory else { return nil }
    var both = self
    both.form.width += g.width
    both.form.isFlat = f.x.pitch == both.form.width && f.out.pitch == both.form.width
    return both
  }
}

typealias Memories = UnsafeMutablePointer<UnsafeMutableRawPointer>

extension Place {
  @inline(__always)
  func address(_ memories: Memories, _ row: Int, _ size: Int) -> UnsafeMutableRawPointer {
    memories[memory] + (offset &+ row &* pitch) &* size
  }
}

/// Runs instructions over some rows. Every memory begins at the first of these rows.
func run(_ instructions: UnsafeBufferPointer<Instruction>, _ range: Range<Int>, _ memories: Memories, rows: Int, size: Int) {
  guard let base = instructions.baseAddress else { return }
  for i in range {
    let instruction = base + i
    let form = instruction.pointee.form
    let calls = form.isFlat ? 1 : rows
    let n = form.isFlat ? rows &* form.width : form.width
    var (x, out) = (form.x.address(memories, 0, size), form.out.address(memories, 0, size))
    let (nextX, nextOut) = (form.x.pitch &* size, form.out.pitch &* size)
    switch form.kind {
    case .unary:
      guard let kernel = instruction.pointee.unary else { continue }
      for _ in 0..<calls {
        kernel.run(x, out, n, form.a, form.b)
        x += nextX
        out += nextOut
      }
    case .binary:
      guard let kernel = instruction.pointee.binary else { continue }
      var y = form.y.address(memories, 0, size)
      for _ in 0..<calls {
        kernel.run(x, form.dx, y, form.dy, out, n)
        x += nextX
        y += form.y.pitch &* size
        out += nextOut
      }
    case .multiplyAdd:
      guard let kernel = instruction.pointee.multiplyAdd else { continue }
      var (y, z) = (form.y.address(memories, 0, size), form.z.address(memories, 0, size))
      for _ in 0..<calls {
        kernel.run(x, form.dx, y, form.dy, z, form.dz, out, n)
        x += nextX
        y += form.y.pitch &* size
        z += form.z.pitch &* size
        out += nextOut
      }
    case .fold:
      guard let kernel = instruction.pointee.fold else { continue }
      for _ in 0..<calls {
        kernel(x, n, 1, n, nil, 1, out)
        x += nextX
        out += nextOut
      }
    case .add:
      guard let kernel = instruction.pointee.binary else { continue }
      for _ in 0..<calls {
        kernel.run(out, 1, x, form.dx, out, n)
        x += nextX
      }
    case .copy:
      for _ in 0..<calls {
        out.copyMemory(from: x, byteCount: n &* size)
        x += nextX
        out += nextOut
      }
    }
  }
}
