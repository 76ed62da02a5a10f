// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "Outside",
  platforms: [.macOS(.v26)],
  dependencies: [.package(url: "UNROLL_REPOSITORY", exact: "0.1.0", traits: [])],
  targets: [
    .target(name: "Arrays"),
    .target(name: "Training", dependencies: ["Arrays", .product(name: "Unroll", package: "unroll")]),
    .target(name: "Examples", dependencies: [.product(name: "Unroll", package: "unroll")]),
    .executableTarget(name: "Script", dependencies: ["Training", .product(name: "Unroll", package: "unroll")]),
  ]
)
