# libirsa: the contract and the enqueuer as a shared library, its headers and irsa.pc.
