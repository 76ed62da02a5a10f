// swift-tools-version: 6.3
import PackageDescription

/// What every target of ours is compiled with.
let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// What the floors from automatic differentiation upwards are compiled with: every use of a pointer needs the word `unsafe` there, so that
/// the compiler keeps the list. Arrays and files handle memory in 300 places, where the word would say nothing.
let safeSettings = settings + [.strictMemorySafety()]

/// Kernels are optimised in debug builds too, without bounds and overflow checks: their callers have checked. Square roots are
/// instructions, not library calls that set `errno`. The thread sanitizer is told that nothing throws in the manner of C++: it would
/// take a prefetch for a call that may, which the compiler refuses.
let kernelFlags = [
  "-Ounchecked", "-Xcc", "-fno-math-errno", "-Xllvm", "-tsan-handle-cxx-exceptions=0",
]

/// Templates name the compiler's own operations on vectors: `Instructions` says why.
let templateSettings: [SwiftSetting] = [.enableExperimentalFeature("BuiltinModule")]

/// What instantiates templates is compiled as a whole: an incremental build looks at declarations alone, and would not see that the body
/// of a template has changed.
let instantiationFlags = kernelFlags + ["-whole-module-optimization", "-num-threads", "1"]

/// Programs come without debug information, which is more than half of each; the names of functions stay, for backtraces and profilers.
let programLinking: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "--strip-debug"], .when(platforms: [.linux], configuration: .release))
]

/// The trait that adds the AVX2 and AVX-512 kernels. Leave it out to build for another processor from an x86-64 machine.
let instructionSets = "InstructionSets"

/// Where they are: flags for x86-64 must not reach a target that is built for another system from such a machine, as Android and
/// WebAssembly are.
let instructionSetPlatforms: [Platform] = [.linux, .macOS]

var instructionSetTargets: [Target] = []
var instructionSetDependencies: [Target.Dependency] = []
#if arch(x86_64)
  for (name, level) in [("AVX2", "x86-64-v3"), ("AVX512", "x86-64-v4")] {
    instructionSetTargets.append(
      .target(
        name: "UnrollKernels\(name)", dependencies: ["UnrollKernelTemplates", "UnrollKernelsPortable"],
        path: "Sources/Kernels/\(name)",
        swiftSettings: settings + [
          .unsafeFlags(instantiationFlags),
          .unsafeFlags(["-Xcc", "-march=\(level)"], .when(platforms: instructionSetPlatforms, traits: [instructionSets])),
        ]))
    instructionSetDependencies.append(
      .target(name: "UnrollKernels\(name)", condition: .when(platforms: instructionSetPlatforms, traits: [instructionSets])))
  }
#endif

