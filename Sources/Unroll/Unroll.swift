@_exported public import UnrollArrays
