"""What is over and needed no more."""

from datetime import datetime

from accounts.models import ApiToken, SignIn, SignUpInvitation
from ledger.actions.action import action


@action
def forget_sign_ins(*, before: datetime, by: None) -> None:
    """Of programs that signed out, or did not come back, before then."""
    SignIn.objects.filter(ended_at__lt=before).delete()
    SignIn.objects.filter(expires_at__lt=before).delete()


@action
def forget_tokens(*, before: datetime, by: None) -> None:
    ApiToken.objects.over(before).delete()


@action
def forget_invitations(*, before: datetime, by: None) -> None:
    SignUpInvitation.objects.filter(expires_at__lt=before).delete()
