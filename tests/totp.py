"""What an authenticator app does, after RFC 6238 and without any code of the product."""

import base64
import hmac
import struct
import time


def code(key, steps=0):
    """The six digits that the app shows for this key, now or some steps of 30 s from now."""
    secret = base64.b32decode(key.replace(" ", ""))
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(secret, counter, "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