let package = Package(
  name: "Unroll",
  platforms: [.macOS(.v26), .iOS(.v26), .tvOS(.v26), .watchOS(.v26), .visionOS(.v26), .macCatalyst(.v26)],
  products: [
    .library(name: "Unroll", targets: ["Unroll"]),
    .executable(name: "unroll-lab", targets: ["unroll-lab"]),
    .executable(name: "unroll-examples", targets: ["unroll-examples"]),
    .executable(name: "unroll-bench", targets: ["unroll-bench"]),
  ],
  traits: [
    .default(enabledTraits: [instructionSets]),
    .trait(
      name: instructionSets,
      description: "Kernels for AVX2 and AVX-512, chosen at run time. Leave out when building for another processor."),
  ],
  targets: instructionSetTargets + [
    .target(
      name: "UnrollKernelTemplates", path: "Sources/Kernels/Templates",
      swiftSettings: settings + templateSettings + [.unsafeFlags(kernelFlags)]),
    .target(
      name: "UnrollKernelsPortable", dependencies: ["UnrollKernelTemplates"], path: "Sources/Kernels/Portable",
      swiftSettings: settings + [.unsafeFlags(instantiationFlags)]),
    .target(
      name: "UnrollArrays",
      dependencies: ["UnrollKernelTemplates", "UnrollKernelsPortable"] + instructionSetDependencies,
      path: "Sources/Arrays", exclude: ["Products/README.md", "Programs/README.md"], swiftSettings: settings),
    .target(
      name: "UnrollAutograd", dependencies: ["UnrollKernelTemplates", "UnrollArrays"], path: "Sources/Autograd",
      exclude: ["Graph/README.md"], swiftSettings: safeSettings),
    .target(
      name: "UnrollFiles", dependencies: ["UnrollArrays", "UnrollAutograd"], path: "Sources/Files", swiftSettings: settings),
    .target(
      name: "UnrollNetworks", dependencies: ["UnrollKernelTemplates", "UnrollArrays", "UnrollAutograd", "UnrollFiles"],
      path: "Sources/Networks", swiftSettings: safeSettings),
    .target(
      name: "UnrollONNX",
      dependencies: ["UnrollKernelTemplates", "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks"],
      path: "Sources/ONNX", swiftSettings: safeSettings),
    .target(
      name: "UnrollTraining",
      dependencies: ["UnrollKernelTemplates", "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks"],
      path: "Sources/Training", swiftSettings: safeSettings),
    .target(
      name: "UnrollRanks", dependencies: ["UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTraining"],
      path: "Sources/Ranks", swiftSettings: settings),
    .target(
      name: "UnrollGradientFlow",
      dependencies: ["UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTraining"],
      path: "Sources/GradientFlow", swiftSettings: safeSettings),
    .target(
      name: "Unroll",
      dependencies: [
        "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTraining", "UnrollRanks",
        "UnrollGradientFlow", "UnrollONNX",
      ],
      path: "Sources/Unroll", swiftSettings: safeSettings),
    .executableTarget(
      name: "unroll-lab",
      dependencies: [
        "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTraining", "UnrollGradientFlow",
      ],
      path: "Sources/Lab", swiftSettings: safeSettings, linkerSettings: programLinking),
    .executableTarget(
      name: "unroll-examples", dependencies: ["Unroll"], path: "Sources/Examples", swiftSettings: safeSettings,
      linkerSettings: programLinking),
    .executableTarget(
      name: "unroll-bench",
      dependencies: [
        "Unroll", "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTraining", "UnrollKernelTemplates",
      ],
      path: "Sources/Bench",
      swiftSettings: settings, linkerSettings: programLinking),
    .target(
      name: "UnrollTestSupport", dependencies: ["UnrollArrays", "UnrollFiles"], path: "Tests/TestSupport",
      swiftSettings: settings),
    .target(
      name: "UnrollProgramSupport", dependencies: ["UnrollArrays", "UnrollAutograd", "UnrollTestSupport"],
      path: "Tests/ProgramSupport", swiftSettings: settings),
    .executableTarget(
      name: "unroll-onnx-cases", dependencies: ["Unroll"], path: "Tests/ONNXCases", swiftSettings: settings,
      linkerSettings: programLinking),
    .target(
      name: "UnrollKernelLoops", dependencies: ["UnrollKernelTemplates", "UnrollTestSupport"], path: "Tests/KernelLoops",
      swiftSettings: settings),
    .testTarget(
      name: "UnrollKernelTests",
      dependencies: ["UnrollKernelTemplates", "UnrollArrays", "UnrollTestSupport", "UnrollKernelLoops", "unroll-bench"],
      path: "Tests/Kernels", swiftSettings: settings),
    .testTarget(
      name: "UnrollArrayTests", dependencies: ["UnrollArrays", "UnrollKernelTemplates", "UnrollTestSupport"],
      path: "Tests/Arrays", swiftSettings: settings),
    .testTarget(
      name: "UnrollFileTests", dependencies: ["UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollTestSupport"],
      path: "Tests/Files", resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "UnrollAutogradTests",
      dependencies: ["UnrollKernelTemplates", "UnrollArrays", "UnrollAutograd", "UnrollTestSupport", "UnrollProgramSupport"],
      path: "Tests/Autograd", resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "UnrollNetworkTests",
      dependencies: [
        "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTestSupport", "UnrollProgramSupport",
      ],
      path: "Tests/Networks", resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "UnrollONNXTests",
      dependencies: ["UnrollArrays", "UnrollAutograd", "UnrollNetworks", "UnrollONNX", "UnrollTestSupport"], path: "Tests/ONNX",
      swiftSettings: settings),
    .testTarget(
      name: "UnrollTrainingTests",
      dependencies: ["UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTraining", "UnrollTestSupport"],
      path: "Tests/Training", resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "UnrollRankTests",
      dependencies: [
        "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTraining", "UnrollRanks", "UnrollTestSupport",
      ],
      path: "Tests/Ranks", swiftSettings: settings),
    .testTarget(
      name: "UnrollGradientFlowTests",
      dependencies: [
        "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTraining", "UnrollGradientFlow",
        "UnrollTestSupport",
      ],
      path: "Tests/GradientFlow", resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "UnrollLabTests",
      dependencies: [
        "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTraining", "UnrollTestSupport", "unroll-lab",
      ],
      path: "Tests/Lab", resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "UnrollMisuseTests",
      dependencies: ["UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTraining", "UnrollTestSupport"],
      path: "Tests/Misuse", swiftSettings: settings),
    .testTarget(
      name: "UnrollExampleTests", dependencies: ["Unroll", "unroll-examples"], path: "Tests/Examples",
      swiftSettings: settings),
    .testTarget(name: "UnrollDemonstrations", dependencies: ["Unroll"], path: "Tests/Demonstrations", swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
