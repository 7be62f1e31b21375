"""What the team of `demo/team.py` sells."""

from ledger.actions.action import action
from products.actions import products
from tasks.models import TaskList

RESTOCKED_IN = "Customer care"

# ID, name, category, price, stock, reorder level, attributes
CATALOGUE: list[tuple[str, str, str, str, int, int | None, dict]] = [
    ("BAG-TOTE", "Canvas tote bag", "Accessories", "14.50", 64, None, {"weight": "210 g"}),
    ("BULB-E27", "LED bulb E27, warm", "Lighting", "6.95", 240, 50, {"watts": 8, "dimmable": True}),
    ("CABLE-C2", "USB-C cable", "Accessories", "12.90", 3, 20, {"length": "2 m"}),
    ("HEAD-7", "Headphones Seven", "Electronics", "149.00", 2, 10, {"colours": ["black", "sand"]}),
    ("KETTLE", "Kettle", "Kitchen", "54.90", 19, 8, {"volume": "1.2 l"}),
    ("LAMP-01", "Desk lamp Luma", "Lighting", "79.00", 12, 5, {"height": "42 cm"}),
    ("LAMP-02", "Floor lamp Luma", "Lighting", "189.00", 4, None, {"height": "160 cm"}),
    ("MUG-04", "Enamel mug", "Kitchen", "11.00", 88, 24, {"colours": ["blue", "white"]}),
    ("NOTE-A5", "Notebook A5, dotted", "Stationery", "9.80", 320, None, {"pages": 144}),
    ("PEN-BLK", "Fountain pen", "Stationery", "24.00", 41, None, {"nib": "M", "ink": "black"}),
    ("PHONE-Y", "Smartphone Model Y", "Electronics", "749.00", 36, None, {"storage_gb": 256}),
    ("STAND-3", "Laptop stand", "Accessories", "45.00", 27, None, {}),
]


@action
def fill(*, by: None) -> None:
    """A catalogue: two run low, and of one of them the team is told by a task."""
    told = {"HEAD-7": TaskList.objects.get(title=RESTOCKED_IN)}
    for product_id, name, category, price, stock, level, attributes in CATALOGUE:
        products.create(
            product_id=product_id,
            name=name,
            category=category,
            description=f"{name}, as it stands in the shop.",
            price=price,
            stock=stock,
            reorder_level=level,
            restock_list=told.get(product_id),
            attributes=attributes,
            by=by,
        )
