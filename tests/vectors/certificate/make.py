#!/usr/bin/env python3
"""Makes the certificates of this folder: a second implementation, written from the standards.

Nobody in them exists. The keys are made of fixed numbers and sign nothing else. Signatures
hold random numbers, so another run gives other texts of the same meaning: what is committed
is pinned. Needs `cryptography`.
"""


import dcc
import nzcp
import shc
import signers
import vdsnc

for kind in (dcc, nzcp, shc, signers, vdsnc):
    kind.make()
