"""Settings of django-allauth, which no environment varies."""

# Accounts: names, addresses, passwords, sessions
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "confirm_login_code": "accounts.forms.ConfirmLoginCodeForm",
    "login": "accounts.forms.LoginForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "signup": "accounts.forms.SignupForm",
    "user_token": "accounts.forms.UserTokenForm",
}
ACCOUNT_RATE_LIMITS = False  # ours stand in accounts/guessing/throttles.py
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_USERNAME_VALIDATORS = "accounts.models.USERNAME_VALIDATORS"
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60  # seconds; NIST SP 800-63B-4, section 3.1.3.2
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.passwords.reset_keys.ResetKeys"  # noqa: S105
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # other sessions end all the same: their hash is stale

# What matters wants a proof that is no older: a password, a code, a passkey.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # seconds

# Second factors and passkeys
MFA_ADAPTER = "accounts.factors.adapter.FactorAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.factors.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.factors.forms.AddWebAuthnForm",
    "authenticate": "accounts.factors.forms.AuthenticateForm",
    "authenticate_webauthn": "accounts.factors.forms.AuthenticateWebAuthnForm",
    "edit_webauthn": "accounts.factors.forms.EditWebAuthnForm",
    "login_webauthn": "accounts.factors.forms.LoginWebAuthnForm",
    "reauthenticate": "accounts.factors.forms.ReauthenticateForm",
    "reauthenticate_webauthn": "accounts.factors.forms.ReauthenticateWebAuthnForm",
}
MFA_RATE_LIMITS = False  # as above
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds by which a clock may be wrong
# Addresses are optional here, and who typed one unverified has no claim to it.
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Other providers: which, the environment says (OPENID)
SOCIALACCOUNT_ADAPTER = "accounts.openid.adapter.Adapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"provider_class": "accounts.openid.provider.Provider"}
}
SOCIALACCOUNT_REQUESTS_TIMEOUT = 3  # seconds
