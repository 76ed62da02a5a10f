// Appended by `.ci/run` to the manifest of a copy: the floors up to the networks, and of their tests what sanitizers look at.
let floors: Set = [
  "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTestSupport", "UnrollProgramSupport",
  "UnrollArrayTests", "UnrollAutogradTests", "UnrollFileTests", "UnrollNetworkTests",
]
package.targets.removeAll { target in
  let isKernel = target.name.hasPrefix("UnrollKernel") && target.name != "UnrollKernelTests"
  return !isKernel && !floors.contains(target.name)
}
let looked = [
  "UnrollAutogradTests": ["ConcurrencyTests.swift", "Close.swift"],
  "UnrollNetworkTests": ["Recurrence/EngineMemoryTests.swift", "Recurrence/RecurrentOptions.swift"],
]
for target in package.targets { if let files = looked[target.name] { target.sources = files } }
package.products = []
