"""How a password is spelt before it is hashed, when it is set and when it is asked for."""

import unicodedata

LONGEST = 128  # code points of a password
# Decomposed, a text has up to four times as many code points (Unicode, UAX #15). What is longer
# is nobody's password, and putting its accents in order could take minutes.
LONGEST_TYPED = 4 * LONGEST


def normal(password: str) -> str:
    """One spelling of what looks the same: é is one code point, however it was typed.

    Unicode's NFC, and nothing else (RFC 8265, section 4.2): no trimming, no other case.
    """
    if len(password) > LONGEST_TYPED:
        return password
    return unicodedata.normalize("NFC", password)
