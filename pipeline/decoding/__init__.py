"""The sandboxed processes that alone decode bytes of strangers, and the pool that drives them."""
