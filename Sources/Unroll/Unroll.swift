@_exported public import UnrollArrays
@_exported public import UnrollAutograd
