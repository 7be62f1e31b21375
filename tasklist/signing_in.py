"""Settings of django-allauth's second factors, which no environment varies."""

from datetime import timedelta

# What matters wants a proof that is no older: a password, a code, a passkey.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(timedelta(minutes=5).total_seconds())
ACCOUNT_EMAIL_NOTIFICATIONS = True

MFA_ADAPTER = "accounts.factors.FactorAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.factor_forms.ActivateTOTPForm",
    "add_webauthn": "accounts.factor_forms.AddWebAuthnForm",
    "authenticate": "accounts.factor_forms.AuthenticateForm",
    "authenticate_webauthn": "accounts.factor_forms.AuthenticateWebAuthnForm",
    "edit_webauthn": "accounts.factor_forms.EditWebAuthnForm",
    "login_webauthn": "accounts.factor_forms.LoginWebAuthnForm",
    "reauthenticate": "accounts.factor_forms.ReauthenticateForm",
    "reauthenticate_webauthn": "accounts.factor_forms.ReauthenticateWebAuthnForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds by which a clock may be wrong
# Addresses are optional here, and who typed one unverified has no claim to it.
MFA_ALLOW_UNVERIFIED_EMAIL = True
