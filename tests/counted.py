"""tasklist.wsgi, which writes a letter to the file COUNTED for all that a guess may reach."""

import os

from tasklist.wsgi import application

if application:  # it has set Django up, without which these cannot be imported
    from allauth.account.forms import BaseConfirmCodeForm
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

counted = os.open(os.environ["COUNTED"], os.O_WRONLY | os.O_APPEND)


def count(owner, name, letter):
    real = getattr(owner, name)

    def counting(*args, **kwargs):
        os.write(counted, letter)
        return real(*args, **kwargs)

    setattr(owner, name, counting)


count(PBKDF2PasswordHasher, "encode", b"p")  # a password is hashed
count(TOTP, "validate_code", b"a")  # a code of an app is compared
count(RecoveryCodes, "validate_code", b"r")  # ... of recovery
count(BaseConfirmCodeForm, "clean_code", b"m")  # ... from a mail
