"""What is wrong with the files of a bundle: hooks, start command, requirements, what is missing."""

import json
import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from deploy.contents import Bundle
from deploy.lint_gunicorn import on_port_8000

REQUIRED = (
    *("Procfile", "gunicorn.conf.py", "manage.py", "requirements.txt", "requirements/base.txt"),
    *("staticfiles.json", ".ebextensions/90_release.config"),
    *(".platform/hooks/prebuild/10_rds_ca.sh", ".platform/hooks/predeploy/20_migrations.sh"),
    *(".platform/hooks/postdeploy/90_smoke.sh", ".platform/confighooks/predeploy/10_check.sh"),
    ".platform/hooks/postdeploy/80_worker_log.sh",
)
# Matched against the whole path and against each of its parts.
FORBIDDEN = (
    *(".env", ".env.*", ".git", ".venv", "venv", "node_modules", "__pycache__", ".aws", ".ssh"),
    *(".elasticbeanstalk", "tests", "var", "media", "static", "staticfiles", "deploy"),
    *("*.pyc", "*.sqlite3", "*.sqlite3-*", "*.sql", "*.dump", "*.zip", "*.log"),
    *("*.key", "*.pem", "*.p12", "*.pfx", "id_rsa*", "id_ed25519*", "*.tfstate*"),
)
HOOKS = (".platform/hooks", ".platform/confighooks")
STAGES = ("prebuild", "predeploy", "postdeploy")
PROCESS = re.compile(r"^([A-Za-z0-9_-]+):\s*(\S.*)$", re.MULTILINE)
CONFIG_OPTION = re.compile(r"(?:-c|--config)[ =](\S+)")
BIND_OPTION = re.compile(r"\s(?:-b|--bind)[ =](\S+)")
APPLICATION = re.compile(r"(?:^|\s)([\w.]+):\w+(?=\s|$)")
INCLUDED = re.compile(r"(?:-r|--requirement)[ =]?(\S+)")
# Of a first line such as #!/usr/bin/env -S bash -eu or #!/usr/bin/python3.13.
INTERPRETER = re.compile(rb"#! *(?:\S*/env +(?:-\S+ +)*)?(?:\S*/)?([a-z]+)")
HASHED = re.compile(r"\S+==\S+.*--hash=sha256:[0-9a-f]{64}")


def findings(bundle: Bundle) -> Iterator[str]:
    yield from missing_or_forbidden(bundle)
    yield from faults_of_manifest(bundle)
    yield from faults_of_procfile(bundle)
    yield from faults_of_nginx(bundle)
    yield from faults_of_requirements(bundle, "requirements.txt")
    for folder in HOOKS:
        for path in sorted(bundle.below(folder)):
            yield from faults_of_hook(bundle, path)


def missing_or_forbidden(bundle: Bundle) -> Iterator[str]:
    for path in REQUIRED:
        if path not in bundle.files:
            yield f"{path}: is missing. Commit it, and let .ebignore keep it."
    for path in sorted(bundle.files):
        parts = PurePosixPath(path).parts
        if any(fnmatchcase(part, pattern) for part in parts for pattern in FORBIDDEN):
            yield f"{path}: does not belong into a bundle. Leave it out by .ebignore."


def faults_of_manifest(bundle: Bundle) -> Iterator[str]:
    try:
        paths = json.loads(bundle.text("staticfiles.json") or '{"paths": true}').get("paths")
    except (ValueError, AttributeError):
        paths = None
    if not paths:
        yield "staticfiles.json: names no static files. Run make bundle again."


def faults_of_procfile(bundle: Bundle) -> Iterator[str]:
    """The web process, which the load balancer reaches through nginx on port 8000."""
    processes = dict(PROCESS.findall(bundle.text("Procfile")))
    if "web" not in processes:
        yield "Procfile: has no process web. Add one."
    for address in BIND_OPTION.findall(processes.get("web", "")):
        if not on_port_8000(address):
            yield f"Procfile: web listens on {address}, nginx asks on port 8000. Correct it."
    for name, command in processes.items():
        for path in CONFIG_OPTION.findall(command):
            if path not in bundle.files:
                yield f"Procfile: {name} reads {path}, which is not in the bundle. Add it."
        for module in APPLICATION.findall(command):
            if not has_module(bundle, module):
                yield f"Procfile: {name} starts {module}, which is not in the bundle. Correct it."


def has_module(bundle: Bundle, module: str) -> bool:
    path = module.replace(".", "/")
    return f"{path}.py" in bundle.files or f"{path}/__init__.py" in bundle.files


def faults_of_nginx(bundle: Bundle) -> Iterator[str]:
    for path in bundle.below(".platform/nginx/conf.d"):
        directly = path.count("/") == 3  # then it is included outside of the server
        if directly and re.search(r"^\s*location\s", bundle.text(path), re.MULTILINE):
            yield f"{path}: a location breaks nginx here. Move it to conf.d/elasticbeanstalk/."


def faults_of_requirements(bundle: Bundle, path: str) -> Iterator[str]:
    """One pin without a hash makes pip refuse all of them, on the instance."""
    for line in bundle.text(path).replace("\\\n", " ").splitlines():
        requirement = line.partition(" #")[0].strip()
        if included := INCLUDED.match(requirement):
            other = str(PurePosixPath(path).parent / included[1])
            if other in bundle.files:
                yield from faults_of_requirements(bundle, other)
            else:
                yield f"{path}: includes {other}, which is not in the bundle. Add it."
        elif requirement and requirement[0] not in "#-" and not HASHED.match(requirement):
            name = re.split(r"[\s=<>~!;\[]", requirement)[0]
            yield f"{path}: {name} has no version with a hash. Run make lock."


def faults_of_hook(bundle: Bundle, path: str) -> Iterator[str]:
    content = bundle.files[path]
    if PurePosixPath(path).parts[2] not in STAGES:
        yield f"{path}: no such stage runs. Move it to one of {', '.join(STAGES)}."
    if not content.startswith(b"#!/"):
        yield f"{path}: does not say what runs it. Begin it with #!/usr/bin/env bash."
    if not bundle.modes[path] & 0o100:
        yield f"{path}: has no run bit. Run git update-index --chmod=+x {path}."
    if b"\r" in content:
        yield f"{path}: has line ends of Windows. Save it with those of Unix."
    elif fault := syntax_fault(content):
        yield f"{path}: {fault}. Correct it."


def syntax_fault(script: bytes) -> str:
    """Who cannot read a script and why; empty where it can be read, or in another language."""
    interpreter = INTERPRETER.match(script)
    language = interpreter[1] if interpreter else b""
    if language in (b"sh", b"bash") and (fault := fault_of_bash(script)):
        return f"bash cannot read it ({fault})"
    if language == b"python" and (fault := fault_of_python(script)):
        return f"Python cannot read it ({fault})"
    return ""


def fault_of_bash(script: bytes) -> str:
    result = subprocess.run(["bash", "-n"], input=script, capture_output=True, check=False)
    return result.stderr.decode(errors="replace").strip().partition("\n")[0]


def fault_of_python(script: bytes) -> str:
    try:
        compile(script, "hook", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return str(error)
    return ""
