"""A round trip with the client that openapi-generator makes for Python: a list, a designation with its events, a problem."""

import os

from registry import ApiClient, Configuration, DesignationsApi, OrderIssuedEvent, VendorCreate, VendorKind, VendorsApi
from registry.exceptions import UnprocessableEntityException

configuration = Configuration(host=os.environ["REGISTRY_URL"], access_token=os.environ["REGISTRY_ANALYST_KEY"])
with ApiClient(configuration) as client:
    vendors, designations = VendorsApi(client), DesignationsApi(client)

    found = vendors.list_vendors(country=["US", "CN"], limit=500).items
    assert len(found) > 1 and all(vendor.country in ("US", "CN") for vendor in found), found

    listed = designations.list_designations(limit=1).items[0]
    read = designations.get_designation(id=listed.id)
    orders = [event.actual_instance for event in read.events if isinstance(event.actual_instance, OrderIssuedEvent)]
    assert orders and orders[0].sources, read.events

    try:
        vendors.create_vendor(vendor_create=VendorCreate(legal_name="Wrong", kind=VendorKind.COMPANY, country="ZZ"))
        raise AssertionError("a vendor of no country was created")
    except UnprocessableEntityException as refused:
        problem = refused.data
    assert problem is not None and problem.code == "invalid"
    assert problem.errors[0].pointer == "/country", problem
print("the round trip went well")
