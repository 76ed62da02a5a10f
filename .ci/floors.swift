// Appended by `.ci/run` to the manifest of a copy: the floors up to the networks and their tests, which is all that sanitizers look at.
let floors: Set = [
  "UnrollArrays", "UnrollAutograd", "UnrollFiles", "UnrollNetworks", "UnrollTestSupport", "UnrollProgramSupport",
  "UnrollArrayTests", "UnrollAutogradTests", "UnrollFileTests", "UnrollNetworkTests",
]
package.targets.removeAll { target in
  let isKernel = target.name.hasPrefix("UnrollKernel") && target.name != "UnrollKernelTests"
  return !isKernel && !floors.contains(target.name)
}
package.products = []
