@_exported public import UnrollArrays
@_exported public import UnrollAutograd
@_exported public import UnrollFiles
@_exported public import UnrollGradientFlow
@_exported public import UnrollNetworks
@_exported public import UnrollONNX
@_exported public import UnrollRanks
@_exported public import UnrollTraining
