"""The variables of the environment: what `.ebextensions` and the stack's template set."""

import secrets
from pathlib import Path

from deploy.eb_settings import ENVIRONMENT, SECRETS, settings_of_template
from deploy.rehearse.instance import DATABASE_CA, Instance, configuration
from deploy.rehearse.world import PASSWORD, SENDER, SITE, World
from tests.deployment.moto import REGION

TEMPLATE = Path(__file__).resolve().parent.parent / "infra.yaml"


def environment(world: World, instance: Instance) -> dict[str, str]:
    """All variables, as an instance gets them behind CloudFront.

    Raises AssertionError for a variable that the template sets and that has no value here: a
    rehearsal must not leave out what the real thing has.
    """
    ours = configuration(instance.staging)["option_settings"][ENVIRONMENT]
    assert ours["DATABASE_CA"] == DATABASE_CA
    values = from_the_stack(world)
    unknown = named_by_template() - values.keys()
    assert not unknown, f"give {unknown} a value in {__file__}"
    from_template = {name: values[name] for name in sorted(named_by_template())}
    return ours | from_template | in_this_world(world, instance)


def named_by_template() -> set[str]:
    settings = settings_of_template(TEMPLATE.name, TEMPLATE.read_text())
    return {each.name for each in settings if each.namespace in (ENVIRONMENT, SECRETS)}


def from_the_stack(world: World) -> dict[str, str]:
    return {
        "ALLOWED_HOSTS": SITE,
        "AWS_REGION": REGION,
        "BASE_URL": f"https://{SITE}",
        "CLOUDWATCH_NAME": "rehearsal",
        "COGNITO_CLIENT_ID": "rehearsal",
        "COGNITO_ISSUER": f"https://cognito-idp.{REGION}.amazonaws.com/rehearsal",
        "CORS_ALLOWED_ORIGINS": "https://app.example.org https://other.example.org",
        "CSRF_TRUSTED_ORIGINS": f"https://{SITE}",
        "EMAIL_FROM": SENDER,
        "EMAIL_URL": "ses://",
        "EMAIL_VERIFICATION": "optional",
        "FORWARDED_PROTO_HEADER": "CloudFront-Forwarded-Proto",
        "MEDIA_BUCKET": world.media_bucket,
        "RDS_DB_NAME": "tasklist",
        "RDS_HOSTNAME": "127.0.0.1",
        "RDS_PASSWORD": PASSWORD,
        "RDS_PORT": str(world.database_port),
        "RDS_USERNAME": "tasklist",
        "REGISTRATION": "open",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "STATIC_BUCKET": world.static_bucket,
        "STATIC_DOMAIN": world.cdn,
        "TRUSTED_PROXIES": "3",
    }


def in_this_world(world: World, instance: Instance) -> dict[str, str]:
    """What differs only since everything is on one machine, below a folder."""
    return {
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{world.metadata_port}",
        "AWS_ENDPOINT_URL": world.aws,
        "DATABASE_CA": f"{instance.root}{DATABASE_CA}",
        "PORT": str(world.application_port),
        "RDS_CA_URL": world.certificates.authority.as_uri(),
        "SMOKE_URL": f"http://127.0.0.1:{instance.port}",
        "SSL_CERT_FILE": str(world.certificates.authority),
    }
