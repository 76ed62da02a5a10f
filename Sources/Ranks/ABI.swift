#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(WASILibc)
  import WASILibc
#endif

/// The constants of an MPI library, which differ between the three binary interfaces.
///
/// Handles are 32-bit integers in MPICH, addresses of exported objects in Open MPI, and small integers of the width of a pointer in the
/// standard of MPI 5. On x86-64 and ARM64 an integer argument takes a register or a slot of its own, of which the callee reads as much
/// as it needs, so that all three take a handle as an `Int`.
struct ABI: Equatable, Sendable {
  enum Name: String, Sendable { case mpich = "MPICH", openMPI = "Open MPI", standard = "the MPI standard" }

  let name: Name
  let world, byte, float, double, sum, errorsReturn: Int
  /// The address that stands for "the buffer of the result".
  let inPlace: Int
  /// The level of threads that take turns in calling MPI.
  let serialized: Int32

  private static let mpich = ABI(
    name: .mpich, world: 0x4400_0000, byte: 0x4C00_010D, float: 0x4C00_040A, double: 0x4C00_080B, sum: 0x5800_0003,
    errorsReturn: 0x5400_0001, inPlace: -1, serialized: 2)

  private static let standard = ABI(
    name: .standard, world: 0x101, byte: 0x247, float: 0x210, double: 0x214, sum: 0x21, errorsReturn: 0x143, inPlace: 1,
    serialized: 2048)

  /// The ABI of a library, by what it exports: the standard says its version, which others declare as at most 0; Open MPI has objects
  /// of its own. Nil if it looks like Open MPI and lacks one of the objects.
  init?(of library: DynamicLibrary) {
    typealias Version = @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32
    var (major, minor) = (Int32(0), Int32(0))
    if let version = library.function("MPI_Abi_get_version", as: Version.self), version(&major, &minor) == 0, major > 0 {
      self = ABI.standard
    } else if library.address("ompi_mpi_comm_self") == nil {
      self = ABI.mpich
    } else {
      let objects = ["comm_world", "byte", "float", "double", "op_sum", "errors_return"].compactMap {
        library.address("ompi_mpi_\($0)").map { Int(bitPattern: $0) }
      }
      if objects.count < 6 { return nil }
      self.init(
        name: .openMPI, world: objects[0], byte: objects[1], float: objects[2], double: objects[3], sum: objects[4],
        errorsReturn: objects[5], inPlace: 1, serialized: 2)
    }
  }

  private init(
    name: Name, world: Int, byte: Int, float: Int, double: Int, sum: Int, errorsReturn: Int, inPlace: Int, serialized: Int32
  ) {
    (self.name, self.world, self.byte, self.float, self.double) = (name, world, byte, float, double)
    (self.sum, self.errorsReturn, self.inPlace, self.serialized) = (sum, errorsReturn, inPlace, serialized)
  }
}

extension ABI.Name {
  /// The file name of its library.
  var library: String {
    #if canImport(Darwin)
      switch self {
      case .mpich: "libmpi.12.dylib"
      case .openMPI: "libmpi.40.dylib"
      case .standard: "libmpi_abi.1.dylib"
      }
    #else
      switch self {
      case .mpich: "libmpi.so.12"
      case .openMPI: "libmpi.so.40"
      case .standard: "libmpi_abi.so.1"
      }
    #endif
  }
}

/// A library that is loaded at run time and never unloaded.
struct DynamicLibrary: Sendable {
  let path: String
  /// The handle as a number, since a pointer cannot be shared between threads.
  private let handle: Int

  /// Nil if there is no such library; `failure` then says why. Its symbols are global, because plug-ins of Open MPI look for them.
  init?(_ path: String, failure: inout String) {
    #if os(WASI)
      failure = "WebAssembly loads no libraries"
      return nil
    #else
      guard let handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL) else {
        failure = dlerror().map { String(cString: $0) } ?? path
        return nil
      }
      (self.path, self.handle) = (path, Int(bitPattern: handle))
    #endif
  }

  func address(_ name: String) -> UnsafeMutableRawPointer? {
    #if os(WASI)
      nil
    #else
      dlsym(UnsafeMutableRawPointer(bitPattern: handle), name)
    #endif
  }

  /// A function with the given C type.
  func function<Function>(_ name: String, as: Function.Type) -> Function? {
    address(name).map { unsafeBitCast($0, to: Function.self) }
  }
}
