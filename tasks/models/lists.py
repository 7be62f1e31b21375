from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ledger.models import Change, Recorded, Trashable
from tasklist.text import validate_visible
from tasks.models.access import ABILITIES, Role

DESCRIPTION_LIMIT = 50_000  # characters
LISTS_PER_PERSON = 200  # that somebody has made
LISTS_GIVEN = 200  # that others have made, and have put somebody into


class Colour(models.TextChoices):
    """Names, not codes: the Content-Security-Policy forbids style attributes."""

    GREY = "grey", _("Grey")
    RED = "red", _("Red")
    ORANGE = "orange", _("Orange")
    AMBER = "amber", _("Amber")
    LIME = "lime", _("Lime")
    GREEN = "green", _("Green")
    TEAL = "teal", _("Teal")
    CYAN = "cyan", _("Cyan")
    BLUE = "blue", _("Blue")
    INDIGO = "indigo", _("Indigo")
    PURPLE = "purple", _("Purple")
    PINK = "pink", _("Pink")


class TaskListQuerySet(models.QuerySet["TaskList"]):
    def where_user_may(self, user: User, ability: str) -> Self:
        """The lists in which this person has an ability: the one answer to every "may I"."""
        needed = ABILITIES[ability]
        memberships = Membership.objects.filter(user=user, role__in=needed.roles)
        lists = self.filter(pk__in=memberships.values("list"))
        return lists if needed.in_archive else lists.filter(archived=False)

    def where_user_may_move(self, user: User, task_list: "TaskList") -> Self:
        """The lists that a task may be moved to out of this one.

        Its owner may move it to every list of theirs and others'; everybody else only to one
        that nobody owns but owners of this one, or they could take a task away and then
        delete it for good.
        """
        owns = Membership.objects.filter(list=task_list, role=Role.OWNER)
        others = Membership.objects.filter(role=Role.OWNER).exclude(user__in=owns.values("user"))
        lists = self.where_user_may(user, "edit").exclude(pk=task_list.pk)
        return lists.filter(
            models.Exists(owns.filter(user=user)) | ~models.Q(pk__in=others.values("list"))
        )

    def left_alone_by(self, user: User) -> Self:
        """Those that others share and that nobody who stays owns but this person."""
        others = Membership.objects.filter(list=models.OuterRef("pk")).exclude(user=user)
        return self.where_user_may(user, "manage").filter(
            models.Exists(others), ~models.Exists(others.filter(role=Role.OWNER).who_stay())
        )

    def present(self) -> Self:
        """Not in the trash."""
        return self.filter(deleted_at=None)

    def in_trash(self) -> Self:
        return self.exclude(deleted_at=None)

    def active(self) -> Self:
        return self.present().filter(archived=False)

    def taking_tasks_of(self, user: User) -> Self:
        """Those that this person may add tasks to."""
        return self.active().where_user_may(user, "edit")

    def by_title(self) -> Self:
        """In the order of the alphabet, which is the same on every database."""
        return self.order_by(Lower("title"), "id")

    def with_role_of(self, user: User) -> Self:
        """Each list with the person's role in it as `role`."""
        roles = Membership.objects.filter(list=models.OuterRef("pk"), user=user)
        return self.annotate(role=models.Subquery(roles.values("role")))

    def with_open_counts(self) -> Self:
        """Each list with its number of open tasks as `open_count`, subtasks not counted."""
        top = models.Q(tasks__parent=None, tasks__deleted_at=None, tasks__is_open=True)
        lists = self.annotate(top_task=models.FilteredRelation("tasks", condition=top))
        return lists.annotate(open_count=models.Count("top_task"))


class TaskList(Trashable):
    """A list of tasks. Who shares it, its owner too, stands in Membership."""

    title = models.CharField(_("title"), max_length=200, validators=[validate_visible])
    description = models.TextField(
        _("description"), blank=True, validators=[MaxLengthValidator(DESCRIPTION_LIMIT)]
    )
    colour = models.CharField(_("colour"), max_length=8, choices=Colour, default=Colour.GREY)
    archived = models.BooleanField(_("archived"), default=False)
    # NULL in every other list: so the database itself allows each person only one inbox.
    inbox_of = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("inbox of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="inbox",
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="lists"
    )

    objects = TaskListQuerySet.as_manager()

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        constraints = [
            models.CheckConstraint(
                name="inbox_is_never_archived_or_deleted",
                condition=models.Q(inbox_of=None) | models.Q(archived=False, deleted_at=None),
            )
        ]

    def __str__(self) -> str:
        return str(_("Inbox")) if self.is_inbox else self.title

    @property
    def is_inbox(self) -> bool:
        return self.inbox_of_id is not None

    @property
    def scope_id(self) -> int:
        return self.pk


class MembershipQuerySet(models.QuerySet["Membership"]):
    def where_user_may(self, user: User, ability: str) -> Self:
        """Those in lists where this person has the ability.

        What the owner may `end`, somebody may also end for themselves, and so leave.
        """
        needed = "manage" if ability == "end" else ability
        allowed = models.Q(list__in=TaskList.objects.where_user_may(user, needed).values("pk"))
        return self.filter(allowed | models.Q(user=user) if ability == "end" else allowed)

    def of_own_lists(self, user: User) -> Self:
        """Where somebody takes part in a list that they have made themselves, by the record.

        Not where they were put, or made owner, by others: that is none of their doing.
        """
        made = Change.objects.filter(kind="list.created", subject_type="tasklist", by=user)
        return self.filter(
            models.Exists(made.filter(subject_id=models.OuterRef("list"))), user=user
        )

    def who_stay(self) -> Self:
        """Of people who are neither disabled nor about to close their accounts."""
        return self.filter(user__is_active=True, user__closes_at=None)

    def heirs(self, leaving: User) -> Self:
        """Who can get a list of somebody who leaves: editors first, the longest there foremost."""
        editors_first = models.Case(models.When(role=Role.EDITOR, then=0), default=1)
        there = self.exclude(user=leaving).who_stay()
        return there.order_by(editors_first, "created_at", "id")


def default_heir(heirs: Iterable["Membership"]) -> "Membership | None":
    """Of `MembershipQuerySet.heirs` the one where nobody chooses: an editor, else the list goes."""
    first = next(iter(heirs), None)
    return first if first and first.role == Role.EDITOR else None


class Membership(Recorded):
    """That a person takes part in a list, and as what."""

    list = models.ForeignKey(TaskList, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=8, choices=Role)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(name="one_membership_a_person", fields=["list", "user"])
        ]
        indexes = [models.Index(name="membership_roles", fields=["user", "role", "list"])]

    def __str__(self) -> str:
        return f"{self.user}, {self.list}"

    @property
    def scope_id(self) -> int:
        return self.list_id


class Handover(models.Model):
    """What becomes of a shared list when its only owner's account closes, as they have chosen.

    It goes with either membership, and the list goes to whom it goes where nobody has chosen.
    """

    membership = models.OneToOneField(
        Membership,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="handover",
    )
    # Nobody: the list goes with its owner.
    to = models.ForeignKey(
        Membership,
        verbose_name=_("next owner"),
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    closes_at = models.DateTimeField(_("for an account that closes"))

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")

    def __str__(self) -> str:
        return f"{self.membership_id}"
