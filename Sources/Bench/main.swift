print("unroll-bench")
