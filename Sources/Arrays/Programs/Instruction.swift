internal import UnrollKernelTemplates

/// One operation on rows: a kernel, and the places of its operands.
///
/// The interpreter reads one field at a time through a pointer. Copying an instruction would count references to every kernel
/// in it, which costs as much as a row of 32 numbers.
struct Instruction: Sendable {
  enum Kind: UInt8, Sendable {
    case unary, binary, ternary, fold, moments, normalizationBack, add, copy
  }

  /// Everything but the kernel.
  struct Form: Sendable {
    var kind: Kind
    var x, y, z, out: Place
    /// The step of an operand: 0 for one number, 1 for a row.
    var dx, dy, dz: Int
    var width: Int
    /// Parameters of a function.
    var a, b: Double
    /// Whether the rows of all operands are contiguous, so that they can be processed as one long row.
    var isFlat: Bool
    var function: UnaryOperation?
  }

  var form: Form
  let unary: UnaryKernel?
  let binary: BinaryKernel?
  let ternary: TernaryKernel?
  let fold: ReductionKernels.Fold?
  let normalization: NormalizationKernels?

  typealias Operand = (place: Place, step: Int)

  func reads(_ memory: Int) -> Bool { form.x.memory == memory || form.y.memory == memory || form.z.memory == memory }

  private init(
    _ kind: Kind, _ operands: [Operand], _ out: Place, _ width: Int, a: Double = 0, b: Double = 0,
    function: UnaryOperation? = nil, unary: UnaryKernel? = nil, binary: BinaryKernel? = nil, ternary: TernaryKernel? = nil,
    fold: ReductionKernels.Fold? = nil, normalization: NormalizationKernels? = nil
  ) {
    let none: Operand = (Place(memory: 0, offset: 0, pitch: 0), 0)
    let all = operands + Array(repeating: none, count: 3 - operands.count)
    let isElementwise = [Kind.unary, .binary, .ternary, .copy].contains(kind)
    form = Form(
      kind: kind, x: all[0].place, y: all[1].place, z: all[2].place, out: out, dx: all[0].step, dy: all[1].step,
      dz: all[2].step, width: width, a: a, b: b,
      isFlat: isElementwise && out.pitch == width
        && operands.allSatisfy { $0.step == 1 ? $0.place.pitch == width : $0.place.pitch == 0 }, function: function)
    (self.unary, self.binary, self.ternary, self.fold, self.normalization) = (unary, binary, ternary, fold, normalization)
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

  static func ternary(_ f: TernaryOperation, _ operands: [Operand], _ out: Place, _ width: Int, _ k: Kernels) -> Self {
    Self(.ternary, operands, out, width, ternary: k.elements.ternary(f))
  }

  /// out ← a row reduced to one number.
  static func fold(_ reduction: Reduction, _ x: Place, _ out: Place, _ width: Int, _ k: Kernels) -> Self {
    Self(.fold, [(x, 1)], out, width, fold: k.reductions.foldRows(reduction))
  }

  /// out ← the mean and r of a row.
  static func moments(_ x: Place, _ epsilon: Double, _ out: Place, _ width: Int, _ k: Kernels) -> Self {
    Self(.moments, [(x, 1)], out, width, a: epsilon, normalization: k.normalization)
  }

  /// out ← the cotangent of x, from x, its moments and the cotangent of LN(x).
  static func normalizationBack(_ x: Place, _ moments: Place, _ g: Place, _ out: Place, _ width: Int, _ k: Kernels) -> Self {
    Self(.normalizationBack, [(x, 1), (moments, 1), (g, 1)], out, width, normalization: k.normalization)
  }

  /// Adds rows to a sum, one after another.
  static func add(_ x: Operand, to sum: Place, _ width: Int, _ k: Kernels) -> Self {
    Self(.add, [x], sum, width, binary: k.elements.binary(.addition))
  }

  static func copy(_ x: Place, _ out: Place, _ width: Int) -> Self { Self(.copy, [(x, 1)], out, width) }

  /// This and the next instruction as one, where both apply the same function to contiguous columns.
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

/// Runs instructions over some rows. The addresses in `memories` are those of the first row.
@inline(__always)
func run(_ instructions: UnsafeBufferPointer<Instruction>, _ range: Range<Int>, _ memories: Memories, rows: Int, size: Int) {
  guard let base = instructions.baseAddress else { return }
  var (instruction, end) = (base + range.lowerBound, base + range.upperBound)
  while instruction < end {
    run(instruction, memories, rows, size)
    instruction += 1
  }
}

@inline(__always)
private func run(_ instruction: UnsafePointer<Instruction>, _ memories: Memories, _ rows: Int, _ size: Int) {
  let form = instruction.pointee.form
  // Flat rows take one kernel call in total, others a call that loops over rows.
  let calls = form.isFlat ? 1 : rows
  let n = form.isFlat ? rows &* form.width : form.width
  func operand(_ place: Place, _ step: Int) -> OperandRows {
    OperandRows(place.address(memories, 0, size), step, pitch: place.pitch &* size)
  }
  var (x, out) = (form.x.address(memories, 0, size), form.out.address(memories, 0, size))
  let (xPitch, outPitch) = (form.x.pitch &* size, form.out.pitch &* size)
  switch form.kind {
  case .unary: instruction.pointee.unary?.runRows(x, xPitch, out, outPitch, calls, n, form.a, form.b)
  case .binary: instruction.pointee.binary?.runRows(operand(form.x, form.dx), operand(form.y, form.dy), out, outPitch, calls, n)
  case .ternary:
    instruction.pointee.ternary?.runRows(
      operand(form.x, form.dx), operand(form.y, form.dy), operand(form.z, form.dz), out, outPitch, calls, n)
  case .add:
    instruction.pointee.binary?.runRows(OperandRows(out, 1), operand(form.x, form.dx), out, 0, rows, n)
  case .fold:
    guard let kernel = instruction.pointee.fold else { return }
    for _ in 0..<rows {
      kernel(x, n, 1, n, nil, 1, out)
      x += xPitch
      out += outPitch
    }
  case .moments:
    guard let kernel = instruction.pointee.normalization?.moments else { return }
    for _ in 0..<rows {
      kernel(x, form.a, out, n)
      x += xPitch
      out += outPitch
    }
  case .normalizationBack:
    guard let kernel = instruction.pointee.normalization?.backward else { return }
    for row in 0..<rows {
      let cotangents = NormalizationCotangents(
        moments: form.y.address(memories, row, size), byResult: form.z.address(memories, row, size), byInput: out, byScale: nil,
        byShift: nil)
      kernel(x, nil, cotangents, 1, n)
      x += xPitch
      out += outPitch
    }
  case .copy:
    for _ in 0..<calls {
      out.copyMemory(from: x, byteCount: n &* size)
      x += xPitch
      out += outPitch
    }
  }
}
