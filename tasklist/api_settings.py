"""Settings of the API, which no environment varies."""

REST_FRAMEWORK = {
    # Tokens first: then whoever sends nothing is told to (401), and not forbidden (403).
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.Bearer",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "accounts.api.permissions.WithinScope",
    ],
    "DEFAULT_PARSER_CLASSES": ["tasklist.rest.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["tasklist.rest.renderers.OneJSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "tasklist.rest.schema.AutoSchema",
    "EXCEPTION_HANDLER": "tasklist.rest.errors.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tasklist",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tasklist.rest.schema.introduced",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": False},
}

# What pages of other sites may do, those of CORS_ALLOWED_ORIGINS: ask with a token, never with
# the cookies of somebody who is signed in here (CORS_ALLOW_CREDENTIALS stays off).
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type"),
    *("if-match", "if-none-match", "idempotency-key"),
]
CORS_EXPOSE_HEADERS = ["ETag", "Location", "Retry-After"]
