"""The addresses of a resource, and their names."""

from rest_framework.routers import DynamicRoute, Route, SimpleRouter

MANY = {"get": "list", "post": "create"}
ONE = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}


class Router(SimpleRouter):
    """DRF's own, with shorter names: `products` and `product`, not `product-list` and `-detail`.

    A viewset gets the addresses that it has methods for, and one for each further method that is
    marked `@action(detail=True)`: `products/<str:product_id>/stock/`, `product-stock`.
    """

    routes = [
        Route("{prefix}/", MANY, name="{basename}s", detail=False, initkwargs={}),
        Route("{prefix}/{lookup}/", ONE, name="{basename}", detail=True, initkwargs={}),
        DynamicRoute(
            "{prefix}/{lookup}/{url_path}/",
            name="{basename}-{url_name}",
            detail=True,
            initkwargs={},
        ),
    ]

    def __init__(self) -> None:
        super().__init__(use_regex_path=False)
