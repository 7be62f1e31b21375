from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actions import archives, events
from accounts.models import SecurityEvent
from accounts.requests import Request
from ledger.models import Job
from tasklist.downloads import download
from tasklist.pages import shows_a_form


@shows_a_form
def data(request: Request) -> HttpResponse:
    """What the person can take with them, or take away."""
    user = request.user
    if request.method == "POST":
        archives.ask(user=user, by=user)
        messages.success(request, _("Your archive has been asked for."))
        return redirect("accounts:data")
    job = archives.newest(user)
    if job and request.GET.get("seen") == f"{job.state}-{job.progress}":
        return HttpResponse(status=204, headers={"HX-Reswap": "none"})  # the page asks by itself
    is_open = job is not None and job.state in (Job.State.WAITING, Job.State.RUNNING)
    context = {"job": job, "is_open": is_open, "is_ready": job is not None and is_ready(job)}
    return render(request, "accounts/data.html", context)


@require_safe
def archive(request: Request) -> HttpResponseBase:
    """The newest archive of whoever asks: no address leads to anybody else's."""
    job = archives.newest(request.user)
    if job is None or not is_ready(job):
        raise Http404
    day = timezone.localdate(job.ended_at)
    response = download(job.file, called=f"tasklist-{request.user.username}-{day}.zip")
    if request.method == "GET":
        kind = SecurityEvent.Kind.ARCHIVE_DOWNLOADED
        events.note(user=request.user, kind=kind, by=request.user)
    return response


def is_ready(job: Job) -> bool:
    kept = job.expires_at is not None and job.expires_at > timezone.now()
    return job.state == Job.State.DONE and kept
