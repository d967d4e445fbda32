"""Prints the one-time password (RFC 6238) that an app of this secret showed so many seconds ago."""

import base64
import hmac
import struct
import sys
import time

secret, age_seconds = base64.b32decode(sys.argv[1]), int(sys.argv[2])
step = int(time.time() - age_seconds) // 30
digest = hmac.digest(secret, struct.pack(">Q", step), "sha1")
offset = digest[-1] & 0xF
number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
print(f"{number % 10**6:06}")
